/** How a job judges the failures of its pods (KEP-3329). */
import { duplicate, invalid, notSupported, required, tooMany, type FieldError } from '../../field-error.ts'
import { checkEach, problemsAt } from '../../meta/field-checks.ts'
import { qualifiedNameProblems } from '../../meta/names.ts'
import { repeats } from '../../meta/repeats.ts'
import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
} from '../../types/batch-v1.ts'

const mostRules = 20
const mostPatterns = 20
const mostValues = 255
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const operators = ['In', 'NotIn']
const statuses = ['False', 'True', 'Unknown']

const limited = (path: string, list: readonly unknown[], most: number): FieldError[] =>
  list.length > most ? [tooMany(path, list.length, most)] : []

const choice = (values: readonly string[]): string =>
  `valid values: [${values.map((value) => JSON.stringify(value)).join(' ')}]`

/** One of the values; for an empty one the words say which there are. */
function checkChoice(path: string, value: string | undefined, values: readonly string[]): FieldError[] {
  if (value === undefined || value === '') return [required(path, choice(values))]
  return values.includes(value) ? [] : [notSupported(path, value, values)]
}

export function validateFailurePolicy(spec: Partial<JobSpec>, path: string): FieldError[] {
  const { rules = [] } = spec.podFailurePolicy ?? {}
  const { containers = [], initContainers = [] } = spec.template?.spec ?? {}
  const names = new Set([...containers, ...initContainers].map(({ name }) => name))
  return [
    ...limited(`${path}.rules`, rules, mostRules),
    ...checkEach(`${path}.rules`, rules, (rule, at) => validateRule(rule, spec, names, at)),
  ]
}

function validateRule(
  { action, onExitCodes, onPodConditions = [] }: PodFailurePolicyRule,
  { backoffLimitPerIndex }: Partial<JobSpec>,
  names: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const errors = checkChoice(`${path}.action`, action, actions)
  if (action === 'FailIndex' && backoffLimitPerIndex === undefined)
    errors.push(invalid(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set'))
  if (onExitCodes !== undefined) errors.push(...validateExitCodes(onExitCodes, names, `${path}.onExitCodes`))
  errors.push(
    ...limited(`${path}.onPodConditions`, onPodConditions, mostPatterns),
    ...checkEach(`${path}.onPodConditions`, onPodConditions, validatePattern),
  )
  const both = onExitCodes !== undefined && onPodConditions.length > 0
  const neither = onExitCodes === undefined && onPodConditions.length === 0
  if (both) errors.push(unvalued(path, 'specifying both OnExitCodes and OnPodConditions is not supported'))
  if (neither) errors.push(unvalued(path, 'specifying one of OnExitCodes and OnPodConditions is required'))
  return errors
}

const unvalued = (path: string, detail: string): FieldError => ({ type: 'FieldValueInvalid', path, detail, bare: true })

function validatePattern({ type, status }: PodFailurePolicyOnPodConditionsPattern, path: string): FieldError[] {
  return [
    ...problemsAt(`${path}.type`, type, qualifiedNameProblems(type)),
    ...checkChoice(`${path}.status`, status, statuses),
  ]
}

function validateExitCodes(
  { operator, containerName, values = [] }: PodFailurePolicyOnExitCodesRequirement,
  names: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const errors = checkChoice(`${path}.operator`, operator, operators)
  if (containerName !== undefined && !names.has(containerName)) {
    const words = 'must be one of the container or initContainer names in the pod template'
    errors.push(invalid(`${path}.containerName`, containerName, words))
  }
  const at = `${path}.values`
  if (values.length === 0) errors.push(invalid(at, values, 'at least one value is required'))
  errors.push(...limited(at, values, mostValues))
  const isRepeat = repeats()
  errors.push(
    ...checkEach(at, values, (value, one) => [
      ...(operator === 'In' && value === 0 ? [invalid(one, value, 'must not be 0 for the In operator')] : []),
      ...(isRepeat(value) ? [duplicate(one, value)] : []),
    ]),
  )
  const isOrdered = values.every((value, index) => index === 0 || (values[index - 1] ?? value) <= value)
  return isOrdered ? errors : [...errors, invalid(at, values, 'must be ordered')]
}
