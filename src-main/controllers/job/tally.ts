/** Counts the pods of a Job: who runs, who has ended how, and whose end is still to be written down. */
import type { Live } from '../../api/meta/object.ts'
import { isPodReady, isTerminated, isTerminating } from '../../api/meta/pod.ts'
import type { Job, JobStatus } from '../../api/types/batch-v1.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { failureVerdict, type FailureVerdict } from './failure-policy.ts'
import { parseIndexes } from './indexes.ts'
import { historyOf, indexOf, isIndexed, isTracked } from './job-pod.ts'

export interface Tally {
  readonly active: readonly Live<Pod>[]
  readonly terminating: readonly Live<Pod>[]
  readonly ready: number
  /** Counted for good: their pods are free. */
  readonly succeeded: number
  readonly failed: number
  /** Uids that the status has to name until their pods have lost the finalizer. */
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] }
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

/** With replacement only after failure, a pod that is going has not failed yet. */
export const replacesOnlyFailed = ({ spec }: Job): boolean =>
  (spec?.podReplacementPolicy ?? (spec?.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed')) === 'Failed'

export function hasFailed(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true
  return isTerminating(pod) && pod.status?.phase !== 'Succeeded' && !replacesOnlyFailed(job)
}

export function tallyOf(job: Live<Job>, pods: readonly Live<Pod>[]): Tally {
  const counter = new Counter(job)
  const held = new Set(pods.filter(isTracked).map(({ metadata }) => metadata.uid))
  counter.settle(held)
  for (const pod of pods) if (isTracked(pod)) counter.add(pod)
  counter.finishIndexes(pods)
  const active = pods.filter((pod) => !isTerminated(pod) && !isTerminating(pod))
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
    this.release.push(pod)
    if (!isIndexed(this.job)) this.uncounted.succeeded.add(pod.metadata.uid)
    else if (index !== undefined && index < this.limit && !this.failedAt.has(index)) this.completed.add(index)
  }

  private addFailure(pod: Live<Pod>): void {
    const verdict = failureVerdict(this.job, pod)
    if (verdict.action === 'FailJob') this.failJob ??= verdict.message
    const index = indexOf(pod)
    if (this.perIndex && index !== undefined && index < this.limit) this.failures.push({ pod, index, verdict })
    else this.countFailure(pod, verdict)
  }

  private countFailure(pod: Live<Pod>, verdict: FailureVerdict): void {
    this.release.push(pod)
    if (verdict.action !== 'Ignore') this.uncounted.failed.add(pod.metadata.uid)
  }

  /** The last failure of an index stays until it has a successor, for it alone knows how often the index has failed. */
  finishIndexes(pods: readonly Live<Pod>[]): void {
    const limit = this.job.spec?.backoffLimitPerIndex ?? 0
    for (const { pod, index, verdict } of this.failures) {
      const { failures } = historyOf(pod)
      if (verdict.action === 'FailIndex' || (verdict.action === 'Count' && failures + 1 > limit)) {
        if (!this.completed.has(index)) this.failedAt.add(index)
      }
    }
    for (const { pod, index, verdict } of this.failures) {
      const done = this.completed.has(index) || this.failedAt.has(index)
      const { failures, ignored } = historyOf(pod)
      const succeededBy = pods.some((other) => {
        if (other === pod || indexOf(other) !== index) return false
        const later = historyOf(other)
        return later.failures + later.ignored > failures + ignored
      })
      if (done || succeededBy) this.countFailure(pod, verdict)
      else this.lastFailure.set(index, pod)
    }
  }

  result(): Omit<Tally, 'active' | 'terminating' | 'ready'> {
    const { completed, failedAt, uncounted, release, lastFailure, failed, failJob, job } = this
    return {
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
