/** The next step of a Job, decided from it and its pods. */
import { withCondition } from '../../api/meta/conditions.ts'
import type { Live } from '../../api/meta/object.ts'
import { isPodReady } from '../../api/meta/pod.ts'
import type { Job, JobCondition, JobStatus } from '../../api/types/batch-v1.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { timestamp } from '../../lib/clock.ts'
import { deadlineInMs, endingOf, finishedBy, jobCondition, type Ending } from './ending.ts'
import { formatIndexes } from './indexes.ts'
import { isIndexed, isTracked, type WantedPod } from './job-pod.ts'
import { planPods } from './plan-pods.ts'
import { countsAsFailure, hasFailed, tallyOf, type Tally } from './tally.ts'

export interface JobObserved {
  readonly job: Live<Job>
  /** The pods that the job controls. */
  readonly pods: readonly Live<Pod>[]
  readonly nowMs: number
}

export interface JobEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

export interface JobPlan {
  readonly create: readonly WantedPod[]
  readonly remove: readonly Live<Pod>[]
  /** Pods to remove lose their finalizer first: their end is nobody's failure. */
  readonly uncounted: boolean
  readonly status: JobStatus
  /** What the status says of pods, once they have been created and removed. */
  readonly settled: Pick<JobStatus, 'active' | 'ready' | 'terminating'>
  /** Pods to let go, but not before the status is stored. */
  readonly release: readonly Live<Pod>[]
  readonly events: readonly JobEvent[]
  readonly requeueAfterMs: number | undefined
}

export function planJob(observed: JobObserved): JobPlan {
  const { job, pods, nowMs } = observed
  const nothing = { create: [], remove: [], uncounted: false, settled: {}, events: [], requeueAfterMs: undefined }
  if (finishedBy(job) !== undefined || job.metadata.deletionTimestamp !== undefined)
    return { ...nothing, status: job.status ?? {}, release: pods.filter(isTracked) }
  const tally = tallyOf(job, pods)
  const ending = endingOf(job, tally, nowMs)
  if (ending !== undefined) return ended(observed, tally, ending)
  const { status, events } = running(observed, tally)
  const suspended = job.spec?.suspend === true
  const change = suspended
    ? { create: [], remove: tally.active, requeueAfterMs: undefined }
    : planPods({ ...job, status }, pods, tally, nowMs)
  const waits = [change.requeueAfterMs, deadlineInMs({ ...job, status }, nowMs)].filter((wait) => wait !== undefined)
  return {
    create: change.create,
    remove: change.remove,
    uncounted: true,
    status,
    settled: settled(tally, change.create.length, change.remove),
    release: tally.release,
    events,
    requeueAfterMs: waits.length === 0 ? undefined : Math.min(...waits),
  }
}

function settled(tally: Tally, created: number, removed: readonly Live<Pod>[]): JobPlan['settled'] {
  return {
    active: tally.active.length + created - removed.length,
    ready: tally.ready - removed.filter(isPodReady).length,
    terminating: tally.terminating.length + removed.length,
  }
}

function counts(job: Live<Job>, tally: Tally): JobStatus {
  const { uncounted, succeeded, failed } = tally
  const { startTime, conditions } = job.status ?? {}
  return {
    ...(startTime === undefined ? {} : { startTime }),
    ...(conditions === undefined ? {} : { conditions }),
    active: tally.active.length,
    ready: tally.ready,
    terminating: tally.terminating.length,
    ...(succeeded === 0 ? {} : { succeeded }),
    ...(failed === 0 ? {} : { failed }),
    ...(isIndexed(job) ? { completedIndexes: formatIndexes(tally.completedIndexes) } : {}),
    ...(isIndexed(job) && job.spec?.backoffLimitPerIndex !== undefined
      ? { failedIndexes: formatIndexes(tally.failedIndexes) }
      : {}),
    uncountedTerminatedPods: {
      ...(uncounted.succeeded.length === 0 ? {} : { succeeded: [...uncounted.succeeded] }),
      ...(uncounted.failed.length === 0 ? {} : { failed: [...uncounted.failed] }),
    },
  }
}

