import { duplicate, invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkNotNegative, sameValue } from '../../meta/field-checks.ts'
import { isConditionTrue } from '../../meta/conditions.ts'
import { repeats } from '../../meta/repeats.ts'
import type { Job, JobSpec, JobStatus } from '../../types/batch-v1.ts'
import { commonIndex, countIndexes } from './indexes.ts'

const counts = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const

/** Checks what is said of a job; what was odd before and stays as it was is let through (KEP-4368). */
export function validateJobStatus({ spec, status = {} }: Job, { status: before = {} }: Job): FieldError[] {
  const change = new Change(spec ?? {}, status, before)
  return [
    ...counts.flatMap((field) => checkNotNegative(`status.${field}`, status[field])),
    ...validateUncounted(status),
    ...broken(endRules(change)),
    ...broken(indexRules(change)),
    ...broken(podRules(change)),
    ...broken(successRules(change)),
    ...broken(lastingRules(change)),
  ]
}

/** Whether a rule is broken, and what is said then. */
type Rule = readonly [boolean, FieldError]

const broken = (rules: readonly Rule[]): FieldError[] => rules.filter(([is]) => is).map(([, error]) => error)

/** A status beside the one before it. */
class Change {
  readonly spec: Partial<JobSpec>
  readonly status: JobStatus
  readonly before: JobStatus

  constructor(spec: Partial<JobSpec>, status: JobStatus, before: JobStatus) {
    this.spec = spec
    this.status = status
    this.before = before
  }

  is(type: string): boolean {
    return isConditionTrue(this.status.conditions, type)
  }

  was(type: string): boolean {
    return isConditionTrue(this.before.conditions, type)
  }

  turned(...types: string[]): boolean {
    return types.some((type) => this.is(type) !== this.was(type))
  }

  changed(...fields: (keyof JobStatus)[]): boolean {
    return fields.some((field) => !sameValue(this.status[field], this.before[field]))
  }

  get finished(): boolean {
    return this.is('Complete') || this.is('Failed')
  }

  get turnedFinished(): boolean {
    return this.finished !== (this.was('Complete') || this.was('Failed'))
  }
}

/** No pod is counted twice, however it ended. */
function validateUncounted({ uncountedTerminatedPods }: JobStatus): FieldError[] {
  const isRepeat = repeats()
  return (['succeeded', 'failed'] as const).flatMap((list) =>
    checkEach(`status.uncountedTerminatedPods.${list}`, uncountedTerminatedPods?.[list], (uid, at) => {
      if (uid === '') return [invalid(at, uid, 'must not be empty')]
      return isRepeat(uid) ? [duplicate(at, uid)] : []
    }),
  )
}

const conditions = (words: string): FieldError => ({ ...invalid('status.conditions', undefined, words), bare: true })

function endRules(change: Change): Rule[] {
  const { startTime, completionTime, active = 0, uncountedTerminatedPods: uncounted } = change.status
  const { suspend, completions } = change.spec
  const [complete, failed] = [change.is('Complete'), change.is('Failed')]
  const at = 'status.completionTime'
  const completes = change.turned('Complete') || change.changed('completionTime')
  const isCounted = (uncounted?.succeeded ?? []).length + (uncounted?.failed ?? []).length === 0
  const needsStart = change.turnedFinished || change.changed('startTime')
  return [
    [
      change.turned('Complete', 'Failed') && complete && failed,
      conditions('cannot set Complete=True and Failed=true conditions'),
    ],
    [
      change.turned('Complete', 'FailureTarget') && complete && change.is('FailureTarget'),
      conditions('cannot set Complete=True and FailureTarget=true conditions'),
    ],
    [
      completes && !complete && completionTime !== undefined,
      invalid(at, completionTime, 'cannot set completionTime when there is no Complete=True condition'),
    ],
    [
      completes && complete && completionTime === undefined,
      required(at, 'completionTime is required for Complete jobs'),
    ],
    [
      change.changed('startTime', 'completionTime') &&
        startTime !== undefined &&
        completionTime !== undefined &&
        Date.parse(completionTime) < Date.parse(startTime),
      invalid(at, completionTime, 'completionTime cannot be set before startTime'),
    ],
    [
      change.turned('Failed', 'FailureTarget') && failed && !change.is('FailureTarget'),
      conditions('cannot set Failed=True condition without the FailureTarget=true condition'),
    ],
    [
      change.turned('Complete', 'SuccessCriteriaMet') && complete && !change.is('SuccessCriteriaMet'),
      conditions('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'),
    ],
    [
      (change.turnedFinished || change.changed('active')) && change.finished && active > 0,
      invalid('status.active', active, 'active>0 is invalid for finished job'),
    ],
    [
      // What is suspended and has nothing to do ends without having begun.
      needsStart && change.finished && startTime === undefined && !(suspend === true && completions === 0),
      required('status.startTime', 'startTime is required for finished job'),
    ],
    [
      (change.turnedFinished || change.changed('uncountedTerminatedPods')) && change.finished && !isCounted,
      invalid(
        'status.uncountedTerminatedPods',
        uncounted,
        'uncountedTerminatedPods needs to be empty for finished job',
      ),
    ],
  ]
}

