/** `'%s has %d'.format([...])`. */
import { EvaluationError } from '../errors.ts'
import type { Meter } from '../evaluation/meter.ts'
import { Duration, Timestamp } from '../values/time.ts'
import { Uint } from '../values/uint.ts'
import { typeNameOf } from '../values/type-name.ts'
import { isList, MapValue, TypeValue, type Value } from '../values/value.ts'
import { doubleText } from './conversions.ts'

export function formatText(template: string, args: readonly Value[], meter: Meter): string {
  let used = 0
  const parts: string[] = []
  let at = 0
  for (const clause of template.matchAll(/%(%|(?:\.(\d{1,3}))?([a-zA-Z])|$|.)/gs)) {
    parts.push(template.slice(at, clause.index))
    at = clause.index + clause[0].length
    const [, whole = '', precision, letter] = clause
    if (whole === '%') {
      parts.push('%')
      continue
    }
    if (letter === undefined)
      throw new EvaluationError(`could not parse formatting clause: unrecognized formatting clause "${whole}"`)
    const arg = args[used]
    if (arg === undefined) throw new EvaluationError(`index ${used} out of range`)
    used++
    const text = written(letter, precision === undefined ? undefined : Number(precision), arg)
    meter.charge(1 + 0.1 * text.length)
    parts.push(text)
  }
  return parts.join('') + template.slice(at)
}

function written(letter: string, precision: number | undefined, arg: Value): string {
  switch (letter) {
    case 's':
      return plainText(arg)
    case 'd':
      return wholeText(arg)
    case 'f':
      return finite(arg, (value) => value.toFixed(Math.min(precision ?? 6, 100)))
    case 'e':
      return finite(arg, (value) =>
        value
          .toExponential(Math.min(precision ?? 6, 100))
          .replace(/e([+-])(\d)$/, (_all, sign: string, digit: string) => `e${sign}0${digit}`),
      )
    case 'b':
      return typeof arg === 'boolean' ? (arg ? '1' : '0') : radix(arg, 2, 'b')
    case 'o':
      return radix(arg, 8, 'o')
    case 'x':
      return hex(arg)
    case 'X':
      return hex(arg).toUpperCase()
    default:
      throw new EvaluationError(`could not parse formatting clause: unrecognized formatting clause "${letter}"`)
  }
}

const wrong = (clause: string, wanted: string, arg: Value): EvaluationError =>
  new EvaluationError(
    `error during formatting: ${clause} clause can only be used on ${wanted}, was given ${typeNameOf(arg)}`,
  )

function plainText(arg: Value): string {
  if (typeof arg === 'string') return arg
  if (typeof arg === 'number') return doubleText(arg)
  if (arg === null || typeof arg === 'boolean' || typeof arg === 'bigint') return String(arg)
  if (arg instanceof Uint) return String(arg.value)
  if (arg instanceof Uint8Array) return new TextDecoder().decode(arg)
  if (arg instanceof Timestamp || arg instanceof Duration) return arg.toString()
  if (arg instanceof TypeValue) return arg.text
  if (isList(arg)) return `[${arg.map(plainText).join(', ')}]`
  if (arg instanceof MapValue) {
    const entries = arg.keys().map((key) => `${plainText(key)}: ${plainText(arg.get(key) ?? null)}`)
    return `{${entries.toSorted().join(', ')}}`
  }
  throw wrong('string', 'strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps', arg)
}

function wholeText(arg: Value): string {
  if (typeof arg === 'bigint') return String(arg)
  if (arg instanceof Uint) return String(arg.value)
  if (typeof arg === 'number' && !Number.isFinite(arg))
    return Number.isNaN(arg) ? 'NaN' : arg < 0 ? '-Infinity' : 'Infinity'
  throw wrong('decimal', 'integers', arg)
}

function finite(arg: Value, write: (value: number) => string): string {
  const value = typeof arg === 'bigint' ? Number(arg) : arg instanceof Uint ? Number(arg.value) : arg
  if (typeof value !== 'number') throw wrong('fixed-point', 'doubles', arg)
  if (Number.isNaN(value)) return 'NaN'
  return Number.isFinite(value) ? write(value) : value < 0 ? '-Infinity' : 'Infinity'
}

function radix(arg: Value, base: number, clause: string): string {
  if (typeof arg === 'bigint') return arg.toString(base)
  if (arg instanceof Uint) return arg.value.toString(base)
  throw wrong(clause, 'integers', arg)
}

function hex(arg: Value): string {
  if (typeof arg === 'string') return Buffer.from(arg).toString('hex')
  if (arg instanceof Uint8Array) return Buffer.from(arg).toString('hex')
  return radix(arg, 16, 'hex')
}
