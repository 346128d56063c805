/** Counts the pods of a Job: who runs, who has ended how, and whose end is still to be written down. */
import type { Live } from '../../api/meta/object.ts'
import { isPodReady, isTerminated, isTerminating } from '../../api/meta/pod.ts'
import type { Job, JobStatus } from '../../api/types/batch-v1.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { failureVerdict, type FailureVerdict } from './failure-policy.ts'
import { parseIndexes } from './indexes.ts'
import { historyOf, indexOf, isIndexed, isTracked } from './job-pod.ts'
import { finishedAt } from './finished-at.ts'

export interface Tally {
  readonly active: readonly Live<Pod>[]
  readonly terminating: readonly Live<Pod>[]
  readonly ready: number
  /** Counted for good: their pods are free. */
  readonly succeeded: number
  readonly failed: number
  /** Uids that the status has to name until their pods have lost the finalizer. */
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] }
  /** All failures that count against the limit, also those whose pods still hold an index's history. */
  readonly failures: number
  /** More pods have ended than are counted at once: the rest comes when these are free. */
  readonly more: boolean
  /** Only for indexed jobs. */
  readonly completedIndexes: ReadonlySet<number>
  /** Only with a backoff limit for each index. */
  readonly failedIndexes: ReadonlySet<number>
  /** Pods whose end is told by the rest of this tally: once that is stored, they may go. */
  readonly release: readonly Live<Pod>[]
  /** The pod that failed last at each index that is still to succeed; it holds the index's history. */
  readonly lastFailure: ReadonlyMap<number, Live<Pod>>
  /** The failure policy ends the job. */
  readonly failJob: string | undefined
}

/** So many uids at most stand in a status at once, which keeps it small. */
const mostUncounted = 500

