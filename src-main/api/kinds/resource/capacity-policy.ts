/** What a claim may ask of a capacity that many claims share (KEP-5075): one of a few values, or any of a range. */
import { forbidden, invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach } from '../../meta/field-checks.ts'
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type ExactQuantity,
} from '../../meta/quantity.ts'
import type { CapacityRequestPolicy, CapacityRequestPolicyRange, DeviceCapacity } from '../../types/resource-v1.ts'
import { checkSet } from './limited-lists.ts'

const mostValues = 10
const oneOnly = 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time'

/** A device that goes to one claim alone goes with all that it has. */
export function validateCapacity(
  { value, requestPolicy }: DeviceCapacity,
  path: string,
  shared: boolean,
): FieldError[] {
  if (requestPolicy === undefined) return []
  const at = `${path}.requestPolicy`
  if (!shared) return [forbidden(at, 'allowMultipleAllocations must be true')]
  return validatePolicy(requestPolicy, parseQuantity(value ?? '0'), at)
}

function validatePolicy(policy: CapacityRequestPolicy, capacity: ExactQuantity, path: string): FieldError[] {
  const { validValues = [], validRange } = policy
  const fallback = policy.default === undefined ? undefined : parseQuantity(policy.default)
  if (validValues.length > 0) {
    if (validRange !== undefined) return [forbidden(path, oneOnly)]
    if (fallback === undefined) return [required(`${path}.default`, 'required when validValues is defined')]
    return validateValues(validValues.map(parseQuantity), fallback, capacity, `${path}.validValues`)
  }
  if (validRange === undefined) return []
  if (fallback === undefined) return [required(`${path}.default`, 'required when validRange is defined')]
  return validateRange(validRange, fallback, capacity, `${path}.validRange`)
}

const exceeds = (left: ExactQuantity, right: ExactQuantity): boolean => compareQuantities(left, right) > 0
const nanoPerUnit = 1_000_000_000n

/** In whole units, rounded away from zero: so they are told apart and divided. */
function unitsOf({ nano }: ExactQuantity): bigint {
  const rest = nano % nanoPerUnit
  return nano / nanoPerUnit + (rest === 0n ? 0n : rest > 0n ? 1n : -1n)
}

function validateValues(
  values: readonly ExactQuantity[],
  fallback: ExactQuantity,
  capacity: ExactQuantity,
  path: string,
): FieldError[] {
  const largest = `option is larger than capacity value: ${formatQuantity(capacity)}`
  return [
    ...checkEach(path, values, (value, at, index) => {
      const before = values[index - 1]
      return before !== undefined && exceeds(before, value)
        ? [invalid(at, formatQuantity(value), 'values must be sorted in ascending order')]
        : []
    }),
    ...checkSet(
      path,
      values,
      mostValues,
      (value) => String(unitsOf(value)),
      (value, at) => (exceeds(value, capacity) ? [invalid(at, formatQuantity(value), largest)] : []),
    ),
    // Of a list that is too long, Kubernetes looks at none.
    ...(values.length <= mostValues && values.some((value) => compareQuantities(value, fallback) === 0)
      ? []
      : [invalid(path, formatQuantity(fallback), 'default value is not valid according to the requestPolicy')]),
  ]
}

function validateRange(
  range: Partial<CapacityRequestPolicyRange>,
  fallback: ExactQuantity,
  capacity: ExactQuantity,
  path: string,
): FieldError[] {
  if (range.min === undefined) return [required(`${path}.min`, 'required when validRange is defined')]
  const minimum = parseQuantity(range.min)
  const maximum = range.max === undefined ? undefined : parseQuantity(range.max)
  const [minText, capacityText] = [formatQuantity(minimum), formatQuantity(capacity)]
  return [
    ...(exceeds(minimum, capacity)
      ? [invalid(`${path}.min`, minText, `min is larger than capacity value: ${capacityText}`)]
      : []),
    ...(exceeds(minimum, fallback)
      ? [invalid(`${path}.min`, formatQuantity(fallback), `default is less than min: ${minText}`)]
      : []),
    ...(maximum === undefined ? [] : validateMaximum(maximum, minimum, fallback, capacity, `${path}.max`)),
    ...(range.step === undefined
      ? []
      : validateStep(parseQuantity(range.step), minimum, [fallback, maximum], capacity, `${path}.step`)),
  ]
}

function validateMaximum(
  maximum: ExactQuantity,
  minimum: ExactQuantity,
  fallback: ExactQuantity,
  capacity: ExactQuantity,
  at: string,
): FieldError[] {
  const text = formatQuantity(maximum)
  return [
    ...(exceeds(minimum, maximum) ? [invalid(at, formatQuantity(minimum), `min is larger than max: ${text}`)] : []),
    ...(exceeds(maximum, capacity)
      ? [invalid(at, text, `max is larger than capacity value: ${formatQuantity(capacity)}`)]
      : []),
    ...(exceeds(fallback, maximum) ? [invalid(at, formatQuantity(fallback), `default is more than max: ${text}`)] : []),
  ]
}

/** From the least, everything is so many steps away. */
function validateStep(
  step: ExactQuantity,
  minimum: ExactQuantity,
  values: readonly (ExactQuantity | undefined)[],
  capacity: ExactQuantity,
  at: string,
): FieldError[] {
  const text = formatQuantity(step)
  if (step.nano <= 0n) return [invalid(at, text, 'must be greater than zero')]
  const first = addQuantities(minimum, step)
  const away = `value is not a multiple of a given step (${text}) from (${formatQuantity(minimum)})`
  return [
    ...(exceeds(first, capacity)
      ? [
          invalid(
            at,
            text,
            `one step ${formatQuantity(first)} is larger than capacity value: ${formatQuantity(capacity)}`,
          ),
        ]
      : []),
    ...values.flatMap((value) =>
      value === undefined || (unitsOf(value) - unitsOf(minimum)) % unitsOf(step) === 0n
        ? []
        : [invalid(at, formatQuantity(value), away)],
    ),
  ]
}
