import { duplicate, forbidden, invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, problemsAt } from '../../meta/field-checks.ts'
import { qualifiedNameProblems } from '../../meta/names.ts'
import {
  compareQuantities,
  formatQuantity as quantityText,
  milliValue,
  parseQuantity,
  QuantityError,
  wholeValue,
  type ExactQuantity,
} from '../../meta/quantity.ts'
import { repeats } from '../../meta/repeats.ts'
import type { LimitRange, LimitRangeItem } from '../../types/core-v1.ts'
import { checkLimitName, mayOvercommit } from './resource-name-rules.ts'

type Side = 'max' | 'min' | 'default' | 'defaultRequest' | 'maxLimitRequestRatio'
type Amounts = Partial<Record<Side, Map<string, ExactQuantity>>>
const types = new Set(['Pod', 'Container', 'PersistentVolumeClaim'])

export function validateLimitRange({ spec }: LimitRange): FieldError[] {
  const isRepeat = repeats()
  return checkEach('spec.limits', spec?.limits, (item, path) => {
    const { type = '' }: Partial<LimitRangeItem> = item
    return [
      ...checkType(`${path}.type`, type),
      ...(isRepeat(type) ? [duplicate(`${path}.type`, type)] : []),
      ...validateItem(item, type, path),
    ]
  })
}

function checkType(path: string, type: string): FieldError[] {
  const problems = qualifiedNameProblems(type)
  if (problems.length > 0) return problemsAt(path, type, problems)
  return type.includes('/') || types.has(type)
    ? []
    : [invalid(path, type, 'must be a standard limit type or fully qualified')]
}

function validateItem(item: LimitRangeItem, type: string, path: string): FieldError[] {
  const amounts: Amounts = {}
  const read = (side: Side): FieldError[] => {
    const { errors, found } = readAmounts(item[side], type, `${path}.${side}`)
    amounts[side] = found
    return errors
  }
  const errors = [...read('max'), ...read('min')]
  // What a pod as a whole asks for, it asks for itself.
  for (const side of ['default', 'defaultRequest'] as const) {
    if (type !== 'Pod') errors.push(...read(side))
    else if (Object.keys(item[side] ?? {}).length > 0)
      errors.push(forbidden(`${path}.${side}`, "may not be specified when `type` is 'Pod'"))
  }
  if (type === 'PersistentVolumeClaim' && amounts.min?.has('storage') !== true && amounts.max?.has('storage') !== true)
    errors.push(
      required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided'),
    )
  errors.push(...read('maxLimitRequestRatio'))
  const names = new Set(Object.values(amounts).flatMap((found) => [...found.keys()]))
  return [...errors, ...[...names].flatMap((name) => compareSides(name, amounts, path))]
}

function readAmounts(
  texts: Readonly<Record<string, string>> | undefined,
  type: string,
  path: string,
): { errors: FieldError[]; found: Map<string, ExactQuantity> } {
  const found = new Map<string, ExactQuantity>()
  const errors = Object.entries(texts ?? {}).flatMap(([name, text]) => {
    const at = `${path}[${name}]`
    const wrong = checkLimitName(at, name, type)
    try {
      found.set(name, parseQuantity(text))
      return wrong
    } catch (error) {
      if (!(error instanceof QuantityError)) throw error
      return [...wrong, invalid(at, text, error.message)]
    }
  })
  return { errors, found }
}

interface Order {
  readonly low: Side
  readonly high: Side
  /** Where it is told, and whose amount is shown there: not always the same. */
  readonly field: Side
  readonly shown: Side
  readonly names: readonly [string, string]
}

/** `min` ≤ `defaultRequest` ≤ `default` ≤ `max`. */
const orders: readonly Order[] = [
  { low: 'min', high: 'max', field: 'min', shown: 'min', names: ['min', 'max'] },
  {
    ...{ low: 'min', high: 'defaultRequest', field: 'defaultRequest', shown: 'defaultRequest' },
    names: ['min', 'default request'],
  },
  {
    ...{ low: 'defaultRequest', high: 'max', field: 'defaultRequest', shown: 'defaultRequest' },
    names: ['default request', 'max'],
  },
  {
    ...{ low: 'defaultRequest', high: 'default', field: 'defaultRequest', shown: 'defaultRequest' },
    names: ['default request', 'default limit'],
  },
  { low: 'min', high: 'default', field: 'default', shown: 'min', names: ['min', 'default'] },
  { low: 'default', high: 'max', field: 'default', shown: 'max', names: ['default', 'max'] },
]

function compareSides(name: string, amounts: Amounts, path: string): FieldError[] {
  const errors = orders.flatMap(({ low, high, field, shown, names }) => {
    const [less, more, value] = [low, high, shown].map((side) => amounts[side]?.get(name))
    if (less === undefined || more === undefined || value === undefined) return []
    if (compareQuantities(less, more) <= 0) return []
    const words = `${names[0]} value ${quantityText(less)} is greater than ${names[1]} value ${quantityText(more)}`
    return [invalid(`${path}.${field}[${name}]`, quantityText(value), words)]
  })
  return [...errors, ...checkRatio(name, amounts, path), ...checkOvercommit(name, amounts, path)]
}

/** From here on, thousandths do not fit into 64 bits. */
const largestMilli = (2 ** 63 - 1) / 1000

/** At least one, and no more than what the bounds leave room for. */
function checkRatio(name: string, { maxLimitRequestRatio, min, max }: Amounts, path: string): FieldError[] {
  const ratio = maxLimitRequestRatio?.get(name)
  if (ratio === undefined) return []
  const at = `${path}.maxLimitRequestRatio[${name}]`
  const text = quantityText(ratio)
  const errors = ratio.nano < 1_000_000_000n ? [invalid(at, text, `ratio ${text} is less than 1`)] : []
  const [least, most] = [min?.get(name), max?.get(name)]
  if (least === undefined || most === undefined) return errors
  const small = [ratio, least, most].every((amount) => wholeValue(amount) < largestMilli)
  const limit = small ? milliValue(most) / milliValue(least) : wholeValue(most) / wholeValue(least)
  if (!((small ? milliValue(ratio) / 1000 : wholeValue(ratio)) > limit)) return errors
  return [...errors, invalid(at, text, `ratio ${text} is greater than max/min = ${limit.toFixed(6)}`)]
}

/** What cannot be promised twice is asked for as it is limited. */
function checkOvercommit(name: string, { default: limits, defaultRequest }: Amounts, path: string): FieldError[] {
  const [limit, request] = [limits?.get(name), defaultRequest?.get(name)]
  if (limit === undefined || request === undefined || mayOvercommit(name)) return []
  if (compareQuantities(limit, request) === 0) return []
  const [limitText, requestText] = [quantityText(limit), quantityText(request)]
  const words = `default value ${limitText} must equal to defaultRequest value ${requestText} in ${name}`
  return [invalid(`${path}.defaultRequest[${name}]`, requestText, words)]
}
