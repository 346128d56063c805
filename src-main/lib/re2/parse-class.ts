/** Reads what stands for one character: escapes and classes. */
import {
  inverted,
  lastCodePoint,
  perlClasses,
  posixClasses,
  setOf,
  withOtherCase,
  type CharSet,
  type Range,
} from './char-set.ts'
import type { Cursor } from './cursor.ts'
import { RegexSyntaxError } from './node.ts'

/** What an escape or an item of a class stands for. */
interface Item {
  readonly ranges: readonly Range[]
  readonly properties: readonly RegExp[]
}

const oneCharacter = (codePoint: number): Item => ({ ranges: [[codePoint, codePoint]], properties: [] })

/** After the opening bracket, which stood at `start`. Throws RegexSyntaxError. */
export function parseClass(cursor: Cursor, ignoreCase: boolean, start: number): CharSet {
  const negated = cursor.takes('^')
  const ranges: Range[] = []
  const properties: RegExp[] = []
  for (let first = true; first || cursor.peek() !== ']'; first = false) {
    if (cursor.atEnd) throw new RegexSyntaxError('missing closing ]', cursor.textFrom(start, cursor.characters.length))
    const itemAt = cursor.at
    const item = posixClass(cursor) ?? classItem(cursor, ignoreCase, itemAt)
    properties.push(...item.properties)
    const [only] = item.ranges
    if (item.ranges.length !== 1 || only === undefined || only[0] !== only[1] || !opensRange(cursor)) {
      ranges.push(...item.ranges)
      continue
    }
    cursor.at++
    const [high] = classItem(cursor, ignoreCase, cursor.at).ranges
    if (high === undefined || high[0] !== high[1] || high[0] < only[0])
      throw new RegexSyntaxError('invalid character class range', cursor.textFrom(itemAt))
    ranges.push([only[0], high[0]])
  }
  cursor.at++
  return setOf(ignoreCase ? withOtherCase(ranges) : ranges, properties, negated)
}

/** A hyphen that is not the last of its class. */
function opensRange(cursor: Cursor): boolean {
  const after = cursor.peek(1)
  return cursor.peek() === '-' && after !== ']' && after !== undefined
}

function classItem(cursor: Cursor, ignoreCase: boolean, start: number): Item {
  const character = cursor.next()
  if (character === '\\') return escaped(cursor, ignoreCase, start)
  return oneCharacter(character?.codePointAt(0) ?? 0)
}

function posixClass(cursor: Cursor): Item | undefined {
  if (cursor.peek() !== '[' || cursor.peek(1) !== ':') return undefined
  const end = cursor.find(':', cursor.at + 2)
  if (end < 0 || cursor.characters[end + 1] !== ']') return undefined
  const text = cursor.textFrom(cursor.at + 2, end)
  const name = text.replace(/^\^/, '')
  const ranges = Object.hasOwn(posixClasses, name) ? posixClasses[name] : undefined
  if (ranges === undefined)
    throw new RegexSyntaxError('invalid character class range', cursor.textFrom(cursor.at, end + 2))
  cursor.at = end + 2
  return { ranges: text.startsWith('^') ? inverted(ranges) : ranges, properties: [] }
}

/** After a backslash outside of classes. Throws RegexSyntaxError. */
export function parseEscape(cursor: Cursor, ignoreCase: boolean, start: number): CharSet {
  const { ranges, properties } = escaped(cursor, ignoreCase, start)
  return setOf(ignoreCase ? withOtherCase(ranges) : ranges, properties)
}

function escaped(cursor: Cursor, ignoreCase: boolean, start: number): Item {
  const character = cursor.next()
  if (character === undefined) throw new RegexSyntaxError('trailing backslash at end of expression', '')
  const perl = perlClasses[character.toLowerCase()]
  if (perl !== undefined && /[dswDSW]/.test(character))
    return { ranges: /[dsw]/.test(character) ? perl : inverted(perl), properties: [] }
  if (character === 'p' || character === 'P')
    return { ranges: [], properties: [property(cursor, character === 'P', ignoreCase, start)] }
  return oneCharacter(escapedCharacter(cursor, character, start))
}

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 }

function escapedCharacter(cursor: Cursor, character: string, start: number): number {
  const control = controls[character]
  if (control !== undefined) return control
  if (character === 'x') return hexadecimal(cursor, start)
  if (/[0-7]/.test(character) && (character === '0' || /[0-7]/.test(cursor.peek() ?? ''))) {
    let digits = character
    while (digits.length < 3 && /[0-7]/.test(cursor.peek() ?? '')) digits += cursor.next()
    return Number.parseInt(digits, 8)
  }
  if (/[A-Za-z0-9]/.test(character) || (character.codePointAt(0) ?? 0) > 0x7f)
    throw new RegexSyntaxError('invalid escape sequence', cursor.textFrom(start))
  return character.codePointAt(0) ?? 0
}

function hexadecimal(cursor: Cursor, start: number): number {
  let digits: string
  if (cursor.takes('{')) {
    const end = cursor.find('}')
    digits = end < 0 ? '' : cursor.textFrom(cursor.at, end)
    cursor.at = end < 0 ? cursor.at : end + 1
  } else {
    digits = `${cursor.next() ?? ''}${cursor.next() ?? ''}`
    if (digits.length < 2) digits = ''
  }
  const value = /^[0-9a-fA-F]{1,8}$/.test(digits) ? Number.parseInt(digits, 16) : Infinity
  if (value > lastCodePoint) throw new RegexSyntaxError('invalid escape sequence', cursor.textFrom(start))
  return value
}

/** A category or a script of Unicode: `\pL`, `\p{Greek}`, `\p{^Greek}`. */
function property(cursor: Cursor, inverse: boolean, ignoreCase: boolean, start: number): RegExp {
  let name = cursor.next() ?? ''
  if (name === '{') {
    const end = cursor.find('}')
    if (end < 0) throw new RegexSyntaxError('invalid character class range', cursor.textFrom(start))
    name = cursor.textFrom(cursor.at, end)
    cursor.at = end + 1
  }
  const negated = name.startsWith('^')
  const plain = negated ? name.slice(1) : name
  const sources = plain === 'Any' ? ['Any'] : [`gc=${plain}`, `Script=${plain}`]
  for (const source of /^\w+$/.test(plain) ? sources : []) {
    try {
      return new RegExp(`^[${inverse === negated ? '' : '^'}\\p{${source}}]$`, ignoreCase ? 'iu' : 'u')
    } catch {
      // Not a name of this sort of property.
      continue
    }
  }
  throw new RegexSyntaxError('invalid character class range', cursor.textFrom(start))
}
