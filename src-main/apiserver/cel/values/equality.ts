/** Which values are equal: numbers of all types by what they count, lists and maps by what they hold. */
import type { Meter } from '../evaluation/meter.ts'
import { Duration, Timestamp } from './time.ts'
import { Uint } from './uint.ts'
import { identityOf, isList, MapValue, OpaqueValue, OptionalValue, TypeValue, type Value } from './value.ts'

/** Charges for every value that it looks at. */
export function equal(left: Value, right: Value, meter: Meter): boolean {
  meter.charge(typeof left === 'string' && typeof right === 'string' ? 0.1 * Math.min(left.length, right.length) : 0.1)
  const order = compareNumbers(left, right)
  if (order !== undefined) return order === 0
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (isList(left)) return isList(right) && sameLists(left, right, meter)
  if (left instanceof MapValue) return right instanceof MapValue && sameMaps(left, right, meter)
  if (left instanceof Timestamp) return right instanceof Timestamp && left.nanos === right.nanos
  if (left instanceof Duration) return right instanceof Duration && left.nanos === right.nanos
  if (left instanceof Uint8Array) return right instanceof Uint8Array && Buffer.compare(left, right) === 0
  if (left instanceof TypeValue) return right instanceof TypeValue && left.text === right.text
  if (left instanceof OpaqueValue)
    return right instanceof OpaqueValue && left.typeName === right.typeName && left.equals(right)
  if (left instanceof OptionalValue && right instanceof OptionalValue)
    return left.value === undefined || right.value === undefined
      ? left.value === right.value
      : equal(left.value, right.value, meter)
  return false
}

function sameLists(left: readonly Value[], right: readonly Value[], meter: Meter): boolean {
  if (left.length !== right.length) return false
  const identity = identityOf(left) ?? identityOf(right)
  if (identity === undefined) return left.every((item, index) => equal(item, right[index] ?? null, meter))
  return left.every((item) => right.some((other) => equal(item, other, meter)))
}

function sameMaps(left: MapValue, right: MapValue, meter: Meter): boolean {
  if (left.size !== right.size) return false
  return left.keys().every((key) => {
    const one = left.get(key)
    const other = right.get(key)
    return one !== undefined && other !== undefined && equal(one, other, meter)
  })
}

const isNumber = (value: Value): value is bigint | number | Uint =>
  typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint

/** Negative, zero or positive; NaN when one of them is; undefined when one is no number. */
export function compareNumbers(left: Value, right: Value): number | undefined {
  if (!isNumber(left) || !isNumber(right)) return undefined
  const one = left instanceof Uint ? left.value : left
  const other = right instanceof Uint ? right.value : right
  if (Number.isNaN(one) || Number.isNaN(other)) return NaN
  return one < other ? -1 : one > other ? 1 : 0
}

/** The order of two values that have one; undefined when they have none. */
export function compare(left: Value, right: Value): number | undefined {
  const order = compareNumbers(left, right)
  if (order !== undefined) return order
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right)
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right)
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right)
  const times = left instanceof Timestamp && right instanceof Timestamp
  const durations = left instanceof Duration && right instanceof Duration
  if (times || durations) return left.nanos < right.nanos ? -1 : left.nanos > right.nanos ? 1 : 0
  return undefined
}

/** By code points, which is not the order of code units. */
function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  let at = 0
  while (at < length && left.charCodeAt(at) === right.charCodeAt(at)) at++
  if (at === length) return left.length - right.length
  if (at > 0 && isTrailing(left.charCodeAt(at))) at--
  return (left.codePointAt(at) ?? 0) - (right.codePointAt(at) ?? 0)
}

const isTrailing = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff
