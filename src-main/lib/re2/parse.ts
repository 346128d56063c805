/** Reads regular expressions in RE2's syntax: no look-around and no back references, so that matching takes linear time. */
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

export type Assertion = 'text-start' | 'text-end' | 'line-start' | 'line-end' | 'word' | 'not-word'

export type RegexNode =
  | { readonly type: 'empty' }
  | { readonly type: 'chars'; readonly set: CharSet }
  | { readonly type: 'assert'; readonly assertion: Assertion }
  | { readonly type: 'concat' | 'alternate'; readonly parts: readonly RegexNode[] }
  /** `maximum` is Infinity for `*`, `+` and `{n,}`. */
  | { readonly type: 'repeat'; readonly node: RegexNode; readonly minimum: number; readonly maximum: number }

/** The message is in the words of Go's regexp package, which clients know. */
export class RegexSyntaxError extends Error {
  readonly code = 'RegexSyntax'

  constructor(problem: string, where: string) {
    super(`error parsing regexp: ${problem}${where === '' ? '' : `: \`${where}\``}`)
  }
}

interface Flags {
  readonly ignoreCase: boolean
  readonly multiLine: boolean
  readonly dotAll: boolean
}

const maximumDepth = 250
const maximumRepeat = 1000

/** Throws RegexSyntaxError. */
export function parseRegex(source: string): RegexNode {
  const parser = new Parser(source)
  const node = parser.alternatives({ ignoreCase: false, multiLine: false, dotAll: false }, 0)
  if (!parser.atEnd) throw new RegexSyntaxError('unexpected )', source)
  return node
}

class Parser {
  private readonly source: string
  private readonly characters: readonly string[]
  private at = 0

  constructor(source: string) {
    this.source = source
    this.characters = [...source]
  }

  get atEnd(): boolean {
    return this.at >= this.characters.length
  }

  alternatives(outer: Flags, depth: number): RegexNode {
    if (depth > maximumDepth) throw new RegexSyntaxError('expression nests too deeply', this.source)
    const parts: RegexNode[] = []
    let flags = outer
    for (;;) {
      const { node, after } = this.sequence(flags, depth)
      parts.push(node)
      flags = after
      if (this.peek() !== '|') break
      this.at++
    }
    const [first] = parts
    return parts.length === 1 && first !== undefined ? first : { type: 'alternate', parts }
  }

  /** Flags that are set in the middle hold until the end of the group. */
  private sequence(given: Flags, depth: number): { node: RegexNode; after: Flags } {
    const parts: RegexNode[] = []
    let flags = given
    while (!this.atEnd && this.peek() !== '|' && this.peek() !== ')') {
      const start = this.at
      if (this.takes('(?') && this.peek() !== 'P' && this.peek() !== '<') {
        const set = this.flagGroup(flags, start)
        if (set.type === 'set') {
          flags = set.flags
          continue
        }
        parts.push(this.repeated(this.group(set.flags, depth), start))
        continue
      }
      this.at = start
      if (this.takes('\\Q')) {
        parts.push(...this.literalRun(flags))
        continue
      }
      parts.push(this.repeated(this.atom(flags, depth), start))
    }
    const [first] = parts
    const node: RegexNode =
      first === undefined ? { type: 'empty' } : parts.length === 1 ? first : { type: 'concat', parts }
    return { node, after: flags }
  }

  private group(flags: Flags, depth: number): RegexNode {
    const node = this.alternatives(flags, depth + 1)
    if (this.peek() !== ')') throw new RegexSyntaxError('missing closing )', this.source)
    this.at++
    return node
  }

  /** After `(?`: `i)` sets flags, `i:` opens a group with them. */
  private flagGroup(flags: Flags, start: number): { type: 'set' | 'group'; flags: Flags } {
    let { ignoreCase, multiLine, dotAll } = flags
    let on = true
    for (;;) {
      const character = this.next()
      if (character === 'i') ignoreCase = on
      else if (character === 'm') multiLine = on
      else if (character === 's') dotAll = on
      else if (character === '-' && on) on = false
      else if (character === ')' || character === ':')
        return { type: character === ')' ? 'set' : 'group', flags: { ignoreCase, multiLine, dotAll } }
      // Greed makes no difference to whether something matches.
      else if (character !== 'U')
        throw new RegexSyntaxError('invalid or unsupported Perl syntax', this.textFrom(start, this.at))
    }
  }

  private literalRun(flags: Flags): RegexNode[] {
    const parts: RegexNode[] = []
    while (!this.atEnd && !this.takes('\\E')) parts.push(literal(this.next() ?? '', flags))
    return parts
  }

  private atom(flags: Flags, depth: number): RegexNode {
    const start = this.at
    const character = this.next() ?? ''
    switch (character) {
      case '(':
        if (this.takes('?')) this.groupName(start)
        return this.group(flags, depth)
      case '[':
        return { type: 'chars', set: this.characterClass(flags, start) }
      case '.':
        return { type: 'chars', set: setOf(flags.dotAll ? [[0, lastCodePoint]] : inverted([[10, 10]])) }
      case '^':
        return { type: 'assert', assertion: flags.multiLine ? 'line-start' : 'text-start' }
      case '$':
        return { type: 'assert', assertion: flags.multiLine ? 'line-end' : 'text-end' }
      case '*':
      case '+':
      case '?':
        throw new RegexSyntaxError('missing argument to repetition operator', character)
      case '\\':
        return this.escape(flags, start)
      default:
        return literal(character, flags)
    }
  }

  /** `(?P<name>` and `(?<name>`. */
  private groupName(start: number): void {
    this.takes('P')
    const end = this.characters.indexOf('>', this.at)
    const name = end < 0 ? '' : this.textFrom(this.at + 1, end)
    if (this.peek() !== '<' || !/^\w+$/.test(name))
      throw new RegexSyntaxError(
        'invalid named capture',
        this.textFrom(start, end < 0 ? this.characters.length : end + 1),
      )
    this.at = end + 1
  }

  private repeated(node: RegexNode, start: number): RegexNode {
    let result = node
    for (let count = 0; ; count++) {
      const operatorAt = this.at
      const bounds = this.bounds()
      if (bounds === undefined) return result
      this.takes('?')
      if (count > 0)
        throw new RegexSyntaxError('invalid nested repetition operator', this.textFrom(operatorAt - 1, this.at))
      const [minimum, maximum] = bounds
      if (minimum > maximumRepeat || (maximum !== Infinity && maximum > maximumRepeat) || minimum > maximum)
        throw new RegexSyntaxError('invalid repeat count', this.textFrom(operatorAt, this.at))
      if (repeats(result) * Math.max(minimum, maximum === Infinity ? 1 : maximum) > maximumRepeat)
        throw new RegexSyntaxError('invalid repeat count', this.textFrom(start, this.at))
      result = { type: 'repeat', node: result, minimum, maximum }
    }
  }

  private bounds(): readonly [number, number] | undefined {
    if (this.takes('*')) return [0, Infinity]
    if (this.takes('+')) return [1, Infinity]
    if (this.takes('?')) return [0, 1]
    if (this.peek() !== '{') return undefined
    const end = this.characters.indexOf('}', this.at)
    // What does not look like bounds is a brace.
    const found = end < 0 || end > this.at + 20 ? null : /^(\d+)(?:(,)(\d*))?$/.exec(this.textFrom(this.at + 1, end))
    if (found === null) return undefined
    this.at = end + 1
    const minimum = Number(found[1])
    return [minimum, found[2] === undefined ? minimum : found[3] === '' ? Infinity : Number(found[3])]
  }

  private escape(flags: Flags, start: number): RegexNode {
    const character = this.peek()
    const assertion = character === undefined ? undefined : assertions[character]
    if (assertion !== undefined) {
      this.at++
      return { type: 'assert', assertion }
    }
    const { ranges, properties } = this.escapedSet(start)
    return { type: 'chars', set: setOf(flags.ignoreCase ? withOtherCase(ranges) : ranges, properties) }
  }

  private escapedSet(start: number): { ranges: readonly Range[]; properties: readonly RegExp[] } {
    const character = this.next()
    if (character === undefined) throw new RegexSyntaxError('trailing backslash at end of expression', '')
    const perl = perlClasses[character.toLowerCase()]
    if (perl !== undefined && /[dswDSW]/.test(character))
      return { ranges: /[dsw]/.test(character) ? perl : inverted(perl), properties: [] }
    if (character === 'p' || character === 'P') return { ranges: [], properties: [this.property(character, start)] }
    const codePoint = this.escapedCharacter(character, start)
    return { ranges: [[codePoint, codePoint]], properties: [] }
  }

  private escapedCharacter(character: string, start: number): number {
    const control = controls[character]
    if (control !== undefined) return control
    if (character === 'x') return this.hexadecimal(start)
    if (/[0-7]/.test(character) && (character === '0' || /[0-7]/.test(this.peek() ?? ''))) {
      let digits = character
      while (digits.length < 3 && /[0-7]/.test(this.peek() ?? '')) digits += this.next()
      return Number.parseInt(digits, 8)
    }
    if (/[A-Za-z0-9]/.test(character) || (character.codePointAt(0) ?? 0) > 0x7f)
      throw new RegexSyntaxError('invalid escape sequence', this.textFrom(start, this.at))
    return character.codePointAt(0) ?? 0
  }

  private hexadecimal(start: number): number {
    let digits: string
    if (this.takes('{')) {
      const end = this.characters.indexOf('}', this.at)
      digits = end < 0 ? '' : this.textFrom(this.at, end)
      this.at = end < 0 ? this.at : end + 1
    } else {
      digits = `${this.next() ?? ''}${this.next() ?? ''}`
      if (digits.length < 2) digits = ''
    }
    const value = /^[0-9a-fA-F]{1,8}$/.test(digits) ? Number.parseInt(digits, 16) : Infinity
    if (value > lastCodePoint) throw new RegexSyntaxError('invalid escape sequence', this.textFrom(start, this.at))
    return value
  }

  private property(letter: string, start: number): RegExp {
    let name = this.next() ?? ''
    if (name === '{') {
      const end = this.characters.indexOf('}', this.at)
      if (end < 0) throw new RegexSyntaxError('invalid character class range', this.textFrom(start, this.at))
      name = this.textFrom(this.at, end)
      this.at = end + 1
    }
    const negated = name.startsWith('^')
    const plain = negated ? name.slice(1) : name
    const escape = (letter === 'P') !== negated ? 'P' : 'p'
    const sources = plain === 'Any' ? ['Any'] : [`gc=${plain}`, `Script=${plain}`]
    for (const source of /^\w+$/.test(plain) ? sources : []) {
      try {
        return new RegExp(`^\\${escape}{${source}}$`, 'u')
      } catch {
        // Not a name of this sort of property.
        continue
      }
    }
    throw new RegexSyntaxError('invalid character class range', this.textFrom(start, this.at))
  }

  private characterClass(flags: Flags, start: number): CharSet {
    const negated = this.takes('^')
    let ranges: Range[] = []
    const properties: RegExp[] = []
    for (let first = true; first || this.peek() !== ']'; first = false) {
      if (this.atEnd) throw new RegexSyntaxError('missing closing ]', this.textFrom(start, this.characters.length))
      const itemAt = this.at
      const posix = this.posixClass()
      if (posix !== undefined) {
        ranges.push(...posix)
        continue
      }
      const low = this.classItem(itemAt)
      properties.push(...low.properties)
      const [only] = low.ranges
      const single = low.ranges.length === 1 && only !== undefined && only[0] === only[1]
      if (
        !single ||
        this.peek() !== '-' ||
        this.characters[this.at + 1] === ']' ||
        this.at + 1 >= this.characters.length
      ) {
        ranges.push(...low.ranges)
        continue
      }
      this.at++
      const [high] = this.classItem(this.at).ranges
      if (high === undefined || high[0] !== high[1] || high[0] < only[0])
        throw new RegexSyntaxError('invalid character class range', this.textFrom(itemAt, this.at))
      ranges.push([only[0], high[0]])
    }
    this.at++
    if (flags.ignoreCase) ranges = withOtherCase(ranges)
    return setOf(ranges, properties, negated)
  }

  private classItem(start: number): { ranges: readonly Range[]; properties: readonly RegExp[] } {
    const character = this.next()
    if (character === '\\') return this.escapedSet(start)
    const codePoint = character?.codePointAt(0) ?? 0
    return { ranges: [[codePoint, codePoint]], properties: [] }
  }

  private posixClass(): readonly Range[] | undefined {
    if (this.peek() !== '[' || this.characters[this.at + 1] !== ':') return undefined
    const end = this.characters.indexOf(':', this.at + 2)
    if (end < 0 || this.characters[end + 1] !== ']' || end > this.at + 12) return undefined
    const text = this.textFrom(this.at + 2, end)
    const ranges = posixClasses[text.replace(/^\^/, '')]
    if (ranges === undefined)
      throw new RegexSyntaxError('invalid character class range', this.textFrom(this.at, end + 2))
    this.at = end + 2
    return text.startsWith('^') ? inverted(ranges) : ranges
  }

  private peek(): string | undefined {
    return this.characters[this.at]
  }

  private next(): string | undefined {
    return this.characters[this.at++]
  }

  private takes(text: string): boolean {
    if (![...text].every((character, offset) => this.characters[this.at + offset] === character)) return false
    this.at += text.length
    return true
  }

  private textFrom(start: number, end: number): string {
    return this.characters.slice(start, end).join('')
  }
}

const assertions: Readonly<Record<string, Assertion>> = { A: 'text-start', z: 'text-end', b: 'word', B: 'not-word' }
const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 }

function literal(character: string, { ignoreCase }: Flags): RegexNode {
  const codePoint = character.codePointAt(0) ?? 0
  const ranges: Range[] = [[codePoint, codePoint]]
  return { type: 'chars', set: setOf(ignoreCase ? withOtherCase(ranges) : ranges) }
}

/** How often the innermost part is written out when all bounds are. */
function repeats(node: RegexNode): number {
  if (node.type === 'repeat')
    return repeats(node.node) * Math.max(node.minimum, node.maximum === Infinity ? 1 : node.maximum, 1)
  if (node.type === 'concat' || node.type === 'alternate') return Math.max(1, ...node.parts.map(repeats))
  return 1
}
