import { duplicate, invalid, notSupported, required, tooLong, type FieldError } from '../field-error.ts'
import type { Condition } from '../types/meta-v1.ts'
import { problemsAt } from './field-checks.ts'
import { conditionReasonProblems } from './names.ts'
import { checkLabelKey } from './validate-labels.ts'

const statuses = ['False', 'True', 'Unknown']
const longestReason = 1024
const longestMessage = 32 * 1024

/** Conditions of the common form; each type stands there once. */
export function validateConditions(conditions: readonly Condition[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>()
  return (conditions ?? []).flatMap((condition, index) => {
    const at = `${path}[${index}]`
    const { type = '' }: Partial<Condition> = condition
    const repeated = seen.has(type) ? [duplicate(`${at}.type`, type)] : []
    seen.add(type)
    return [...repeated, ...validateCondition(condition, at)]
  })
}

function validateCondition(condition: Partial<Condition>, at: string): FieldError[] {
  const { type = '', status = '', observedGeneration = 0, lastTransitionTime, reason = '', message = '' } = condition
  return [
    ...checkLabelKey(`${at}.type`, type),
    ...(statuses.includes(status) ? [] : [notSupported(`${at}.status`, status, statuses)]),
    ...(observedGeneration < 0
      ? [invalid(`${at}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero')]
      : []),
    ...(lastTransitionTime === undefined ? [required(`${at}.lastTransitionTime`, 'must be set')] : []),
    ...validateReason(reason, `${at}.reason`),
    ...(new TextEncoder().encode(message).length > longestMessage ? [tooLong(`${at}.message`, longestMessage)] : []),
  ]
}

function validateReason(reason: string, at: string): FieldError[] {
  if (reason === '') return [required(at, 'must be set')]
  return [
    ...problemsAt(at, reason, conditionReasonProblems(reason)),
    ...(reason.length > longestReason ? [tooLong(at, longestReason)] : []),
  ]
}
