/** The extended functions of strings. Positions count code points. */
import { EvaluationError } from '../errors.ts'
import type { Meter } from '../evaluation/meter.ts'
import { global, member, scan, scanBoth, type Overload } from './overload.ts'
import { formatText } from './format-text.ts'
import type { Value } from '../values/value.ts'

/** More than an answer of the server could ever need. */
const longestResult = 10_000_000

const charactersOf = (text: string): readonly string[] => [...text]

const outOfRange = (index: bigint): EvaluationError => new EvaluationError(`index out of range: ${index}`)

function charAt(text: string, index: bigint): string {
  const characters = charactersOf(text)
  if (index < 0n || index > characters.length) throw outOfRange(index)
  return characters[Number(index)] ?? ''
}

/** Where the part is among the code points, at or after a position; -1 when it is not there. */
function indexOf(text: string, part: string, from: bigint | Meter): bigint {
  const characters = charactersOf(text)
  const start = typeof from === 'bigint' ? from : 0n
  if (start < 0n || (start > characters.length && part !== '')) throw outOfRange(start)
  if (part === '') return start
  const units = characters.slice(0, Number(start)).join('').length
  const found = text.indexOf(part, units)
  return found < 0 ? -1n : BigInt(charactersOf(text.slice(0, found)).length)
}

function lastIndexOf(text: string, part: string, from: bigint | Meter): bigint {
  const characters = charactersOf(text)
  const start = typeof from === 'bigint' ? from : BigInt(characters.length)
  if (start < 0n || start > characters.length) throw outOfRange(start)
  if (part === '') return start
  const units = characters.slice(0, Number(start)).join('').length
  const found = text.lastIndexOf(part, units)
  return found < 0 ? -1n : BigInt(charactersOf(text.slice(0, found)).length)
}

function substring(text: string, from: bigint, until: bigint | Meter): string {
  const characters = charactersOf(text)
  const end = typeof until === 'bigint' ? until : BigInt(characters.length)
  if (from < 0n || from > characters.length) throw outOfRange(from)
  if (end < 0n || end > characters.length) throw outOfRange(end)
  if (from > end) throw new EvaluationError(`invalid substring range. start: ${from}, end: ${end}`)
  return characters.slice(Number(from), Number(end)).join('')
}

const isSpace = (character: string | undefined): boolean => character !== undefined && /[\s\x85]/.test(character)

/** Not by a pattern: that would try each space within the text as the first of those at its end. */
function trim(text: string): string {
  let [start, end] = [0, text.length]
  while (isSpace(text[start])) start++
  while (end > start && isSpace(text[end - 1])) end--
  return text.slice(start, end)
}

/** At most `limit` times; what the result weighs is charged before it is made. */
function replace(text: string, old: string, fresh: string, limit: bigint | Meter, last?: Meter): string {
  const meter = typeof limit === 'bigint' ? last : limit
  const pieces = old === '' ? charactersOf(text) : text.split(old)
  const gaps = old === '' ? pieces.length + 1 : pieces.length - 1
  const count = typeof limit === 'bigint' && limit >= 0n ? Math.min(gaps, Number(limit)) : gaps
  charge(meter, text.length + count * fresh.length)
  if (old !== '') {
    const kept = pieces.slice(count).join(old)
    return [...pieces.slice(0, count), kept].join(fresh)
  }
  return pieces.map((piece, index) => (index < count ? fresh + piece : piece)).join('') + (count === gaps ? fresh : '')
}

function charge(meter: Meter | undefined, size: number): void {
  meter?.charge(0.1 * size)
  if (size > longestResult) throw new EvaluationError('the string is too long')
}

function split(text: string, separator: string, limit: bigint | Meter): readonly string[] {
  const parts = separator === '' ? [...charactersOf(text)] : text.split(separator)
  const most = typeof limit === 'bigint' && limit >= 0n ? Number(limit) : parts.length
  if (most === 0) return []
  if (parts.length <= most) return parts
  return [...parts.slice(0, most - 1), parts.slice(most - 1).join(separator)]
}

function join(list: readonly Value[], separator: string | Meter, last?: Meter): string {
  const between = typeof separator === 'string' ? separator : ''
  const texts = list.map((item) => {
    if (typeof item !== 'string') throw new EvaluationError('no such overload')
    return item
  })
  const meter = typeof separator === 'string' ? last : separator
  charge(
    meter,
    texts.reduce((sum, text) => sum + text.length + between.length, 0),
  )
  return texts.join(between)
}

const lowerAscii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
const upperAscii = (text: string): string => text.replace(/[a-z]/g, (letter) => letter.toUpperCase())

const quoteEscapes: Readonly<Record<string, string>> = {
  ...{ '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' },
  ...{ '\\': '\\\\', '"': '\\"' },
}

const quote = (text: string): string =>
  `"${text.toWellFormed().replace(/[\x07-\r\\"]/g, (character) => quoteEscapes[character] ?? character)}"`

const scanned = { cost: scan }
const bothScanned = { cost: scanBoth }
const grown = { cost: scanBoth, resultSize: (text = 0, _old = 0, fresh = 1) => text * Math.max(1, fresh) }

export const stringLibrary: readonly Overload[] = [
  member('string', 'charAt', ['int'], 'string', charAt, { ...scanned, resultSize: () => 1 }),
  member('string', 'indexOf', ['string'], 'int', indexOf, bothScanned),
  member('string', 'indexOf', ['string', 'int'], 'int', indexOf, bothScanned),
  member('string', 'lastIndexOf', ['string'], 'int', lastIndexOf, bothScanned),
  member('string', 'lastIndexOf', ['string', 'int'], 'int', lastIndexOf, bothScanned),
  member('string', 'lowerAscii', [], 'string', lowerAscii, scanned),
  member('string', 'upperAscii', [], 'string', upperAscii, scanned),
  member('string', 'replace', ['string', 'string'], 'string', replace, grown),
  member('string', 'replace', ['string', 'string', 'int'], 'string', replace, grown),
  member('string', 'split', ['string'], 'list<string>', split, scanned),
  member('string', 'split', ['string', 'int'], 'list<string>', split, scanned),
  member('string', 'substring', ['int'], 'string', substring, scanned),
  member('string', 'substring', ['int', 'int'], 'string', substring, scanned),
  member('string', 'trim', [], 'string', trim, scanned),
  member('string', 'reverse', [], 'string', (text: string) => charactersOf(text).toReversed().join(''), scanned),
  member('string', 'format', ['list<dyn>'], 'string', formatText, bothScanned),
  member('list<string>', 'join', [], 'string', join, scanned),
  member('list<string>', 'join', ['string'], 'string', join, scanned),
  global('strings.quote', ['string'], 'string', quote, scanned),
]
