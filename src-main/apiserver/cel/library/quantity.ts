/** Quantities such as `500m`. */
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  QuantityError,
  subtractQuantities,
  type ExactQuantity,
} from '../../../api/meta/quantity.ts'
import { EvaluationError } from '../errors.ts'
import { OpaqueValue } from '../values/value.ts'
import { global, member, scan, type Overload } from './overload.ts'

const nanoPerUnit = 1_000_000_000n
const largestInt = 2n ** 63n - 1n

class QuantityValue extends OpaqueValue {
  readonly typeName = 'kubernetes.Quantity'
  readonly exact: ExactQuantity

  constructor(exact: ExactQuantity) {
    super()
    this.exact = exact
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof QuantityValue && other.exact.nano === this.exact.nano
  }
}

function parse(text: string): QuantityValue | QuantityError {
  try {
    return new QuantityValue(parseQuantity(text))
  } catch (error) {
    if (error instanceof QuantityError) return error
    throw error
  }
}

function quantity(text: string): QuantityValue {
  const value = parse(text)
  if (value instanceof QuantityError) throw Object.assign(new EvaluationError(value.message), { cause: value })
  return value
}

const isInteger = ({ exact }: QuantityValue): boolean =>
  exact.nano % nanoPerUnit === 0n && exact.nano / nanoPerUnit <= largestInt

function asInteger(value: QuantityValue): bigint {
  if (!isInteger(value)) throw new EvaluationError('cannot convert value to integer')
  return value.exact.nano / nanoPerUnit
}

const ofInt = (value: bigint): ExactQuantity => ({ nano: value * nanoPerUnit, format: 'DecimalSI' })
const compared = (left: QuantityValue, right: QuantityValue): number => compareQuantities(left.exact, right.exact)

const type = 'kubernetes.Quantity'

export const quantityLibrary: readonly Overload[] = [
  global('quantity', ['string'], type, quantity, { cost: scan }),
  global('isQuantity', ['string'], 'bool', (text: string) => parse(text) instanceof QuantityValue, { cost: scan }),
  member(type, 'sign', [], 'int', ({ exact }: QuantityValue) => (exact.nano > 0n ? 1n : exact.nano < 0n ? -1n : 0n)),
  member(type, 'isInteger', [], 'bool', isInteger),
  member(type, 'asInteger', [], 'int', asInteger),
  member(type, 'asApproximateFloat', [], 'double', ({ exact }: QuantityValue) => Number(exact.nano) / 1e9),
  member(type, 'isGreaterThan', [type], 'bool', (one: QuantityValue, other: QuantityValue) => compared(one, other) > 0),
  member(type, 'isLessThan', [type], 'bool', (one: QuantityValue, other: QuantityValue) => compared(one, other) < 0),
  member(type, 'compareTo', [type], 'int', (one: QuantityValue, other: QuantityValue) => BigInt(compared(one, other))),
  member(
    type,
    'add',
    [type],
    type,
    (one: QuantityValue, other: QuantityValue) => new QuantityValue(addQuantities(one.exact, other.exact)),
  ),
  member(
    type,
    'add',
    ['int'],
    type,
    (one: QuantityValue, other: bigint) => new QuantityValue(addQuantities(one.exact, ofInt(other))),
  ),
  member(
    type,
    'sub',
    [type],
    type,
    (one: QuantityValue, other: QuantityValue) => new QuantityValue(subtractQuantities(one.exact, other.exact)),
  ),
  member(
    type,
    'sub',
    ['int'],
    type,
    (one: QuantityValue, other: bigint) => new QuantityValue(subtractQuantities(one.exact, ofInt(other))),
  ),
]
