import { duplicate, required, type FieldError } from '../../field-error.ts'
import { checkEach } from '../../meta/field-checks.ts'
import { repeats } from '../../meta/repeats.ts'
import type { FlowSchema, PriorityLevelConfiguration } from '../../types/flowcontrol-v1.ts'

/** Each condition has a type, and each type stands once. */
export function validateConditions({ status }: FlowSchema | PriorityLevelConfiguration): FieldError[] {
  const isRepeat = repeats()
  const conditions: readonly { type?: string }[] = status?.conditions ?? []
  return checkEach('status.conditions', conditions, ({ type = '' }, path) => [
    ...(isRepeat(type) ? [duplicate(`${path}.type`, type)] : []),
    ...(type === '' ? [required(`${path}.type`, 'must not be empty')] : []),
  ])
}
