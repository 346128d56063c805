/** What a CronJob has to do now: which job to start, which to end, and what to forget. */
import { cronJob as cronJobKind } from '../../api/kinds/batch/cron-job.ts'
import { job as jobKind } from '../../api/kinds/batch/job.ts'
import type { Live } from '../../api/meta/object.ts'
import { ownerReference } from '../../api/meta/owner-references.ts'
import type { CronJob, CronJobStatus, Job } from '../../api/types/batch-v1.ts'
import { timestamp } from '../../lib/clock.ts'
import { finishedBy } from '../job/ending.ts'
import {
  nextAfter,
  parseSchedule,
  ScheduleError,
  timeZone,
  utc,
  type Schedule,
  type TimeZone,
} from '../../api/kinds/batch/schedule.ts'

export interface CronJobObserved {
  readonly cronJob: Live<CronJob>
  /** The jobs that it controls. */
  readonly jobs: readonly Live<Job>[]
  readonly nowMs: number
}

export interface CronJobEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

export interface CronJobPlan {
  readonly create: Job | undefined
  /** Jobs that make room for the one that is created. */
  readonly replace: readonly Live<Job>[]
  /** Jobs to forget, but not before the status is stored: it tells that their times were served. */
  readonly remove: readonly Live<Job>[]
  readonly events: readonly CronJobEvent[]
  /** Without the job that is created now: its uid is only known afterwards. */
  readonly status: CronJobStatus
  readonly requeueAfterMs: number | undefined
}

/** More missed times than this point to a wrong clock or a long stop, and deserve a word. */
const manyMissed = 100
/** Kubernetes' words for a schedule whose next time is none. */
const neverFires = 'time difference between two schedules is less than 1 second'

export function planCronJob(observed: CronJobObserved): CronJobPlan {
  const { cronJob, jobs } = observed
  const { active, status, events } = takeStock(observed)
  const remove = superfluous(cronJob, jobs)
  const done = { create: undefined, replace: [], remove, events, status, requeueAfterMs: undefined }
  if (cronJob.metadata.deletionTimestamp !== undefined) return done
  try {
    const { schedule = '', suspend, timeZone: zoneName } = cronJob.spec ?? {}
    const zone = zoneName === undefined ? utc : timeZone(zoneName)
    if (suspend === true) return done
    return { ...done, ...start(observed, parseSchedule(schedule), zone, { active, status, events }) }
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error
    return { ...done, events: [...events, unreadable(cronJob, error)] }
  }
}

function unreadable({ spec }: CronJob, error: ScheduleError): CronJobEvent {
  const quoted = (text = ''): string => JSON.stringify(text)
  return error.message.startsWith('unknown time zone')
    ? {
        ...{ type: 'Warning', reason: 'UnknownTimeZone' },
        message: `invalid timeZone: ${quoted(spec?.timeZone)}: ${error.message}`,
      }
    : {
        ...{ type: 'Warning', reason: 'UnparseableSchedule' },
        message: `unparseable schedule: ${quoted(spec?.schedule)} : ${error.message}`,
      }
}

interface Stock {
  readonly active: readonly Live<Job>[]
  readonly status: CronJobStatus
  readonly events: readonly CronJobEvent[]
}

const scheduledAt = 'batch.kubernetes.io/cronjob-scheduled-timestamp'
const nameFor = ({ metadata }: Live<CronJob>, dueMs: number): string => `${metadata.name}-${Math.floor(dueMs / 60_000)}`

/** Whether the job was started here for one of the schedule's times: a crash may come before the status names it. */
const isScheduled = (cronJob: Live<CronJob>, { metadata }: Live<Job>): boolean =>
  metadata.name === nameFor(cronJob, Date.parse(metadata.annotations?.[scheduledAt] ?? ''))

/** Running jobs that are the CronJob's, though nobody started them for its schedule: somebody made them from it. */
export function strangersOf(cronJob: Live<CronJob>, jobs: readonly Live<Job>[]): Live<Job>[] {
  const named = new Set((cronJob.status?.active ?? []).map(({ uid }) => uid))
  return jobs.filter(
    (job) => finishedBy(job) === undefined && !named.has(job.metadata.uid) && !isScheduled(cronJob, job),
  )
}

/** What became of the jobs that the status names, and which of the schedule are there that it does not name yet. */
function takeStock({ cronJob, jobs }: CronJobObserved): Stock {
  const named = new Set((cronJob.status?.active ?? []).map(({ uid }) => uid))
  const active = jobs.filter(
    (job) => finishedBy(job) === undefined && (named.has(job.metadata.uid) || isScheduled(cronJob, job)),
  )
  const ended = jobs.filter((job) => finishedBy(job) !== undefined && named.has(job.metadata.uid))
  const present = new Set(jobs.map(({ metadata }) => metadata.uid))
  const missing = (cronJob.status?.active ?? []).filter(({ uid }) => uid !== undefined && !present.has(uid))
  const successes = jobs
    .filter((job) => finishedBy(job)?.type === 'Complete')
    .map(({ status }) => status?.completionTime ?? '')
  const lastSuccessfulTime = [cronJob.status?.lastSuccessfulTime ?? '', ...successes].sort().at(-1) ?? ''
  return {
    active,
    status: {
      ...(cronJob.status?.lastScheduleTime === undefined ? {} : { lastScheduleTime: cronJob.status.lastScheduleTime }),
      ...(lastSuccessfulTime === '' ? {} : { lastSuccessfulTime }),
      ...(active.length === 0 ? {} : { active: active.map(referenceTo) }),
    },
    events: [
      ...strangersOf(cronJob, jobs).map(({ metadata }): CronJobEvent => ({
        type: 'Warning',
        reason: 'UnexpectedJob',
        message: `Saw a job that the controller did not create or forgot: ${metadata.name}`,
      })),
      ...ended.map((job): CronJobEvent => ({
        type: 'Normal',
        reason: 'SawCompletedJob',
        message: `Saw completed job: ${job.metadata.name}, condition: ${finishedBy(job)?.type}`,
      })),
      ...missing.map(({ name = '' }): CronJobEvent => ({
        type: 'Normal',
        reason: 'MissingJob',
        message: `Active job went missing: ${name}`,
      })),
    ],
  }
}

