/** Reads a regular expression in the syntax of RE2, which has nothing that would need backtracking. */
import { foldingCase, inRanges, perlClasses, posixClasses, unicodeClass, type Range } from './classes.ts'
import { RegexpError, type Assertion, type CharacterTest, type RegexpNode } from './node.ts'

export { RegexpError } from './node.ts'

const maximumRepeat = 1000
const maximumDepth = 200

interface Flags {
  readonly i: boolean
  readonly m: boolean
  readonly s: boolean
  readonly U: boolean
}

/** Throws RegexpError. */
export function parseRegexp(pattern: string): RegexpNode {
  return new RegexpParser(pattern).whole()
}

const characterEscapes: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 }
const assertions: Readonly<Record<string, Assertion>> = {
  ...{ A: 'textStart', z: 'textEnd', b: 'wordBoundary', B: 'noWordBoundary' },
}

class RegexpParser {
  private readonly pattern: readonly string[]
  private at = 0
  private depth = 0
  private flags: Flags = { i: false, m: false, s: false, U: false }

  constructor(pattern: string) {
    this.pattern = [...pattern]
  }

  whole(): RegexpNode {
    const node = this.choice()
    if (this.at < this.pattern.length) throw new RegexpError('unexpected )')
    return node
  }

  private get next(): string | undefined {
    return this.pattern[this.at]
  }

  private startsWith(text: string): boolean {
    return this.pattern.slice(this.at, this.at + text.length).join('') === text
  }

  private take(): string {
    const character = this.pattern[this.at++]
    if (character === undefined) throw new RegexpError('unexpected end of the expression')
    return character
  }

  private choice(): RegexpNode {
    if (++this.depth > maximumDepth) throw new RegexpError('expression nests too deeply')
    const options = [this.sequence()]
    while (this.next === '|') {
      this.at++
      options.push(this.sequence())
    }
    this.depth--
    const [only] = options
    return options.length === 1 && only !== undefined ? only : { kind: 'choice', options }
  }

  private sequence(): RegexpNode {
    const parts: RegexpNode[] = []
    while (this.next !== undefined && this.next !== '|' && this.next !== ')') {
      if (this.startsWith('\\Q')) {
        const quoted = this.quoted()
        const last = quoted.pop()
        parts.push(...quoted, ...(last === undefined ? [] : [this.repeated(last)]))
      } else parts.push(this.repeated(this.atom()))
    }
    return { kind: 'sequence', parts }
  }

  private quoted(): RegexpNode[] {
    this.at += 2
    const parts: RegexpNode[] = []
    while (this.next !== undefined && !this.startsWith('\\E'))
      parts.push(this.character(this.take().codePointAt(0) ?? 0))
    if (this.next !== undefined) this.at += 2
    return parts
  }

  private repeated(atom: RegexpNode): RegexpNode {
    let node = atom
    let repeats = 0
    for (;;) {
      const bounds = this.bounds()
      if (bounds === undefined) return node
      if (repeats++ > 0) throw new RegexpError('invalid nested repetition operator')
      const lazy = this.next === '?'
      if (lazy) this.at++
      node = { kind: 'repeat', part: node, ...bounds, greedy: lazy === this.flags.U }
    }
  }

  private bounds(): { minimum: number; maximum: number } | undefined {
    const symbol = this.next
    if (symbol === '*' || symbol === '+' || symbol === '?') {
      this.at++
      return { minimum: symbol === '+' ? 1 : 0, maximum: symbol === '?' ? 1 : Infinity }
    }
    if (symbol !== '{') return undefined
    const written = /^\{(\d+)(,(\d*))?\}/.exec(this.pattern.slice(this.at, this.at + 24).join(''))
    if (written === null) return undefined
    const [text, low = '', comma, high = ''] = written
    const minimum = Number(low)
    const maximum = comma === undefined ? minimum : high === '' ? Infinity : Number(high)
    if (minimum > maximumRepeat || (maximum !== Infinity && maximum > maximumRepeat) || maximum < minimum)
      throw new RegexpError(`invalid repeat count: ${text}`)
    this.at += text.length
    return { minimum, maximum }
  }

  private atom(): RegexpNode {
    const symbol = this.take()
    switch (symbol) {
      case '(':
        return this.group()
      case '[':
        return { kind: 'character', test: this.characterClass() }
      case '.':
        return { kind: 'character', test: this.flags.s ? () => true : (code) => code !== 10 }
      case '^':
        return { kind: 'assert', assertion: this.flags.m ? 'lineStart' : 'textStart' }
      case '$':
        return { kind: 'assert', assertion: this.flags.m ? 'lineEnd' : 'textEnd' }
      case '*':
      case '+':
      case '?':
        throw new RegexpError(`missing argument to repetition operator: ${symbol}`)
      case '\\':
        return this.escape()
      default:
        return this.character(symbol.codePointAt(0) ?? 0)
    }
  }

  private character(code: number): RegexpNode {
    return { kind: 'character', test: this.folded((other) => other === code) }
  }

  private folded(test: CharacterTest): CharacterTest {
    return this.flags.i ? foldingCase(test) : test
  }

