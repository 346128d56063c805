/** Regular expressions that take time in proportion to the text, whatever the expression is. */
import type { Assertion } from './node.ts'
import { isWord } from './classes.ts'
import { parseRegexp } from './parse.ts'
export { RegexpError } from './node.ts'
import { programOf, type Instruction } from './program.ts'

export interface Match {
  readonly start: number
  readonly end: number
}

/** Told how many states were looked at; may throw to stop the search. */
export type Effort = (states: number) => void

export interface Regexp {
  /** The leftmost match at or after `from` of the code points; of those the one that the expression prefers. */
  find(text: readonly number[], from: number, effort: Effort): Match | undefined
  /** Whether there is a match anywhere. */
  test(text: readonly number[], effort: Effort): boolean
}

const cached = new Map<string, Regexp>()
const cacheLimit = 256

/** Throws RegexpError. */
export function compileRegexp(pattern: string): Regexp {
  const known = cached.get(pattern)
  if (known !== undefined) return known
  const program = programOf(parseRegexp(pattern))
  const regexp: Regexp = {
    find: (text, from, effort) => search(program, text, from, effort, false),
    test: (text, effort) => search(program, text, 0, effort, true) !== undefined,
  }
  if (cached.size >= cacheLimit) cached.clear()
  cached.set(pattern, regexp)
  return regexp
}

export const codePointsOf = (text: string): number[] => Array.from(text, (character) => character.codePointAt(0) ?? 0)

/** The states of the machine at one position, in the order in which the expression prefers them. */
class States {
  readonly places: number[] = []
  readonly starts: number[] = []
  private readonly seen: Uint8Array

  constructor(size: number) {
    this.seen = new Uint8Array(size)
  }

  private readonly pending: number[] = []

  /** Goes on from `place` to all that can be reached without a character; `position` is where the text stands. */
  add(program: readonly Instruction[], place: number, start: number, text: readonly number[], position: number): void {
    const { pending } = this
    pending.push(place)
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (this.seen[at] === 1) continue
      this.seen[at] = 1
      const instruction = program[at]
      if (instruction?.kind === 'jump') pending.push(instruction.to)
      else if (instruction?.kind === 'split') pending.push(instruction.second, instruction.first)
      else if (instruction?.kind === 'assert') {
        if (holdsAt(instruction.assertion, text, position)) pending.push(at + 1)
      } else {
        this.places.push(at)
        this.starts.push(start)
      }
    }
  }

  clear(): void {
    this.places.length = 0
    this.starts.length = 0
    this.seen.fill(0)
  }
}

function search(
  program: readonly Instruction[],
  text: readonly number[],
  from: number,
  effort: Effort,
  any: boolean,
): Match | undefined {
  let current = new States(program.length)
  let following = new States(program.length)
  let found: Match | undefined
  for (let position = from; position <= text.length; position++) {
    // What starts later is worth less than all that is under way.
    if (found === undefined) current.add(program, 0, position, text, position)
    effort(1 + current.places.length + program.length / 64)
    const code = text[position]
    for (let index = 0; index < current.places.length; index++) {
      const place = current.places[index] ?? 0
      const start = current.starts[index] ?? position
      const instruction = program[place]
      if (instruction?.kind === 'match') {
        found = { start, end: position }
        if (any) return found
        break
      }
      if (instruction?.kind === 'character' && code !== undefined && instruction.test(code))
        following.add(program, place + 1, start, text, position + 1)
    }
    if (found !== undefined && following.places.length === 0) return found
    const last = current
    current = following
    following = last
    following.clear()
  }
  return found
}

function holdsAt(assertion: Assertion, text: readonly number[], position: number): boolean {
  const before = text[position - 1]
  const after = text[position]
  switch (assertion) {
    case 'textStart':
      return position === 0
    case 'textEnd':
      return position === text.length
    case 'lineStart':
      return position === 0 || before === 10
    case 'lineEnd':
      return position === text.length || after === 10
    default: {
      const boundary = (before !== undefined && isWord(before)) !== (after !== undefined && isWord(after))
      return boundary === (assertion === 'wordBoundary')
    }
  }
}