/** Which indexes have succeeded and which have failed: lists that can be read, and that share none. */
function indexRules(change: Change): Rule[] {
  const { completions, completionMode, backoffLimitPerIndex } = change.spec
  const { completedIndexes = '', failedIndexes } = change.status
  const [completed, failed] = ['status.completedIndexes', 'status.failedIndexes'] as const
  const [completedChanged, failedChanged] = [change.changed('completedIndexes'), change.changed('failedIndexes')]
  const problemOf = (text: string | undefined): string | undefined => {
    const read = completions === undefined ? 0 : countIndexes(text ?? '', completions)
    return typeof read === 'number' ? undefined : read.problem
  }
  const completedProblem = completedChanged ? problemOf(completedIndexes) : undefined
  const failedProblem = failedChanged && backoffLimitPerIndex !== undefined ? problemOf(failedIndexes) : undefined
  const common =
    (completedChanged || failedChanged) && completions !== undefined
      ? commonIndex(completedIndexes, failedIndexes ?? '', completions)
      : undefined
  return [
    [
      completedProblem !== undefined,
      invalid(completed, completedIndexes, `error parsing completedIndexes: ${completedProblem}`),
    ],
    [failedProblem !== undefined, invalid(failed, failedIndexes, `error parsing failedIndexes: ${failedProblem}`)],
    [
      completedChanged && completedIndexes !== '' && completionMode !== 'Indexed',
      invalid(completed, completedIndexes, 'cannot set non-empty completedIndexes when non-indexed completion mode'),
    ],
    [
      failedChanged && failedIndexes !== undefined && backoffLimitPerIndex === undefined,
      invalid(failed, failedIndexes, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'),
    ],
    [
      common !== undefined,
      invalid(failed, failedIndexes, `failedIndexes and completedIndexes overlap at index: ${common}`),
    ],
  ]
}

function podRules(change: Change): Rule[] {
  const { ready, active = 0, terminating = 0 } = change.status
  return [
    [
      (change.turnedFinished || change.changed('terminating')) && change.finished && terminating > 0,
      invalid('status.terminating', terminating, 'terminating>0 is invalid for finished job'),
    ],
    [
      change.changed('ready', 'active') && ready !== undefined && ready > active,
      invalid('status.ready', ready, 'cannot set more ready pods than active'),
    ],
  ]
}

function successRules(change: Change): Rule[] {
  const met = change.is('SuccessCriteriaMet')
  return [
    [met && change.is('Failed'), conditions('cannot set SuccessCriteriaMet=True and Failed=true conditions')],
    [
      met && change.is('FailureTarget'),
      conditions('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'),
    ],
    [
      change.spec.successPolicy !== undefined && !met && change.is('Complete'),
      conditions('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True'),
    ],
  ]
}

/** What was said once stays said. */
function lastingRules(change: Change): Rule[] {
  const { spec, status, before } = change
  const ends = ['Failed', 'Complete', 'FailureTarget'].map((type): Rule => [
    change.was(type) && !change.is(type),
    conditions(`cannot disable the terminal ${type}=True condition`),
  ])
  // As many indexes as run at once may become fewer, and those that have succeeded with them.
  const shrinks = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism
  // A job that goes on after a pause begins anew.
  const resumes = change.was('Suspended') && !change.is('Suspended')
  const fell = (field: 'failed' | 'succeeded'): boolean => (status[field] ?? 0) < (before[field] ?? 0)
  return [
    ...ends,
    [fell('failed'), invalid('status.failed', status.failed ?? 0, 'cannot decrease the failed counter')],
    [
      fell('succeeded') && !shrinks,
      invalid('status.succeeded', status.succeeded ?? 0, 'cannot decrease the succeeded counter'),
    ],
    [
      status.completionTime !== undefined && before.completionTime !== undefined && change.changed('completionTime'),
      invalid('status.completionTime', status.completionTime, 'completionTime cannot be mutated'),
    ],
    [
      before.startTime !== undefined && change.changed('startTime') && spec.suspend !== true && !resumes,
      required('status.startTime', 'startTime cannot be removed for unsuspended job'),
    ],
    [
      change.was('SuccessCriteriaMet') && !change.is('SuccessCriteriaMet'),
      conditions('cannot disable the SuccessCriteriaMet=True condition'),
    ],
    [
      change.was('Complete') && !change.was('SuccessCriteriaMet') && change.is('SuccessCriteriaMet'),
      conditions('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'),
    ],
  ]
}