  private group(): RegexpNode {
    const outer = this.flags
    if (this.next === '?') {
      this.at++
      const rest = this.pattern.slice(this.at, this.at + 200).join('')
      const name = /^P?<([A-Za-z0-9_]+)>/.exec(rest)
      const flags = /^([imsU]*)(?:-([imsU]+))?([:)])/.exec(rest)
      if (name !== null) this.at += name[0].length
      else if (flags !== null && flags[0] !== ')') {
        this.at += flags[0].length
        const [, on = '', off = '', end] = flags
        this.flags = withFlags(outer, on, off)
        // Flags alone hold until the group around them ends.
        if (end === ')') return { kind: 'empty' }
      } else throw new RegexpError(`invalid or unsupported Perl syntax: (?${rest.slice(0, 1)}`)
    }
    const node = this.choice()
    if (this.next !== ')') throw new RegexpError('missing closing )')
    this.at++
    this.flags = outer
    return node
  }

  private escape(): RegexpNode {
    const letter = this.next ?? ''
    const assertion = Object.hasOwn(assertions, letter) ? assertions[letter] : undefined
    if (assertion !== undefined) {
      this.at++
      return { kind: 'assert', assertion }
    }
    const named = this.namedClass()
    if (named !== undefined) return { kind: 'character', test: this.folded(named) }
    return this.character(this.escapedCode())
  }

  /** `\d`, `\p{Greek}` and the like, after the backslash. */
  private namedClass(): CharacterTest | undefined {
    const letter = this.next ?? ''
    const lower = letter.toLowerCase()
    const ranges = Object.hasOwn(perlClasses, lower) ? perlClasses[lower] : undefined
    if (ranges !== undefined) {
      this.at++
      return negatedIf(letter !== lower, inRanges(ranges))
    }
    if (lower !== 'p') return undefined
    this.at++
    const rest = this.pattern.slice(this.at, this.at + 40).join('')
    const written = /^(?:\{(\^?)([A-Za-z_]+)\}|([A-Za-z]))/.exec(rest)
    if (written === null) throw new RegexpError(`invalid character class range: \\${letter}`)
    const [text, not = '', long, short = ''] = written
    this.at += text.length
    return negatedIf((letter === 'P') !== (not !== ''), unicodeClass(long ?? short))
  }

  private escapedCode(): number {
    const letter = this.take()
    const known = Object.hasOwn(characterEscapes, letter) ? characterEscapes[letter] : undefined
    if (known !== undefined) return known
    const rest = letter + this.pattern.slice(this.at, this.at + 12).join('')
    const digits = /^(?:x([0-9a-fA-F]{2})|x\{([0-9a-fA-F]{1,8})\}|(0[0-7]{0,2}|[1-7][0-7]{2}))/.exec(rest)
    if (digits !== null) {
      const [text, short, long, octal] = digits
      this.at += text.length - 1
      const code = octal === undefined ? parseInt(short ?? long ?? '', 16) : parseInt(octal, 8)
      if (code <= 0x10ffff) return code
    } else if (letter.length === 1 && letter < '\x80' && !/[A-Za-z0-9]/.test(letter)) return letter.charCodeAt(0)
    throw new RegexpError(`invalid escape sequence: \\${letter}`)
  }

  private characterClass(): CharacterTest {
    const negated = this.next === '^'
    if (negated) this.at++
    const ranges: Range[] = []
    const tests: CharacterTest[] = []
    for (let first = true; first || this.next !== ']'; first = false) {
      const posix = /^\[:(\^?)([a-z]+):\]/.exec(this.pattern.slice(this.at, this.at + 16).join(''))
      if (posix !== null) {
        tests.push(posixClass(posix[2] ?? '', posix[1] === '^'))
        this.at += posix[0].length
        continue
      }
      if (this.next === '\\') {
        this.at++
        const named = this.namedClass()
        if (named !== undefined) {
          tests.push(named)
          continue
        }
        this.at--
      }
      const from = this.classCode()
      const isRange = this.next === '-' && this.pattern[this.at + 1] !== ']' && this.pattern[this.at + 1] !== undefined
      if (isRange) this.at++
      const to = isRange ? this.classCode() : from
      if (to < from) throw new RegexpError('invalid character class range')
      ranges.push([from, to])
    }
    this.at++
    const listed = inRanges(ranges)
    return negatedIf(
      negated,
      this.folded((code) => listed(code) || tests.some((test) => test(code))),
    )
  }

  private classCode(): number {
    const character = this.take()
    return character === '\\' ? this.escapedCode() : (character.codePointAt(0) ?? 0)
  }
}

function posixClass(name: string, negated: boolean): CharacterTest {
  const ranges = Object.hasOwn(posixClasses, name) ? posixClasses[name] : undefined
  if (ranges === undefined) throw new RegexpError(`invalid character class range: [:${name}:]`)
  return negatedIf(negated, inRanges(ranges))
}

const negatedIf = (negated: boolean, test: CharacterTest): CharacterTest => (negated ? (code) => !test(code) : test)

function withFlags(flags: Flags, on: string, off: string): Flags {
  const has = (flag: keyof Flags): boolean => (flags[flag] || on.includes(flag)) && !off.includes(flag)
  return { i: has('i'), m: has('m'), s: has('s'), U: has('U') }
}
