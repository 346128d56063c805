import { duplicate, invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkNotNegative, sameValue } from '../../meta/field-checks.ts'
import { isConditionTrue } from '../../meta/conditions.ts'
import type { Job, JobStatus } from '../../types/batch-v1.ts'

const counts = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const

/** Checks what is said of a job; what was odd before and stays as it was is let through (KEP-4368). */
export function validateJobStatus({ status = {} }: Job, { status: before = {} }: Job): FieldError[] {
  return [
    ...counts.flatMap((field) => checkNotNegative(`status.${field}`, status[field])),
    ...(['succeeded', 'failed'] as const).flatMap((list) => validateUncounted(status, list)),
    ...validateEnd(status, before),
  ]
}

function validateUncounted({ uncountedTerminatedPods }: JobStatus, list: 'succeeded' | 'failed'): FieldError[] {
  const seen = new Set<string>()
  return checkEach(`status.uncountedTerminatedPods.${list}`, uncountedTerminatedPods?.[list], (uid, at) => {
    if (uid === '') return [invalid(at, uid, 'must not be empty')]
    if (seen.has(uid)) return [duplicate(at, uid)]
    seen.add(uid)
    return []
  })
}

function validateEnd(status: JobStatus, before: JobStatus): FieldError[] {
  const holds = (type: string, of = status): boolean => isConditionTrue(of.conditions, type)
  const turned = (...types: string[]): boolean => types.some((type) => holds(type) !== holds(type, before))
  const changed = (field: keyof JobStatus): boolean => !sameValue(status[field], before[field])
  const [complete, failed] = [holds('Complete'), holds('Failed')]
  const finished = turned('Complete', 'Failed') && (complete || failed)
  const { startTime, completionTime, active = 0, uncountedTerminatedPods: uncounted } = status
  const isCounted = (uncounted?.succeeded ?? []).length + (uncounted?.failed ?? []).length === 0
  const conditions = (words: string): FieldError => ({ ...invalid('status.conditions', undefined, words), bare: true })
  const rules: [boolean, FieldError][] = [
    [
      turned('Complete', 'Failed') && complete && failed,
      conditions('cannot set Complete=True and Failed=true conditions'),
    ],
    [
      turned('Complete', 'FailureTarget') && complete && holds('FailureTarget'),
      conditions('cannot set Complete=True and FailureTarget=true conditions'),
    ],
    [
      (turned('Complete') || changed('completionTime')) && !complete && completionTime !== undefined,
      invalid(
        'status.completionTime',
        completionTime,
        'cannot set completionTime when there is no Complete=True condition',
      ),
    ],
    [
      (turned('Complete') || changed('completionTime')) && complete && completionTime === undefined,
      required('status.completionTime', 'completionTime is required for Complete jobs'),
    ],
    [
      (changed('startTime') || changed('completionTime')) &&
        startTime !== undefined &&
        completionTime !== undefined &&
        Date.parse(completionTime) < Date.parse(startTime),
      invalid('status.completionTime', completionTime, 'completionTime cannot be set before startTime'),
    ],
    [
      turned('Failed', 'FailureTarget') && failed && !holds('FailureTarget'),
      conditions('cannot set Failed=True condition without the FailureTarget=true condition'),
    ],
    [
      turned('Complete', 'SuccessCriteriaMet') && complete && !holds('SuccessCriteriaMet'),
      conditions('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'),
    ],
    [finished && active > 0, invalid('status.active', active, 'active>0 is invalid for finished job')],
    [finished && startTime === undefined, required('status.startTime', 'startTime is required for finished job')],
    [
      finished && !isCounted,
      invalid(
        'status.uncountedTerminatedPods',
        uncounted,
        'uncountedTerminatedPods needs to be empty for finished job',
      ),
    ],
  ]
  return rules.filter(([broken]) => broken).map(([, error]) => error)
}
