import { duplicate, forbidden, invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, problemsAt } from '../../meta/field-checks.ts'
import { qualifiedNameProblems } from '../../meta/names.ts'
import {
  compareQuantities,
  formatQuantity as quantityText,
  parseQuantity,
  QuantityError,
  type ExactQuantity,
} from '../../meta/quantity.ts'
import type { LimitRange, LimitRangeItem } from '../../types/core-v1.ts'

type Texts = Readonly<Record<string, string>> | undefined
const standardNames = new Set(['cpu', 'memory', 'ephemeral-storage', 'storage'])
const sides = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const
type Side = (typeof sides)[number]

export function validateLimitRange({ spec }: LimitRange): FieldError[] {
  const types = new Set<string>()
  return checkEach('spec.limits', spec?.limits, (item, path) => {
    const { type = '' } = item
    const errors: FieldError[] = []
    if (type === '') errors.push(required(`${path}.type`))
    else errors.push(...problemsAt(`${path}.type`, type, qualifiedNameProblems(type)))
    if (types.has(type)) errors.push(duplicate(`${path}.type`, type))
    types.add(type)
    return [...errors, ...validateItem(item, path)]
  })
}

function validateItem(item: LimitRangeItem, path: string): FieldError[] {
  const errors: FieldError[] = []
  const read = {} as Record<Side, Map<string, ExactQuantity>>
  for (const side of sides) read[side] = readAmounts(item[side], `${path}.${side}`, errors)
  if (item.type === 'Pod') {
    for (const side of ['default', 'defaultRequest'] as const)
      if (Object.keys(item[side] ?? {}).length > 0)
        errors.push(forbidden(`${path}.${side}`, "may not be specified when `type` is 'Pod'"))
  }
  if (item.type === 'PersistentVolumeClaim' && read.min.get('storage') === undefined && !read.max.has('storage'))
    errors.push(
      required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided'),
    )
  const names = new Set(sides.flatMap((side) => [...read[side].keys()]))
  return [...errors, ...[...names].flatMap((name) => compareSides(name, read, path))]
}

function readAmounts(texts: Texts, path: string, errors: FieldError[]): Map<string, ExactQuantity> {
  const read = new Map<string, ExactQuantity>()
  for (const [name, text] of Object.entries(texts ?? {})) {
    const problems = qualifiedNameProblems(name)
    errors.push(...problemsAt(`${path}[${name}]`, name, problems))
    if (problems.length === 0 && !name.includes('/') && !standardNames.has(name) && !name.startsWith('hugepages-'))
      errors.push(invalid(`${path}[${name}]`, name, 'must be a standard limit type or fully qualified'))
    try {
      read.set(name, parseQuantity(text))
    } catch (error) {
      if (!(error instanceof QuantityError)) throw error
      errors.push(invalid(`${path}[${name}]`, text, error.message))
    }
  }
  return read
}

/** `min` ≤ `defaultRequest` ≤ `default` ≤ `max`, and a ratio of at least one that the bounds leave room for. */
function compareSides(name: string, read: Record<Side, Map<string, ExactQuantity>>, path: string): FieldError[] {
  const above = (low: Side, high: Side, field: Side): FieldError[] => {
    const [less, more] = [read[low].get(name), read[high].get(name)]
    if (less === undefined || more === undefined || compareQuantities(less, more) <= 0) return []
    const [lowText, highText] = [quantityText(less), quantityText(more)]
    return [
      invalid(`${path}.${field}[${name}]`, field === low ? lowText : highText, orderText(low, high, lowText, highText)),
    ]
  }
  const errors = [
    ...above('min', 'max', 'min'),
    ...above('min', 'defaultRequest', 'defaultRequest'),
    ...above('defaultRequest', 'max', 'defaultRequest'),
    ...above('defaultRequest', 'default', 'defaultRequest'),
    ...above('min', 'default', 'default'),
    ...above('default', 'max', 'default'),
  ]
  return [...errors, ...checkRatio(name, read, path)]
}

const phrases: Readonly<Record<Side, string>> = {
  min: 'min value',
  max: 'max value',
  default: 'default value',
  defaultRequest: 'default request value',
  maxLimitRequestRatio: 'ratio',
}

const orderText = (low: Side, high: Side, lowText: string, highText: string): string =>
  high === 'default' && low === 'defaultRequest'
    ? `${phrases[low]} ${lowText} is greater than default limit value ${highText}`
    : `${phrases[low]} ${lowText} is greater than ${phrases[high]} ${highText}`

function checkRatio(name: string, read: Record<Side, Map<string, ExactQuantity>>, path: string): FieldError[] {
  const ratio = read.maxLimitRequestRatio.get(name)
  if (ratio === undefined) return []
  const at = `${path}.maxLimitRequestRatio[${name}]`
  if (ratio.nano < 1_000_000_000n)
    return [invalid(at, quantityText(ratio), `ratio ${quantityText(ratio)} is less than 1`)]
  const [least, most] = [read.min.get(name), read.max.get(name)]
  if (least === undefined || most === undefined || least.nano === 0n) return []
  const limit = Number(most.nano) / Number(least.nano)
  if (Number(ratio.nano) / 1e9 <= limit) return []
  return [
    invalid(at, quantityText(ratio), `ratio ${quantityText(ratio)} is greater than max/min = ${limit.toFixed(6)}`),
  ]
}
