/** How many pods a running Job should have, and at which indexes. */
import type { Live } from '../../api/meta/object.ts'
import type { Job } from '../../api/types/batch-v1.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { activeOrder } from '../replicaset/deletion-order.ts'
import { failureVerdict } from './failure-policy.ts'
import { finishedAt } from './finished-at.ts'
import { historyOf, indexOf, isIndexed, type IndexHistory, type WantedPod } from './job-pod.ts'
import { hasFailed, replacesOnlyFailed, type Tally } from './tally.ts'

const firstPauseMs = 10_000
const longestPauseMs = 10 * 60_000
/** At most so many pods are created in one go. */
const burst = 500

export interface PodsPlan {
  readonly create: readonly WantedPod[]
  readonly remove: readonly Live<Pod>[]
  readonly requeueAfterMs: number | undefined
}

const nothing: PodsPlan = { create: [], remove: [], requeueAfterMs: undefined }

export function planPods(job: Live<Job>, pods: readonly Live<Pod>[], tally: Tally, nowMs: number): PodsPlan {
  const { active, terminating } = tally
  const wanted = wantedActive(job, tally)
  const remove = surplusPods(job, active, active.length - wanted).slice(0, burst)
  // Either pods go or pods come: the next step sees what this one did.
  if (remove.length > 0) return { create: [], remove, requeueAfterMs: undefined }
  const missing = Math.min(burst, wanted - active.length - (replacesOnlyFailed(job) ? terminating.length : 0))
  if (missing <= 0) return nothing
  if (isIndexed(job) && job.spec?.backoffLimitPerIndex !== undefined)
    return { ...indexesWithHistory(job, tally, missing, nowMs), remove }
  const waitMs = pauseMs(job, pods, nowMs)
  if (waitMs > 0) return { ...nothing, requeueAfterMs: waitMs }
  const create = isIndexed(job)
    ? freeIndexes(job, tally, missing).map((index) => ({ index }))
    : Array.from({ length: missing }, () => ({}))
  return { create, remove, requeueAfterMs: undefined }
}

function wantedActive({ spec }: Job, tally: Tally): number {
  const parallelism = spec?.parallelism ?? 1
  const succeeded = tally.succeeded + tally.uncounted.succeeded.length
  // Without a number of completions, the first success says that the work is done: the others finish what they have.
  if (spec?.completions === undefined) return succeeded > 0 ? tally.active.length : parallelism
  return Math.max(0, Math.min(parallelism, spec.completions - succeeded))
}

/** Pods beyond the last index or second ones at an index, and then as many as are too many: the least useful first. */
function surplusPods(job: Job, active: readonly Live<Pod>[], tooMany: number): Live<Pod>[] {
  const ordered = activeOrder(active)
  const misplaced = isIndexed(job) ? misplacedPods(job, ordered) : new Set<Live<Pod>>()
  const rest = ordered.filter((pod) => !misplaced.has(pod))
  return [...misplaced, ...rest.slice(0, Math.max(0, tooMany - misplaced.size))]
}

function misplacedPods({ spec }: Job, ordered: readonly Live<Pod>[]): Set<Live<Pod>> {
  const best = new Map(ordered.map((pod) => [indexOf(pod), pod]))
  const fits = (pod: Live<Pod>): boolean => {
    const index = indexOf(pod)
    return index !== undefined && index < (spec?.completions ?? 0) && best.get(index) === pod
  }
  return new Set(ordered.filter((pod) => !fits(pod)))
}

function freeIndexes(job: Job, tally: Tally, atMost: number): number[] {
  const { active, terminating, completedIndexes, failedIndexes } = tally
  const present = replacesOnlyFailed(job) ? [...active, ...terminating] : active
  const taken = new Set(present.map(indexOf))
  const free: number[] = []
  for (let index = 0; index < (job.spec?.completions ?? 0) && free.length < atMost; index++)
    if (!taken.has(index) && !completedIndexes.has(index) && !failedIndexes.has(index)) free.push(index)
  return free
}

function indexesWithHistory(job: Job, tally: Tally, missing: number, nowMs: number): Omit<PodsPlan, 'remove'> {
  const create: WantedPod[] = []
  let soonest: number | undefined
  for (const index of freeIndexes(job, tally, Infinity)) {
    if (create.length === missing) break
    const last = tally.lastFailure.get(index)
    const history = last === undefined ? { failures: 0, ignored: 0 } : historyAfter(job, last)
    const waitMs = last === undefined ? 0 : finishedAt(last) + growingPause(history.failures + history.ignored) - nowMs
    if (waitMs > 0) soonest = Math.min(soonest ?? Infinity, waitMs)
    else create.push({ index, history })
  }
  return { create, requeueAfterMs: soonest }
}

function historyAfter(job: Job, failed: Live<Pod>): IndexHistory {
  const { failures, ignored } = historyOf(failed)
  return failureVerdict(job, failed).action === 'Ignore'
    ? { failures, ignored: ignored + 1 }
    : { failures: failures + 1, ignored }
}

const growingPause = (failures: number): number =>
  failures === 0 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1))

/** After failures in a row, a pause that doubles with each. A success ends the row. */
function pauseMs(job: Job, pods: readonly Live<Pod>[], nowMs: number): number {
  const succeeded = pods.filter(({ status }) => status?.phase === 'Succeeded').map(finishedAt)
  const lastSuccess = Math.max(-Infinity, ...succeeded)
  const failed = pods.filter((pod) => hasFailed(job, pod)).map(finishedAt)
  const row = failed.filter((time) => time > lastSuccess)
  return row.length === 0 ? 0 : Math.max(0, Math.max(...row) + growingPause(row.length) - nowMs)
}
