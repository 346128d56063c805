/** Whether a Job has come to its end, and which one. */
import type { Live } from '../../api/meta/object.ts'
import type { Job, JobCondition } from '../../api/types/batch-v1.ts'
import { parseIndexes } from './indexes.ts'
import { isIndexed } from './job-pod.ts'
import type { Tally } from './tally.ts'

export interface Ending {
  readonly type: 'Complete' | 'Failed'
  readonly reason: string
  readonly message: string
}

export const jobCondition = (job: Job, type: string): JobCondition | undefined =>
  job.status?.conditions?.find((condition) => condition.type === type && condition.status === 'True')

/** The condition of a Job that is over. */
export const finishedBy = (job: Job): JobCondition | undefined =>
  jobCondition(job, 'Complete') ?? jobCondition(job, 'Failed')

/** The end is announced first, and reached when all pods are gone: what was announced stands. */
function announced(job: Job): Ending | undefined {
  const [type, condition] =
    jobCondition(job, 'FailureTarget') === undefined
      ? (['Complete', jobCondition(job, 'SuccessCriteriaMet')] as const)
      : (['Failed', jobCondition(job, 'FailureTarget')] as const)
  if (condition === undefined) return undefined
  return { type, reason: condition.reason ?? '', message: condition.message ?? '' }
}

export function endingOf(job: Live<Job>, tally: Tally, nowMs: number): Ending | undefined {
  return announced(job) ?? failure(job, tally, nowMs) ?? success(job, tally)
}

function failure(job: Live<Job>, tally: Tally, nowMs: number): Ending | undefined {
  const because = (reason: string, message: string): Ending => ({ type: 'Failed', reason, message })
  const { spec } = job
  if (tally.failJob !== undefined) return because('PodFailurePolicy', tally.failJob)
  const limit = spec?.backoffLimit ?? 6
  if (tally.failures > limit || restartsExceed(job, tally, limit))
    return because('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  if (deadlineInMs(job, nowMs) === 0)
    return because('DeadlineExceeded', 'Job was active longer than specified deadline')
  const { failedIndexes, completedIndexes } = tally
  if (failedIndexes.size > (spec?.maxFailedIndexes ?? Infinity))
    return because('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes')
  if (failedIndexes.size > 0 && failedIndexes.size + completedIndexes.size >= (spec?.completions ?? 0))
    return because('FailedIndexes', 'Job has failed indexes')
  return undefined
}

/** Containers that are restarted in place count as tries of their pod. */
function restartsExceed({ spec }: Job, { active, terminating }: Tally, limit: number): boolean {
  if (spec?.template.spec?.restartPolicy !== 'OnFailure') return false
  const restarts = [...active, ...terminating]
    .filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0)
  return limit === 0 ? restarts > 0 : restarts >= limit
}

/** Milliseconds that the Job may still be active; undefined: as long as it likes. */
export function deadlineInMs({ spec, status }: Job, nowMs: number): number | undefined {
  if (spec?.activeDeadlineSeconds === undefined || spec.suspend === true || status?.startTime === undefined)
    return undefined
  return Math.max(0, Date.parse(status.startTime) + spec.activeDeadlineSeconds * 1000 - nowMs)
}

function success(job: Live<Job>, tally: Tally): Ending | undefined {
  const rule = successRule(job, tally)
  if (rule !== undefined)
    return { type: 'Complete', reason: 'SuccessPolicy', message: `Matched rules at index ${rule}` }
  const { completions } = job.spec ?? {}
  const succeeded = tally.succeeded + tally.uncounted.succeeded.length
  const enough = completions === undefined ? succeeded > 0 : succeeded >= completions
  if (!enough || tally.active.length > 0) return undefined
  return { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
}

/** The first rule of the success policy that holds. */
function successRule(job: Job, { completedIndexes }: Tally): number | undefined {
  const rules = isIndexed(job) ? (job.spec?.successPolicy?.rules ?? []) : []
  const found = rules.findIndex(({ succeededIndexes, succeededCount }) => {
    const wanted =
      succeededIndexes === undefined ? undefined : parseIndexes(succeededIndexes, job.spec?.completions ?? 0)
    const done = [...completedIndexes].filter((index) => wanted === undefined || wanted.has(index)).length
    return done >= (succeededCount ?? wanted?.size ?? Infinity)
  })
  return found < 0 ? undefined : found
}
