/**
 * Quantities such as `500m`, `1Gi` or `2e3`, exactly: whole nano units in a bigint. `format` is how they were written,
 * which decides how they are printed.
 */
export interface ExactQuantity {
  readonly nano: bigint
  readonly format: 'DecimalSI' | 'BinarySI' | 'DecimalExponent'
  /** The text that it keeps, as Kubernetes does where it takes it for canonical without a closer look. */
  readonly text?: string
}

export class QuantityError extends Error {
  override readonly name = 'QuantityError'
  readonly code = 'InvalidQuantity'
}

const nanoPerUnit = 1_000_000_000n
const nanoPerMilli = 1_000_000n
/** The most that a quantity of binary bytes can be; what is larger becomes this. */
const largestBinary = (2n ** 63n - 1n) * nanoPerUnit

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

/** Sign, leading zeros, digits, fraction, suffix: any of them may be missing, but not all. */
const parts = /^([+-]?)(0*)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/

/** Reads a quantity; a fraction of a nano unit is rounded up. Throws QuantityError. */
export function parseQuantity(text: string | number): ExactQuantity {
  const [all, sign = '', zeros = '', digits = '', fraction = '', suffix = ''] = parts.exec(String(text)) ?? []
  if (all === undefined || all === '') throw new QuantityError(shape)
  const scale = scaleOf(suffix)
  const number = { whole: digits === '' ? '0' : digits, fraction, suffix, scale }
  // Nothing at all counts as zero, but for what Kubernetes reads as a number of any size.
  if (zeros + digits + fraction === '' && !isShort(number))
    throw new QuantityError('unable to parse numeric part of quantity')
  const tens = scale.exponent - fraction.length + 9
  const mantissa = BigInt(number.whole + fraction) * scale.numerator
  const size = tens >= 0 ? mantissa * 10n ** BigInt(tens) : divideUp(mantissa, 10n ** BigInt(-tens))
  const capped = scale.format === 'BinarySI' && size > largestBinary ? largestBinary : size
  // Less than one byte is not a number of binary bytes.
  const format = scale.format === 'BinarySI' && capped > 0n && capped < nanoPerUnit ? 'DecimalSI' : scale.format
  return { nano: sign === '-' ? -capped : capped, format, ...(keepsText(number) ? { text: all } : {}) }
}

interface Scale {
  readonly numerator: bigint
  readonly exponent: number
  readonly format: ExactQuantity['format']
}

interface WrittenNumber {
  readonly whole: string
  readonly fraction: string
  readonly suffix: string
  readonly scale: Scale
}

/** Whether Kubernetes reads it as a small integer with a scale. */
function isShort({ whole, fraction, suffix, scale }: WrittenNumber): boolean {
  return scale.format === 'BinarySI'
    ? fraction === '' && whole.length + 3 * (binaryPowers[suffix] ?? 0) <= 14
    : whole.length + fraction.length <= 18 && scale.exponent - fraction.length >= -9
}

/** Which texts Kubernetes keeps: short ones that seem to have no smaller form. Not all of them are canonical. */
function keepsText(number: WrittenNumber): boolean {
  const { whole, fraction, scale } = number
  if (!isShort(number)) return false
  if (scale.format === 'BinarySI') return Number(whole) % 8 !== 0
  const digits = whole + fraction
  return (scale.exponent - fraction.length) % 3 === 0 && !digits.startsWith('0') && !digits.endsWith('000')
}

function scaleOf(suffix: string): Scale {
  const power = Object.hasOwn(binaryPowers, suffix) ? binaryPowers[suffix] : undefined
  if (power !== undefined) return { numerator: 1024n ** BigInt(power), exponent: 0, format: 'BinarySI' }
  const exponent = Object.hasOwn(decimalExponents, suffix) ? decimalExponents[suffix] : undefined
  if (exponent !== undefined) return { numerator: 1n, exponent, format: 'DecimalSI' }
  // Larger ones than any cluster has would only take time.
  const written = /^[eE]([+-]?\d{1,3})$/.exec(suffix)?.[1]
  if (written === undefined) throw new QuantityError("unable to parse quantity's suffix")
  return { numerator: 1n, exponent: Number(written), format: 'DecimalExponent' }
}

/** Divides two non-negative numbers, rounding up. */
const divideUp = (value: bigint, by: bigint): bigint => (value + by - 1n) / by

const absolute = (value: bigint): bigint => (value < 0n ? -value : value)

/** Its text: the one that it keeps, or the canonical one with the largest suffix that needs no fraction. */
export function formatQuantity({ nano, format, text }: ExactQuantity): string {
  if (text !== undefined) return text
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
  const digits = String(size)
  const zeros = digits.length - digits.replace(/0+$/, '').length
  const most = 3 * Math.floor(zeros / 3) - 9
  const exponent = asExponent ? most : Math.min(most, 18)
  const rest = digits.slice(0, digits.length - exponent - 9)
  if (asExponent) return exponent === 0 ? rest : `${rest}e${exponent}`
  return `${rest}${decimalSuffixes.get(exponent) ?? ''}`
}

/** Rounded away from zero to thousandths, as amounts of resources are. */
export function roundedToMilli(quantity: ExactQuantity): ExactQuantity {
  const { nano, format } = quantity
  if (nano % nanoPerMilli === 0n) return quantity
  const size = divideUp(absolute(nano), nanoPerMilli) * nanoPerMilli
  return { nano: nano < 0n ? -size : size, format }
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
export const milliValue = (quantity: ExactQuantity): number => roundedTo(quantity.nano, nanoPerMilli)

/** In whole units, rounded away from zero: bytes for a `memory`. */
export const wholeValue = (quantity: ExactQuantity): number => roundedTo(quantity.nano, nanoPerUnit)

function roundedTo(nano: bigint, unit: bigint): number {
  const size = Number(divideUp(absolute(nano), unit))
  return nano < 0n ? -size : size
}
