/** What keeps claims away from a device, what lets them come in spite of it, and conditions that a binding waits for. */
import { duplicate, invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkOneOf, problemsAt } from '../../meta/field-checks.ts'
import { labelValueProblems } from '../../meta/names.ts'
import { repeats } from '../../meta/repeats.ts'
import { checkLabelKey } from '../../meta/validate-labels.ts'
import type { DeviceTaint, DeviceToleration } from '../../types/resource-v1.ts'
import { checkList } from './limited-lists.ts'

const effects = ['NoExecute', 'NoSchedule', 'None']
const operators = ['Equal', 'Exists']
const mostConditions = 4

const checkValue = (path: string, value: string): FieldError[] => problemsAt(path, value, labelValueProblems(value))

/** `previous` is the taint that stood there before; an effect that stays is not looked at again. */
export function validateDeviceTaint(
  taint: Partial<DeviceTaint> | undefined,
  path: string,
  previous?: Partial<DeviceTaint>,
): FieldError[] {
  const { key = '', value = '', effect = '' } = taint ?? {}
  return [
    ...checkLabelKey(`${path}.key`, key),
    ...checkValue(`${path}.value`, value),
    ...(previous !== undefined && (previous.effect ?? '') === effect
      ? []
      : checkOneOf(`${path}.effect`, effect, effects)),
  ]
}

export function validateDeviceTolerations(
  tolerations: readonly DeviceToleration[] | undefined,
  path: string,
): FieldError[] {
  return checkEach(path, tolerations, ({ key = '', operator = '', value = '', effect = '' }, at) => [
    ...(key === '' ? [] : checkLabelKey(`${at}.key`, key)),
    ...checkOperator(operator, value, at),
    ...(effect === '' || effects.includes(effect) ? [] : [notSupported(`${at}.effect`, effect, effects)]),
  ])
}

function checkOperator(operator: string, value: string, at: string): FieldError[] {
  switch (operator) {
    case 'Exists':
      return value === '' ? [] : [invalid(`${at}.value`, value, 'must be empty for operator `Exists`')]
    case 'Equal':
      return checkValue(`${at}.value`, value)
    case '':
      return [required(`${at}.operator`)]
    default:
      return [notSupported(`${at}.operator`, operator, operators)]
  }
}

interface BindingConditions {
  readonly bindingConditions?: readonly string[]
  readonly bindingFailureConditions?: readonly string[]
}

/** Conditions of success and of failure: both or none, and none of them twice. */
export function validateBindingConditions(
  { bindingConditions: successes = [], bindingFailureConditions: failures = [] }: BindingConditions,
  path: string,
): FieldError[] {
  const [successPath, failurePath] = [`${path}.bindingConditions`, `${path}.bindingFailureConditions`]
  const checkKey = (key: string, at: string): FieldError[] => checkLabelKey(at, key)
  const overlap = new Set(successes)
  const [again, failsAgain] = [repeats(), repeats()]
  return [
    ...checkList(successPath, successes, mostConditions, checkKey),
    ...checkList(failurePath, failures, mostConditions, checkKey),
    ...checkEach(successPath, successes, (key, at) => (again(key) ? [duplicate(at, key)] : [])),
    ...checkEach(failurePath, failures, (key, at) => [
      ...(failsAgain(key) ? [duplicate(at, key)] : []),
      ...(overlap.has(key)
        ? [invalid(at, key, 'bindingFailureConditions must not overlap with bindingConditions')]
        : []),
    ]),
    ...(successes.length === 0 && failures.length > 0
      ? [invalid(successPath, null, 'bindingConditions are required to use bindingFailureConditions')]
      : []),
    ...(failures.length === 0 && successes.length > 0
      ? [invalid(failurePath, null, 'bindingFailureConditions are required to use bindingConditions')]
      : []),
  ]
}
