/** Conversions between the types of CEL. */
import { EvaluationError } from '../errors.ts'
import { parseDuration, parseTimestamp, Duration, Timestamp } from '../values/time.ts'
import type { Uint } from '../values/uint.ts'
import { typeNameOf } from '../values/type-name.ts'
import { TypeValue, type Value } from '../values/value.ts'
import { checkedInt, checkedUint } from './operators.ts'
import { global, scan, type Overload } from './overload.ts'

const identity = (value: Value): Value => value

function fromText<T>(type: string, text: string, read: (text: string) => T | undefined): T {
  const value = read(text)
  if (value === undefined) throw new EvaluationError(`type conversion error from 'string' to '${type}'`)
  return value
}

const integerIn = (text: string): bigint | undefined => (/^[+-]?\d{1,20}$/.test(text) ? BigInt(text) : undefined)

function doubleIn(text: string): number | undefined {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text)
  if (special !== null) {
    if (special[2]?.toLowerCase() === 'nan') return NaN
    return special[1] === '-' ? -Infinity : Infinity
  }
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined
}

const truths: Readonly<Record<string, boolean>> = {
  ...{ '1': true, t: true, T: true, true: true, TRUE: true, True: true },
  ...{ '0': false, f: false, F: false, false: false, FALSE: false, False: false },
}

function wholeOf(value: number): bigint {
  if (!Number.isFinite(value)) throw new EvaluationError('integer overflow')
  return BigInt(Math.trunc(value))
}

/** As Go prints it: exponents for what is very large or very small. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value < 0 ? '-Inf' : '+Inf'
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e21))
    return value.toExponential().replace(/e([+-])(\d)$/, (_all, sign: string, digit: string) => `e${sign}0${digit}`)
  return Object.is(value, -0) ? '-0' : String(value)
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw Object.assign(new EvaluationError('invalid UTF-8 in bytes, cannot convert to string'), { cause })
  }
}

const secondsOf = (nanos: bigint): bigint => (nanos < 0n ? -(-nanos / 1_000_000_000n) : nanos / 1_000_000_000n)

export const conversions: readonly Overload[] = [
  global('int', ['int'], 'int', identity),
  global('int', ['uint'], 'int', (value: Uint) => checkedInt(value.value)),
  global('int', ['double'], 'int', (value: number) => checkedInt(wholeOf(value))),
  global('int', ['string'], 'int', (text: string) => checkedInt(fromText('int', text, integerIn))),
  global('int', ['timestamp'], 'int', (time: Timestamp) => time.seconds),
  global('int', ['duration'], 'int', (span: Duration) => secondsOf(span.nanos)),
  global('uint', ['uint'], 'uint', identity),
  global('uint', ['int'], 'uint', (value: bigint) => checkedUint(value)),
  global('uint', ['double'], 'uint', (value: number) => checkedUint(wholeOf(value))),
  global('uint', ['string'], 'uint', (text: string) => checkedUint(fromText('uint', text, integerIn))),
  global('double', ['double'], 'double', identity),
  global('double', ['int'], 'double', (value: bigint) => Number(value)),
  global('double', ['uint'], 'double', (value: Uint) => Number(value.value)),
  global('double', ['string'], 'double', (text: string) => fromText('double', text, doubleIn), { cost: scan }),
  global('bool', ['bool'], 'bool', identity),
  global('bool', ['string'], 'bool', (text: string) =>
    fromText('bool', text, (one) => (Object.hasOwn(truths, one) ? truths[one] : undefined)),
  ),
  global('string', ['string'], 'string', identity),
  global('string', ['bool'], 'string', (value: boolean) => String(value)),
  global('string', ['int'], 'string', (value: bigint) => String(value)),
  global('string', ['uint'], 'string', (value: Uint) => String(value.value)),
  global('string', ['double'], 'string', (value: number) => doubleText(value)),
  global('string', ['bytes'], 'string', (bytes: Uint8Array) => textOf(bytes), { cost: scan }),
  global('string', ['timestamp'], 'string', (time: Timestamp) => time.toString()),
  global('string', ['duration'], 'string', (span: Duration) => span.toString()),
  global('bytes', ['bytes'], 'bytes', identity),
  global('bytes', ['string'], 'bytes', (text: string) => new TextEncoder().encode(text), { cost: scan }),
  global('timestamp', ['timestamp'], 'timestamp', identity),
  global('timestamp', ['int'], 'timestamp', (seconds: bigint) => new Timestamp(seconds * 1_000_000_000n)),
  global('timestamp', ['string'], 'timestamp', (text: string) => fromText('timestamp', text, parseTimestamp)),
  global('duration', ['duration'], 'duration', identity),
  global('duration', ['int'], 'duration', (seconds: bigint) => new Duration(seconds * 1_000_000_000n)),
  global('duration', ['string'], 'duration', (text: string) => fromText('duration', text, parseDuration)),
  global('dyn', ['A'], 'dyn', identity),
  global('type', ['A'], 'type', (value: Value) => new TypeValue(typeNameOf(value))),
]
