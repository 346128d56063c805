import { invalid, type FieldError } from '../../../field-error.ts'
import { checkEach, checkOptionalOneOf, problemsAt } from '../../../meta/field-checks.ts'
import { labelValueProblems } from '../../../meta/names.ts'
import { checkLabelKey } from '../../../meta/validate-labels.ts'
import { wholeNumber } from '../../../meta/tolerations.ts'
import type { Toleration } from '../../../types/core-v1.ts'

const operators = ['Equal', 'Exists', 'Gt', 'Lt']
export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

export function validateTolerations(tolerations: readonly Toleration[] | undefined, path: string): FieldError[] {
  return checkEach(path, tolerations, (toleration, at) => {
    const { key = '', operator, value = '', effect = '', tolerationSeconds } = toleration
    const errors: FieldError[] = key === '' ? [] : checkLabelKey(`${at}.key`, key)
    if (key === '' && operator !== 'Exists') {
      const words = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
      errors.push(invalid(`${at}.operator`, operator ?? '', words))
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.push(invalid(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    }
    errors.push(...checkOptionalOneOf(`${at}.operator`, operator === '' ? undefined : operator, operators))
    if (operator === 'Exists' && value !== '') {
      errors.push(invalid(`${at}.operator`, toleration, "value must be empty when `operator` is 'Exists'"))
    }
    if (operator === 'Lt' || operator === 'Gt') {
      if (wholeNumber(value) === undefined)
        errors.push(invalid(`${at}.operator`, value, 'value must be a whole number when `operator` is Lt or Gt'))
    } else if (operator !== 'Exists') errors.push(...problemsAt(`${at}.operator`, value, labelValueProblems(value)))
    return [...errors, ...checkOptionalOneOf(`${at}.effect`, effect === '' ? undefined : effect, taintEffects)]
  })
}