/** With replacement only after failure, a pod that is going has not failed yet. */
export const replacesOnlyFailed = ({ spec }: Job): boolean =>
  (spec?.podReplacementPolicy ?? (spec?.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed')) === 'Failed'

export function hasFailed(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true
  return isTerminating(pod) && pod.status?.phase !== 'Succeeded' && !replacesOnlyFailed(job)
}

/** Pods without a place in an indexed job, and those that the failure policy overlooks, come to nothing. */
export function countsAsFailure(job: Job, pod: Live<Pod>, verdict = failureVerdict(job, pod)): boolean {
  if (verdict.action === 'Ignore') return false
  return !isIndexed(job) || (indexOf(pod) ?? Infinity) < (job.spec?.completions ?? 0)
}

export function tallyOf(job: Live<Job>, pods: readonly Live<Pod>[]): Tally {
  const counter = new Counter(job)
  const held = new Set(pods.filter(isTracked).map(({ metadata }) => metadata.uid))
  counter.settle(held)
  for (const pod of pods) if (isTracked(pod)) counter.add(pod)
  const active = pods.filter((pod) => !isTerminated(pod) && !isTerminating(pod))
  counter.finishIndexes(new Set(active.map(indexOf)))
  return {
    ...counter.result(),
    active,
    terminating: pods.filter((pod) => isTerminating(pod) && !isTerminated(pod)),
    ready: active.filter(isPodReady).length,
  }
}

class Counter {
  private readonly job: Live<Job>
  private readonly limit: number
  private readonly perIndex: boolean
  private readonly completed: Set<number>
  private readonly failedAt: Set<number>
  private readonly uncounted: { succeeded: Set<string>; failed: Set<string> }
  private readonly release: Live<Pod>[] = []
  /** Failures that may hold an index's history, with their verdicts. */
  private readonly failures: { readonly pod: Live<Pod>; readonly index: number; readonly verdict: FailureVerdict }[] =
    []
  private readonly lastFailure = new Map<number, Live<Pod>>()
  private succeeded: number
  private failed: number
  private held = 0
  private more = false
  private failJob: string | undefined

  constructor(job: Live<Job>) {
    const status: JobStatus = job.status ?? {}
    this.job = job
    this.limit = job.spec?.completions ?? 0
    this.perIndex = isIndexed(job) && job.spec?.backoffLimitPerIndex !== undefined
    this.completed = isIndexed(job) ? parseIndexes(status.completedIndexes, this.limit) : new Set()
    this.failedAt = this.perIndex ? parseIndexes(status.failedIndexes, this.limit) : new Set()
    const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {}
    this.uncounted = { succeeded: new Set(succeeded), failed: new Set(failed) }
    this.succeeded = status.succeeded ?? 0
    this.failed = status.failed ?? 0
  }

  /** Pods that the status names and that have lost the finalizer since are counted for good. */
  settle(held: ReadonlySet<string>): void {
    for (const uid of this.uncounted.succeeded)
      if (!held.has(uid) && this.uncounted.succeeded.delete(uid)) this.succeeded++
    for (const uid of this.uncounted.failed) if (!held.has(uid) && this.uncounted.failed.delete(uid)) this.failed++
  }

  add(pod: Live<Pod>): void {
    const { uid } = pod.metadata
    if (this.uncounted.succeeded.has(uid) || this.uncounted.failed.has(uid)) this.release.push(pod)
    else if (pod.status?.phase === 'Succeeded') this.addSuccess(pod)
    else if (hasFailed(this.job, pod)) this.addFailure(pod)
  }

  private addSuccess(pod: Live<Pod>): void {
    const index = indexOf(pod)
    if (!this.frees(pod)) return
    if (!isIndexed(this.job)) this.uncounted.succeeded.add(pod.metadata.uid)
    else if (this.fits(index) && !this.failedAt.has(index)) this.completed.add(index)
  }

  private addFailure(pod: Live<Pod>): void {
    const verdict = failureVerdict(this.job, pod)
    if (verdict.action === 'FailJob') this.failJob ??= verdict.message
    const index = indexOf(pod)
    if (this.perIndex && this.fits(index)) this.failures.push({ pod, index, verdict })
    else this.countFailure(pod, verdict)
  }

  private frees(pod: Live<Pod>): boolean {
    if (this.release.length >= mostUncounted) this.more = true
    else this.release.push(pod)
    return !this.more
  }

  private fits(index: number | undefined): index is number {
    return index !== undefined && index < this.limit
  }

  private countFailure(pod: Live<Pod>, verdict: FailureVerdict): void {
    if (!this.frees(pod)) return
    if (countsAsFailure(this.job, pod, verdict)) this.uncounted.failed.add(pod.metadata.uid)
  }

  /** The last failure of an index stays until it has a successor, for it alone knows how often the index has failed. */
  finishIndexes(active: ReadonlySet<number | undefined>): void {
    const limit = this.job.spec?.backoffLimitPerIndex ?? 0
    for (const { pod, index, verdict } of this.failures) {
      const { failures } = historyOf(pod)
      if (verdict.action === 'FailIndex' || (verdict.action === 'Count' && failures + 1 > limit)) {
        if (!this.completed.has(index)) this.failedAt.add(index)
      }
    }
    const last = new Map<number, Live<Pod>>()
    for (const { pod, index } of this.failures) {
      if (this.completed.has(index) || this.failedAt.has(index) || active.has(index)) continue
      const other = last.get(index)
      if (other === undefined || isLater(pod, other)) last.set(index, pod)
    }
    for (const { pod, index, verdict } of this.failures) {
      if (last.get(index) !== pod) this.countFailure(pod, verdict)
      else {
        this.lastFailure.set(index, pod)
        if (verdict.action !== 'Ignore') this.held++
      }
    }
  }

  result(): Omit<Tally, 'active' | 'terminating' | 'ready'> {
    const { completed, failedAt, uncounted, release, lastFailure, failed, held, more, failJob, job } = this
    return {
      failures: failed + uncounted.failed.size + held,
      more,
      succeeded: isIndexed(job) ? completed.size : this.succeeded,
      failed,
      uncounted: { succeeded: [...uncounted.succeeded], failed: [...uncounted.failed] },
      completedIndexes: completed,
      failedIndexes: failedAt,
      release,
      lastFailure,
      failJob,
    }
  }
}

function isLater(pod: Live<Pod>, other: Live<Pod>): boolean {
  const [mine, others] = [historyOf(pod), historyOf(other)]
  const more = mine.failures + mine.ignored - others.failures - others.ignored
  return more >= 0 && finishedAt(pod) >= finishedAt(other)
}
