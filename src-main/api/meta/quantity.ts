/**
 * Quantities such as `500m`, `1Gi` or `2e3`, exactly: whole nano units in a bigint. `format` is how they were written,
 * which decides how they are printed.
 */
export interface ExactQuantity {
  readonly nano: bigint
  readonly format: 'DecimalSI' | 'BinarySI' | 'DecimalExponent'
}

export class QuantityError extends Error {
  override readonly name = 'QuantityError'
  readonly code = 'InvalidQuantity'
}

const nanoPerUnit = 1_000_000_000n
/** The most that a quantity can be; what is larger becomes this. */
const largest = (2n ** 63n - 1n) * nanoPerUnit

const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
}
const binaryPowers: Readonly<Record<string, number>> = { Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5, Ei: 6 }
const decimalSuffixes = new Map(Object.entries(decimalExponents).map(([suffix, exponent]) => [exponent, suffix]))
const binarySuffixes = new Map(Object.entries(binaryPowers).map(([suffix, power]) => [power, suffix]))

const shape = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

/** Reads a quantity; a fraction of a nano unit is rounded up. Throws QuantityError. */
export function parseQuantity(text: string | number): ExactQuantity {
  const parts = /^([+-]?)([0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$/.exec(String(text))
  if (parts === null) throw new QuantityError(shape)
  const [, sign = '', number = '', suffix = ''] = parts
  const digits = /^(\d*)(?:\.(\d*))?$/.exec(number)
  const [, whole = '', fraction = ''] = digits ?? []
  if (digits === null || whole + fraction === '') throw new QuantityError('unable to parse numeric part of quantity')
  const { numerator, exponent, format } = scaleOf(suffix)
  const tens = exponent - fraction.length + 9
  const mantissa = BigInt(whole + fraction) * numerator
  const size = tens >= 0 ? mantissa * 10n ** BigInt(tens) : divideUp(mantissa, 10n ** BigInt(-tens))
  const capped = size > largest ? largest : size
  // Less than one byte is not a number of binary bytes.
  const shown = format === 'BinarySI' && capped > 0n && capped < nanoPerUnit ? 'DecimalSI' : format
  return { nano: sign === '-' ? -capped : capped, format: shown }
}

function scaleOf(suffix: string): { numerator: bigint; exponent: number; format: ExactQuantity['format'] } {
  const power = Object.hasOwn(binaryPowers, suffix) ? binaryPowers[suffix] : undefined
  if (power !== undefined) return { numerator: 1024n ** BigInt(power), exponent: 0, format: 'BinarySI' }
  const exponent = Object.hasOwn(decimalExponents, suffix) ? decimalExponents[suffix] : undefined
  if (exponent !== undefined) return { numerator: 1n, exponent, format: 'DecimalSI' }
  const written = /^[eE]([+-]?\d{1,4})$/.exec(suffix)?.[1]
  if (written === undefined) throw new QuantityError("unable to parse quantity's suffix")
  return { numerator: 1n, exponent: Number(written), format: 'DecimalExponent' }
}

/** Divides two non-negative numbers, rounding up. */
const divideUp = (value: bigint, by: bigint): bigint => (value + by - 1n) / by

const absolute = (value: bigint): bigint => (value < 0n ? -value : value)

/** The canonical text: the largest suffix that needs no fraction. */
export function formatQuantity({ nano, format }: ExactQuantity): string {
  if (nano === 0n) return '0'
  const sign = nano < 0n ? '-' : ''
  const size = absolute(nano)
  if (format === 'BinarySI' && size >= 1024n * nanoPerUnit && size % nanoPerUnit === 0n) {
    return sign + binaryText(size / nanoPerUnit)
  }
  return sign + decimalText(size, format === 'DecimalExponent')
}

function binaryText(units: bigint): string {
  let power = 0
  let rest = units
  while (power < 6 && rest % 1024n === 0n) {
    rest /= 1024n
    power++
  }
  return `${rest}${binarySuffixes.get(power) ?? ''}`
}

function decimalText(size: bigint, asExponent: boolean): string {
  let exponent = -9
  let rest = size
  while (exponent < 18 && rest % 1000n === 0n) {
    rest /= 1000n
    exponent += 3
  }
  if (asExponent) return exponent === 0 ? String(rest) : `${rest}e${exponent}`
  return `${rest}${decimalSuffixes.get(exponent) ?? ''}`
}

/** The text as the API server stores it: `1024Mi` → `1Gi`, `0.5` → `500m`. Throws QuantityError. */
export const canonicalQuantity = (text: string | number): string => formatQuantity(parseQuantity(text))

/** Negative, zero or positive, as for sorting. */
export function compareQuantities(left: ExactQuantity, right: ExactQuantity): number {
  return left.nano < right.nano ? -1 : left.nano > right.nano ? 1 : 0
}

/** The sum, in the format of the first that is not zero. */
export function addQuantities(left: ExactQuantity, right: ExactQuantity): ExactQuantity {
  return { nano: left.nano + right.nano, format: left.nano === 0n ? right.format : left.format }
}

export function subtractQuantities(left: ExactQuantity, right: ExactQuantity): ExactQuantity {
  return { nano: left.nano - right.nano, format: left.nano === 0n ? right.format : left.format }
}

export const zeroQuantity: ExactQuantity = { nano: 0n, format: 'DecimalSI' }

/** In thousandths, rounded away from zero: millicores for a `cpu`. */
export const milliValue = (quantity: ExactQuantity): number => roundedTo(quantity.nano, 1_000_000n)

/** In whole units, rounded away from zero: bytes for a `memory`. */
export const wholeValue = (quantity: ExactQuantity): number => roundedTo(quantity.nano, nanoPerUnit)

function roundedTo(nano: bigint, unit: bigint): number {
  const size = Number(divideUp(absolute(nano), unit))
  return nano < 0n ? -size : size
}