const set = (
  conditions: readonly JobCondition[] | undefined,
  condition: Omit<JobCondition, 'lastTransitionTime' | 'lastProbeTime'>,
  nowMs: number,
): JobCondition[] => {
  const known = conditions?.find(({ type }) => type === condition.type)
  const { status, reason, message } = condition
  if (known?.status === status && known.reason === reason && known.message === message) return [...(conditions ?? [])]
  const now = timestamp(nowMs)
  return withCondition<JobCondition>(conditions, { ...condition, lastProbeTime: now }, now).conditions
}

/** The clock of a Job starts with it, and anew each time that it is resumed. */
function running({ job, nowMs }: JobObserved, tally: Tally): { status: JobStatus; events: JobEvent[] } {
  const status = counts(job, tally)
  const wasSuspended = jobCondition(job, 'Suspended') !== undefined
  if (job.spec?.suspend === true) {
    if (wasSuspended) return { status, events: [] }
    const condition = { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' }
    return {
      status: { ...status, conditions: set(status.conditions, condition, nowMs) },
      events: [{ type: 'Normal', reason: 'Suspended', message: 'Job suspended' }],
    }
  }
  if (!wasSuspended) return { status: { startTime: timestamp(nowMs), ...status }, events: [] }
  const condition = { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' }
  return {
    status: { ...status, startTime: timestamp(nowMs), conditions: set(status.conditions, condition, nowMs) },
    events: [{ type: 'Normal', reason: 'Resumed', message: 'Job resumed' }],
  }
}

/** First the end is announced and the pods go; when the last one is gone and counted, it is reached. */
function ended(observed: JobObserved, tally: Tally, ending: Ending): JobPlan {
  const { job, pods, nowMs } = observed
  const { type, reason, message } = ending
  const target = type === 'Failed' ? 'FailureTarget' : 'SuccessCriteriaMet'
  const status = { startTime: timestamp(nowMs), ...counts(job, tally) }
  const announcedIt = set(status.conditions, { type: target, status: 'True', reason, message }, nowMs)
  const { active, terminating, more, uncounted } = tally
  const plan = { create: [], remove: active, uncounted: false, requeueAfterMs: undefined }
  const release = more ? tally.release : pods.filter(isTracked)
  const failed = more ? [...uncounted.failed] : [...uncounted.failed, ...failedByEnd(observed, tally, type)]
  if (more || release.length + uncounted.succeeded.length + failed.length + active.length + terminating.length > 0) {
    const uncountedTerminatedPods = { ...status.uncountedTerminatedPods, ...(failed.length === 0 ? {} : { failed }) }
    const announcing = { ...status, conditions: announcedIt, uncountedTerminatedPods }
    return { ...plan, release, status: announcing, settled: settled(tally, 0, active), events: [] }
  }
  const conditions = set(announcedIt, { type, status: 'True', reason, message }, nowMs)
  const completionTime = type === 'Complete' ? { completionTime: timestamp(nowMs) } : {}
  const events = eventsOfEnd(job, tally, ending)
  return { ...plan, release, status: { ...status, conditions, ...completionTime }, settled: {}, events }
}

/** No index is tried again: pods that held their history count like all others. A Job that fails, fails its last pods. */
function failedByEnd({ job, pods }: JobObserved, tally: Tally, type: Ending['type']): string[] {
  const released = new Set(tally.release)
  const known = new Set(tally.uncounted.failed)
  const isFailure = (pod: Live<Pod>): boolean =>
    !released.has(pod) &&
    !known.has(pod.metadata.uid) &&
    (type === 'Failed' || hasFailed(job, pod)) &&
    countsAsFailure(job, pod)
  return pods.filter((pod) => isTracked(pod) && isFailure(pod)).map(({ metadata }) => metadata.uid)
}

function eventsOfEnd({ spec }: Job, { succeeded }: Tally, { type, reason, message }: Ending): JobEvent[] {
  if (type === 'Failed') return [{ type: 'Warning', reason, message }]
  const completed: JobEvent = { type: 'Normal', reason: 'Completed', message: 'Job completed' }
  if (succeeded <= (spec?.completions ?? Infinity)) return [completed]
  const surplus = 'Too many succeeded pods running after completion count reached'
  return [{ type: 'Warning', reason: 'TooManySucceededPods', message: surplus }, completed]
}
