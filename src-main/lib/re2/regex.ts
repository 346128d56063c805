/**
 * Regular expressions whose matching takes time in proportion to the text, whatever the expression: a client that
 * brings its own cannot hold up the program. A lazily built automaton, kept between texts: it says whether there is a
 * match; where is what `search.ts` finds, with the same programs.
 */
import { inSet, withoutRepeats, type CharSet } from './char-set.ts'
import { parseRegex } from './parse.ts'
import { compileProgram, holds, type Program } from './program.ts'

export interface LinearRegex {
  readonly source: string
  /** Its instructions, all repetitions written out. */
  readonly size: number
  /** Whether the expression matches anywhere in the text. Throws RegexBudgetError when that takes too long to find out. */
  test(text: string): boolean
}

/** The expression and the text are together too large for an answer in good time. */
export class RegexBudgetError extends Error {
  readonly code = 'RegexBudget'

  constructor(source: string) {
    super(`the regular expression ${JSON.stringify(source.slice(0, 100))} takes too long on this text`)
  }
}

/** Steps of one test: some tens of milliseconds. */
const budgetSteps = 2_000_000
/** To sort and to name a new state costs so much more than a step. */
const stateCost = 8
const maximumStates = 2000

/** Throws RegexSyntaxError. */
export function compileRegex(source: string): LinearRegex {
  return new Automaton(source, compileProgram(parseRegex(source), source))
}

interface State {
  /** The `chars` and end assertions that are waited for; sorted. */
  readonly waiting: readonly number[]
  readonly matched: boolean
  /** By class of the next character. */
  readonly next: State[]
}

/** What stands around a position, for assertions. */
interface Place {
  readonly before: number | undefined
  readonly after: number | undefined
}

class Automaton implements LinearRegex {
  readonly source: string
  readonly size: number
  private readonly program: Program
  private knownClasses: CharacterClasses | undefined
  /** Assertions that look at the next character need the text itself. */
  private readonly looksAround: boolean
  private states = new Map<string, State>()
  private start: State | undefined
  private steps = 0

  constructor(source: string, program: Program) {
    this.source = source
    this.size = program.length
    this.program = program
    this.looksAround = program.some(
      (one) => one.type === 'assert' && one.assertion !== 'text-start' && one.assertion !== 'text-end',
    )
  }

  test(text: string): boolean {
    this.steps = 0
    return this.looksAround ? this.simulate(text) : this.run(text)
  }

  /** Made for the first text: many expressions are only checked. */
  private get classes(): CharacterClasses {
    return (this.knownClasses ??= new CharacterClasses(this.program))
  }

  private run(text: string): boolean {
    this.start ??= this.stateOf(this.closure([this.program.length - 1], { before: undefined, after: 0 }))
    let state = this.start
    for (let at = 0; at < text.length; at++) {
      if (state.matched) return true
      const codePoint = text.codePointAt(at) ?? 0
      if (codePoint > 0xffff) at++
      const character = this.classes.of(codePoint)
      let next = state.next[character]
      if (next === undefined) {
        next = this.stateOf(this.after(state.waiting, codePoint, { before: codePoint, after: 0 }))
        state.next[character] = next
      }
      state = next
    }
    if (state.matched) return true
    const atStart = text.length === 0
    return this.closure(state.waiting, { before: atStart ? undefined : 0, after: undefined }).has(0)
  }

  private simulate(text: string): boolean {
    const codePoints = Array.from(text, (character) => character.codePointAt(0) ?? 0)
    let waiting = this.closure([this.program.length - 1], { before: undefined, after: codePoints[0] })
    for (const [at, codePoint] of codePoints.entries()) {
      if (waiting.has(0)) return true
      waiting = this.after([...waiting], codePoint, { before: codePoint, after: codePoints[at + 1] })
    }
    return waiting.has(0)
  }

  private after(waiting: readonly number[], codePoint: number, place: Place): Set<number> {
    const next: number[] = []
    for (const index of waiting) {
      const instruction = this.program[index]
      if (instruction?.type === 'chars' && inSet(instruction.set, codePoint)) next.push(instruction.next)
    }
    this.spend(waiting.length)
    // The match may begin at any place.
    next.push(this.program.length - 1)
    return this.closure(next, place)
  }

  /** All instructions that are reached without a character; assertions about the end stay until the end is there. */
  private closure(from: readonly number[], place: Place): Set<number> {
    const found = new Set<number>()
    const seen = new Set<number>()
    const pending = [...from]
    for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
      if (seen.has(index)) continue
      seen.add(index)
      const instruction = this.program[index]
      if (instruction === undefined) continue
      if (instruction.type === 'split') pending.push(instruction.next, instruction.other)
      else if (instruction.type !== 'assert') found.add(index)
      else if (holds(instruction.assertion, place.before, place.after)) pending.push(instruction.next)
      else if (instruction.assertion === 'text-end') found.add(index)
    }
    this.spend(seen.size)
    return found
  }

  private stateOf(instructions: Set<number>): State {
    const waiting = [...instructions].sort((left, right) => left - right)
    this.spend(waiting.length * stateCost)
    const key = waiting.join()
    const known = this.states.get(key)
    if (known !== undefined) return known
    if (this.states.size >= maximumStates) {
      // Old states are still reachable through those in use; they go with them.
      this.states = new Map()
      this.start = undefined
    }
    const state: State = { waiting, matched: waiting[0] === 0, next: [] }
    this.states.set(key, state)
    return state
  }

  private spend(steps: number): void {
    this.steps += steps
    if (this.steps > budgetSteps) throw new RegexBudgetError(this.source)
  }
}

/** Characters that no instruction tells apart are one to the automaton. */
class CharacterClasses {
  private readonly boundaries: readonly number[]
  private readonly properties: readonly RegExp[]
  private readonly known = new Map<number, number>()
  private readonly byMeaning = new Map<string, number>()

  constructor(program: Program) {
    const sets = program.flatMap((one): CharSet[] => (one.type === 'chars' ? [one.set] : []))
    this.boundaries = [...new Set(sets.flatMap(({ ranges }) => ranges.flatMap(([low, high]) => [low, high + 1])))].sort(
      (left, right) => left - right,
    )
    this.properties = withoutRepeats(sets.flatMap(({ properties }) => properties))
  }

  of(codePoint: number): number {
    const known = this.known.get(codePoint)
    if (known !== undefined) return known
    const text = String.fromCodePoint(codePoint)
    const meaning = `${this.rangeOf(codePoint)} ${this.properties.map((one) => (one.test(text) ? 1 : 0)).join('')}`
    const found = this.byMeaning.get(meaning) ?? this.byMeaning.size
    this.byMeaning.set(meaning, found)
    // Texts of all sorts must not fill the memory.
    if (this.known.size < 4096) this.known.set(codePoint, found)
    return found
  }

  private rangeOf(codePoint: number): number {
    let low = 0
    let high = this.boundaries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.boundaries[middle] ?? 0) <= codePoint) low = middle + 1
      else high = middle
    }
    return low
  }
}