export const referenceTo = ({ metadata }: Live<Job>) => ({
  apiVersion: jobKind.apiVersion,
  kind: jobKind.kind,
  name: metadata.name,
  namespace: metadata.namespace ?? '',
  uid: metadata.uid,
  resourceVersion: metadata.resourceVersion,
})

const hourMs = 3_600_000
/** How far back to look for the latest time that is due: first where there are few, then farther. */
const lookBackMs = [hourMs, 24 * hourMs, 32 * 24 * hourMs, 366 * 24 * hourMs, Infinity]

/** The latest time that is due after `earliestMs`; undefined when none is. */
function latestDue(schedule: Schedule, earliestMs: number, nowMs: number, zone: TimeZone): number | undefined {
  for (const backMs of lookBackMs) {
    const from = Math.max(earliestMs, nowMs - backMs)
    let due: number | undefined
    for (let next = nextAfter(schedule, from, zone); next !== undefined && next <= nowMs;) {
      due = next
      next = nextAfter(schedule, next, zone)
    }
    if (due !== undefined || from === earliestMs) return due
  }
  return undefined
}

function missedMany(schedule: Schedule, earliestMs: number, nowMs: number, zone: TimeZone): boolean {
  let time: number | undefined = earliestMs
  for (let missed = 0; missed <= manyMissed; missed++) {
    time = nextAfter(schedule, time, zone)
    if (time === undefined || time > nowMs) return false
  }
  return true
}

/** Times before the starting deadline are lost. */
function earliestOf({ cronJob, nowMs }: CronJobObserved): number {
  const { startingDeadlineSeconds } = cronJob.spec ?? {}
  const served = Date.parse(cronJob.status?.lastScheduleTime ?? cronJob.metadata.creationTimestamp)
  return startingDeadlineSeconds === undefined ? served : Math.max(served, nowMs - startingDeadlineSeconds * 1000 - 1)
}

function start(
  observed: CronJobObserved,
  schedule: Schedule,
  zone: TimeZone,
  { active, status, events }: Stock,
): Partial<CronJobPlan> {
  const { cronJob, nowMs } = observed
  const earliest = earliestOf(observed)
  const due = latestDue(schedule, earliest, nowMs, zone)
  const next = nextAfter(schedule, nowMs, zone)
  const requeueAfterMs = next === undefined ? undefined : next - nowMs
  const saying = (reason: string, message: string, type: CronJobEvent['type']): readonly CronJobEvent[] => [
    ...events,
    { type, reason, message },
  ]
  if (due === undefined)
    return next === undefined
      ? { events: saying('InvalidSchedule', `invalid schedule: ${cronJob.spec?.schedule} : ${neverFires}`, 'Warning') }
      : { requeueAfterMs }
  const name = nameFor(cronJob, due)
  // The job was started, though its time was not written down: without that, it would run again once it is forgotten.
  if (observed.jobs.some(({ metadata }) => metadata.name === name))
    return { requeueAfterMs, status: { ...status, lastScheduleTime: timestamp(due) } }
  const policy = cronJob.spec?.concurrencyPolicy ?? 'Allow'
  if (policy === 'Forbid' && active.length > 0) {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid'
    return { requeueAfterMs, events: saying('JobAlreadyActive', message, 'Normal') }
  }
  const replaced = policy === 'Replace' ? active : []
  const kept = (status.active ?? []).filter(({ uid }) => !replaced.some(({ metadata }) => metadata.uid === uid))
  const { active: _active, ...rest } = status
  return {
    create: newJob(cronJob, name, due),
    replace: replaced,
    status: { ...rest, lastScheduleTime: timestamp(due), ...(kept.length === 0 ? {} : { active: kept }) },
    events: missedMany(schedule, earliest, nowMs, zone)
      ? saying(
          'TooManyMissedTimes',
          'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
          'Warning',
        )
      : events,
    requeueAfterMs,
  }
}

function newJob(cronJob: Live<CronJob>, name: string, dueMs: number): Job {
  const { metadata, spec } = cronJob.spec?.jobTemplate ?? {}
  const { namespace } = cronJob.metadata
  return {
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
      annotations: {
        ...metadata?.annotations,
        [scheduledAt]: timestamp(dueMs),
      },
      ownerReferences: [ownerReference(cronJob, cronJobKind)],
    },
    ...(spec === undefined ? {} : { spec }),
  }
}

/** Of the finished jobs, the newest of each outcome stay. */
function superfluous({ spec }: CronJob, jobs: readonly Live<Job>[]): Live<Job>[] {
  const startOf = (job: Live<Job>): string => job.status?.startTime ?? job.metadata.creationTimestamp
  const beyond = (type: string, limit: number | undefined): Live<Job>[] => {
    if (limit === undefined) return []
    const finished = jobs.filter(
      (job) => finishedBy(job)?.type === type && job.metadata.deletionTimestamp === undefined,
    )
    return finished.sort((a, b) => (startOf(a) < startOf(b) ? 1 : -1)).slice(limit)
  }
  return [...beyond('Complete', spec?.successfulJobsHistoryLimit), ...beyond('Failed', spec?.failedJobsHistoryLimit)]
}
