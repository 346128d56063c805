/** Points in time and spans of it, in nanoseconds. */
import { EvaluationError } from '../errors.ts'

const nanosPerSecond = 1_000_000_000n
const nanosPerMs = 1_000_000n
/** The years 1 to 9999. */
const earliest = -62_135_596_800n * nanosPerSecond
const latest = 253_402_300_800n * nanosPerSecond - 1n
const longest = 2n ** 63n - 1n

export class Timestamp {
  readonly nanos: bigint

  /** Throws EvaluationError outside of the years 1 to 9999. */
  constructor(nanos: bigint) {
    if (nanos < earliest || nanos > latest) throw new EvaluationError('timestamp out of range')
    this.nanos = nanos
  }

  get date(): Date {
    return new Date(Number(floorDivide(this.nanos, nanosPerMs)))
  }

  get seconds(): bigint {
    return floorDivide(this.nanos, nanosPerSecond)
  }

  toString(): string {
    const fraction = this.nanos - this.seconds * nanosPerSecond
    const digits = fraction === 0n ? '' : `.${String(fraction).padStart(9, '0').replace(/0+$/, '')}`
    return `${this.date.toISOString().slice(0, 19)}${digits}Z`
  }
}

export class Duration {
  readonly nanos: bigint

  /** Throws EvaluationError for more than 64 bits of nanoseconds. */
  constructor(nanos: bigint) {
    if (nanos > longest || nanos < -longest - 1n) throw new EvaluationError('duration out of range')
    this.nanos = nanos
  }

  toString(): string {
    const size = this.nanos < 0n ? -this.nanos : this.nanos
    const fraction = size % nanosPerSecond
    const digits = fraction === 0n ? '' : `.${String(fraction).padStart(9, '0').replace(/0+$/, '')}`
    return `${this.nanos < 0n ? '-' : ''}${size / nanosPerSecond}${digits}s`
  }
}

const floorDivide = (value: bigint, by: bigint): bigint => (value < 0n ? -((-value + by - 1n) / by) : value / by)

/** RFC 3339; undefined when the text is none. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const parts = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})$/.exec(text)
  if (parts === null) return undefined
  const [, date = '', time = '', fraction = '', zone = ''] = parts
  const ms = Date.parse(`${date}T${time}${zone.toUpperCase()}`)
  const day = Date.parse(`${date}T00:00:00Z`)
  // A day that the month does not have becomes another one.
  if (Number.isNaN(ms) || Number.isNaN(day) || new Date(day).toISOString().slice(0, 10) !== date) return undefined
  return new Timestamp(BigInt(ms) * nanosPerMs + BigInt(fraction.slice(0, 9).padEnd(9, '0')))
}

const unitNanos: Readonly<Record<string, bigint>> = {
  ...{ ns: 1n, us: 1000n, µs: 1000n, μs: 1000n, ms: nanosPerMs, s: nanosPerSecond },
  ...{ m: 60n * nanosPerSecond, h: 3600n * nanosPerSecond },
}

/** `1h30m`, `-1.5s`, `0`; undefined when the text is no duration, or one that is too long. */
export function parseDuration(text: string): Duration | undefined {
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  const rest = text.slice(sign.length)
  if (rest === '0') return new Duration(0n)
  if (rest.length > 200 || !/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined
  let nanos = 0n
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const scale = unitNanos[unit] ?? 1n
    nanos += BigInt(whole === '' ? '0' : whole) * scale
    if (fraction !== '') nanos += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length)
  }
  const signed = sign === '-' ? -nanos : nanos
  return signed > longest || signed < -longest - 1n ? undefined : new Duration(signed)
}
