/** Reads regular expressions in RE2's syntax: no look-around and no back references, so that matching takes linear time. */
import { inverted, lastCodePoint, setOf, withOtherCase, type Range } from './char-set.ts'
import { Cursor } from './cursor.ts'
import { RegexSyntaxError, type Assertion, type RegexNode } from './node.ts'
import { parseClass, parseEscape } from './parse-class.ts'

interface Flags {
  readonly ignoreCase: boolean
  readonly multiLine: boolean
  readonly dotAll: boolean
  /** `x*` prefers few, and `x*?` many. */
  readonly ungreedy: boolean
}

const noFlags: Flags = { ignoreCase: false, multiLine: false, dotAll: false, ungreedy: false }
const flagNames: Readonly<Record<string, keyof Flags>> = {
  ...{ i: 'ignoreCase', m: 'multiLine', s: 'dotAll', U: 'ungreedy' },
}

const maximumDepth = 250
const maximumRepeat = 1000

/** Throws RegexSyntaxError. */
export function parseRegex(source: string): RegexNode {
  const cursor = new Cursor(source)
  const node = new Parser(cursor).alternatives(noFlags, 0)
  if (!cursor.atEnd) throw new RegexSyntaxError('unexpected )', source)
  return node
}

class Parser {
  private readonly cursor: Cursor
  /** How often the innermost part of a node is written out when all bounds are. */
  private readonly repeats = new Map<RegexNode, number>()

  constructor(cursor: Cursor) {
    this.cursor = cursor
  }

  alternatives(outer: Flags, depth: number): RegexNode {
    if (depth > maximumDepth) throw new RegexSyntaxError('expression nests too deeply', this.cursor.source)
    const parts: RegexNode[] = []
    let flags = outer
    do {
      const { node, after } = this.sequence(flags, depth)
      parts.push(node)
      flags = after
    } while (this.cursor.takes('|'))
    return this.joined('alternate', parts)
  }

  private joined(type: 'concat' | 'alternate', parts: readonly RegexNode[]): RegexNode {
    const [first] = parts
    if (first === undefined) return { type: 'empty' }
    if (parts.length === 1) return first
    const node: RegexNode = { type, parts }
    let most = 1
    for (const part of parts) most = Math.max(most, this.repeatsOf(part))
    if (most > 1) this.repeats.set(node, most)
    return node
  }

  private repeatsOf(node: RegexNode): number {
    return this.repeats.get(node) ?? 1
  }

  /** Flags that are set in the middle hold until the end of the group. */
  private sequence(given: Flags, depth: number): { node: RegexNode; after: Flags } {
    const { cursor } = this
    const parts: RegexNode[] = []
    let flags = given
    while (!cursor.atEnd && cursor.peek() !== '|' && cursor.peek() !== ')') {
      const start = cursor.at
      if (cursor.takes('(?') && cursor.peek() !== 'P' && cursor.peek() !== '<') {
        const set = this.flagGroup(flags, start)
        if (set.type === 'set') flags = set.flags
        else parts.push(this.repeated(this.group(set.flags, depth), flags, start))
        continue
      }
      cursor.at = start
      if (cursor.takes('\\Q')) {
        const run = this.literalRun(flags)
        const last = run.pop()
        // What follows repeats the last character alone.
        parts.push(...run, ...(last === undefined ? [] : [this.repeated(last, flags, start)]))
      } else parts.push(this.repeated(this.atom(flags, depth), flags, start))
    }
    return { node: this.joined('concat', parts), after: flags }
  }

  private group(flags: Flags, depth: number): RegexNode {
    const node = this.alternatives(flags, depth + 1)
    if (!this.cursor.takes(')')) throw new RegexSyntaxError('missing closing )', this.cursor.source)
    return node
  }

  /** After `(?`: `i)` sets flags, `i:` opens a group with them. */
  private flagGroup(given: Flags, start: number): { type: 'set' | 'group'; flags: Flags } {
    let flags = given
    let on = true
    for (let previous = ''; ;) {
      const character = this.cursor.next() ?? ''
      const flag = flagNames[character]
      if (flag !== undefined) flags = { ...flags, [flag]: on }
      else if (character === '-' && on) on = false
      else if ((character === ')' || character === ':') && previous !== '-')
        return { type: character === ')' ? 'set' : 'group', flags }
      else throw new RegexSyntaxError('invalid or unsupported Perl syntax', this.cursor.textFrom(start))
      previous = character
    }
  }

