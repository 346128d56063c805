/** Times as API objects carry them: RFC 3339, UTC; `Time` in whole seconds, `MicroTime` with six digits. */

const rfc3339 =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/

export function isTime(text: string): boolean {
  return rfc3339.test(text)
}

/** The same moment in the form in which the API server stores it. A text that is no time is returned as it is. */
export function canonicalTime(text: string, precision: 'time' | 'micro-time'): string {
  if (text.length === (precision === 'time' ? 20 : 27) && text.endsWith('Z')) return text
  const match = rfc3339.exec(text)
  if (match === null) return text
  const [, seconds = '', fraction = '', zone = 'Z'] = match
  const unixSeconds = Date.parse(`${seconds}${zone}`) / 1000
  return timeText(unixSeconds, Number(fraction.padEnd(9, '0').slice(0, 9)), precision)
}

export function timeText(unixSeconds: number, nanoseconds: number, precision: 'time' | 'micro-time'): string {
  const base = new Date(unixSeconds * 1000).toISOString().slice(0, 19)
  if (precision === 'time') return `${base}Z`
  const micros = Math.trunc(nanoseconds / 1000)
  return `${base}.${String(micros).padStart(6, '0')}Z`
}

export interface ParsedTime {
  readonly unixSeconds: number
  readonly nanoseconds: number
}

/** Objects that were made together carry the same few times many times over. */
const parsed = new Map<string, ParsedTime>()
const parsedLimit = 1000

/** Undefined when the text is no time. */
export function parseTime(text: string): ParsedTime | undefined {
  const known = parsed.get(text)
  if (known !== undefined) return known
  const time = readTime(text)
  if (time === undefined) return undefined
  if (parsed.size >= parsedLimit) parsed.clear()
  parsed.set(text, time)
  return time
}

function readTime(text: string): ParsedTime | undefined {
  const match = rfc3339.exec(text)
  if (match === null) return undefined
  const [, seconds = '', fraction = '', zone = 'Z'] = match
  return {
    unixSeconds: Date.parse(`${seconds}${zone}`) / 1000,
    nanoseconds: Number(fraction.padEnd(9, '0').slice(0, 9)),
  }
}
