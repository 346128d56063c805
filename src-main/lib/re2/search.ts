/**
 * Finds where a regular expression matches, in time proportional to the text: a machine that is in all states of the
 * program at once, in the order in which the expression prefers them, and so never goes back.
 */
import { inSet } from './char-set.ts'
import { parseRegex } from './parse.ts'
import { compileProgram, holds, type Program } from './program.ts'

export interface Match {
  readonly start: number
  readonly end: number
}

/** Told how many states were looked at; may throw to stop the search. */
export type Effort = (states: number) => void

export interface RegexSearch {
  /** The leftmost match at or after `from` of the code points; of those the one that the expression prefers. */
  find(text: readonly number[], from: number, effort: Effort): Match | undefined
  /** Whether there is a match anywhere. */
  test(text: readonly number[], effort: Effort): boolean
}

const cached = new Map<string, RegexSearch>()
const cacheLimit = 256

/** Kept for the next time. Throws RegexSyntaxError. */
export function compileSearch(source: string): RegexSearch {
  const known = cached.get(source)
  if (known !== undefined) return known
  const program = compileProgram(parseRegex(source), source)
  const compiled: RegexSearch = {
    find: (text, from, effort) => search(program, text, from, effort, false),
    test: (text, effort) => search(program, text, 0, effort, true) !== undefined,
  }
  if (cached.size >= cacheLimit) cached.clear()
  cached.set(source, compiled)
  return compiled
}

export const codePointsOf = (text: string): number[] => Array.from(text, (character) => character.codePointAt(0) ?? 0)

/** The states of the machine at one position, in the order in which the expression prefers them. */
class States {
  readonly places: number[] = []
  readonly starts: number[] = []
  private readonly program: Program
  private readonly seen: Uint8Array
  private readonly pending: number[] = []

  constructor(program: Program) {
    this.program = program
    this.seen = new Uint8Array(program.length)
  }

  /** Goes on from `place` to all that can be reached without a character; `position` is where the text stands. */
  add(place: number, start: number, text: readonly number[], position: number): void {
    const { pending, program, seen } = this
    pending.push(place)
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (seen[at] === 1) continue
      seen[at] = 1
      const instruction = program[at]
      if (instruction?.type === 'split') pending.push(instruction.other, instruction.next)
      else if (instruction?.type === 'assert') {
        if (holds(instruction.assertion, text[position - 1], text[position])) pending.push(instruction.next)
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
  program: Program,
  text: readonly number[],
  from: number,
  effort: Effort,
  any: boolean,
): Match | undefined {
  let current = new States(program)
  let following = new States(program)
  let found: Match | undefined
  for (let position = from; position <= text.length; position++) {
    // What starts later is worth less than all that is under way.
    if (found === undefined) current.add(program.length - 1, position, text, position)
    effort(1 + current.places.length + program.length / 64)
    const code = text[position]
    for (let index = 0; index < current.places.length; index++) {
      const start = current.starts[index] ?? position
      const instruction = program[current.places[index] ?? 0]
      if (instruction?.type === 'match') {
        found = { start, end: position }
        if (any) return found
        break
      }
      if (instruction?.type === 'chars' && code !== undefined && inSet(instruction.set, code))
        following.add(instruction.next, start, text, position + 1)
    }
    if (found !== undefined && following.places.length === 0) return found
    const last = current
    current = following
    following = last
    following.clear()
  }
  return found
}
