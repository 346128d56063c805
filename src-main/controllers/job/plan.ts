/** The next step of a Job, decided from it and its pods. */
import { withCondition } from '../../api/meta/conditions.ts'
import type { Live } from '../../api/meta/object.ts'
import type { Job, JobCondition, JobStatus } from '../../api/types/batch-v1.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { timestamp } from '../../lib/clock.ts'
import { deadlineInMs, endingOf, finishedBy, jobCondition, type Ending } from './ending.ts'
import { formatIndexes } from './indexes.ts'
import { isIndexed, isTracked, type WantedPod } from './job-pod.ts'
import { planPods } from './plan-pods.ts'
import { tallyOf, type Tally } from './tally.ts'

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
  readonly status: JobStatus
  /** Pods to let go, but not before the status is stored. */
  readonly release: readonly Live<Pod>[]
  readonly events: readonly JobEvent[]
  readonly requeueAfterMs: number | undefined
}

export function planJob(observed: JobObserved): JobPlan {
  const { job, pods, nowMs } = observed
  const nothing = { create: [], remove: [], events: [], requeueAfterMs: undefined }
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
    status,
    release: tally.release,
    events,
    requeueAfterMs: waits.length === 0 ? undefined : Math.min(...waits),
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
  if (known?.status === condition.status && known.reason === condition.reason) return [...(conditions ?? [])]
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
function ended({ job, nowMs }: JobObserved, tally: Tally, { type, reason, message }: Ending): JobPlan {
  const target = type === 'Failed' ? 'FailureTarget' : 'SuccessCriteriaMet'
  const status = { startTime: timestamp(nowMs), ...counts(job, tally) }
  const announcedIt = set(status.conditions, { type: target, status: 'True', reason, message }, nowMs)
  const { uncounted, active, terminating } = tally
  // No index will be tried again: the pods that held their history count like all others.
  const held = [...tally.lastFailure.values()]
  const release = [...tally.release, ...held]
  const open = uncounted.succeeded.length + uncounted.failed.length + active.length + terminating.length
  const plan = { create: [], remove: active, release, requeueAfterMs: undefined }
  if (open + release.length > 0) {
    const failed = [...uncounted.failed, ...held.map(({ metadata }) => metadata.uid)]
    const uncountedTerminatedPods = { ...status.uncountedTerminatedPods, ...(failed.length === 0 ? {} : { failed }) }
    return { ...plan, status: { ...status, conditions: announcedIt, uncountedTerminatedPods }, events: [] }
  }
  const conditions = set(announcedIt, { type, status: 'True', reason, message }, nowMs)
  return {
    ...plan,
    status: { ...status, conditions, ...(type === 'Complete' ? { completionTime: timestamp(nowMs) } : {}) },
    events: [
      type === 'Complete'
        ? { type: 'Normal', reason: 'Completed', message: 'Job completed' }
        : { type: 'Warning', reason, message },
    ],
  }
}
