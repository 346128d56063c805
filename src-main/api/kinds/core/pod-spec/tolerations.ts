import { invalid, notSupported, type FieldError } from '../../../field-error.ts'
import { checkEach, checkOptionalOneOf } from '../../../meta/field-checks.ts'
import { labelValueProblems } from '../../../meta/names.ts'
import { checkLabelKey } from '../../../meta/validate-labels.ts'
import { wholeNumber } from '../../../meta/tolerations.ts'
import type { Toleration } from '../../../types/core-v1.ts'

const operators = ['Equal', 'Exists', 'Lt', 'Gt']
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
    errors.push(...validateValue(operator, value, `${at}.operator`))
    return [...errors, ...checkOptionalOneOf(`${at}.effect`, effect === '' ? undefined : effect, taintEffects)]
  })
}

function validateValue(operator = '', value: string, path: string): FieldError[] {
  switch (operator) {
    case '':
    case 'Equal': {
      const problems = labelValueProblems(value)
      return problems.length === 0 ? [] : [invalid(path, value, problems.join(';'))]
    }
    case 'Exists':
      return value === '' ? [] : [invalid(path, value, "value must be empty when `operator` is 'Exists'")]
    case 'Lt':
    case 'Gt':
      return wholeNumber(value) === undefined
        ? [invalid(path, value, 'value must be a whole number when `operator` is Lt or Gt')]
        : []
    default:
      return [notSupported(path, operator, operators)]
  }
}