  private literalRun(flags: Flags): RegexNode[] {
    const parts: RegexNode[] = []
    while (!this.cursor.atEnd && !this.cursor.takes('\\E')) parts.push(literal(this.cursor.next() ?? '', flags))
    return parts
  }

  private atom(flags: Flags, depth: number): RegexNode {
    const { cursor } = this
    const start = cursor.at
    const character = cursor.next() ?? ''
    switch (character) {
      case '(':
        if (cursor.takes('?')) this.groupName(start)
        return this.group(flags, depth)
      case '[':
        return { type: 'chars', set: parseClass(cursor, flags.ignoreCase, start) }
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

  private escape(flags: Flags, start: number): RegexNode {
    const assertion = assertions[this.cursor.peek() ?? '']
    if (assertion === undefined) return { type: 'chars', set: parseEscape(this.cursor, flags.ignoreCase, start) }
    this.cursor.at++
    return { type: 'assert', assertion }
  }

  /** `(?P<name>` and `(?<name>`. */
  private groupName(start: number): void {
    const { cursor } = this
    cursor.takes('P')
    const end = cursor.find('>')
    const name = end < 0 ? '' : cursor.textFrom(cursor.at + 1, end)
    if (cursor.peek() !== '<' || !/^\w+$/.test(name))
      throw new RegexSyntaxError(
        'invalid named capture',
        cursor.textFrom(start, end < 0 ? cursor.characters.length : end + 1),
      )
    cursor.at = end + 1
  }

  private repeated(node: RegexNode, flags: Flags, start: number): RegexNode {
    const { cursor } = this
    let result = node
    for (let before = -1; ;) {
      const operatorAt = cursor.at
      const bounds = this.bounds()
      if (bounds === undefined) return result
      const lazy = cursor.takes('?')
      if (before >= 0) throw new RegexSyntaxError('invalid nested repetition operator', cursor.textFrom(before))
      before = operatorAt
      const [minimum, maximum] = bounds
      if (minimum > maximumRepeat || (maximum !== Infinity && maximum > maximumRepeat) || minimum > maximum)
        throw new RegexSyntaxError('invalid repeat count', cursor.textFrom(operatorAt))
      const repeats = this.repeatsOf(result) * Math.max(minimum, maximum === Infinity ? 1 : maximum, 1)
      if (repeats > maximumRepeat) throw new RegexSyntaxError('invalid repeat count', cursor.textFrom(start))
      result = { type: 'repeat', node: result, minimum, maximum, greedy: lazy === flags.ungreedy }
      this.repeats.set(result, repeats)
    }
  }

  private bounds(): readonly [number, number] | undefined {
    const { cursor } = this
    if (cursor.takes('*')) return [0, Infinity]
    if (cursor.takes('+')) return [1, Infinity]
    if (cursor.takes('?')) return [0, 1]
    if (cursor.peek() !== '{') return undefined
    const end = cursor.characters.slice(cursor.at, cursor.at + 21).indexOf('}')
    // What does not look like bounds is a brace.
    const found = end < 0 ? null : /^\{(\d+)(?:(,)(\d*))?$/.exec(cursor.textFrom(cursor.at, cursor.at + end))
    if (found === null) return undefined
    cursor.at += end + 1
    const minimum = Number(found[1])
    return [minimum, found[2] === undefined ? minimum : found[3] === '' ? Infinity : Number(found[3])]
  }
}

const assertions: Readonly<Record<string, Assertion>> = { A: 'text-start', z: 'text-end', b: 'word', B: 'not-word' }

function literal(character: string, { ignoreCase }: Flags): RegexNode {
  const codePoint = character.codePointAt(0) ?? 0
  const ranges: Range[] = [[codePoint, codePoint]]
  return { type: 'chars', set: setOf(ignoreCase ? withOtherCase(ranges) : ranges) }
}
