/** A regular expression as a program of small steps: Thompson's construction. */
import { wordRanges, type CharSet } from './char-set.ts'
import { RegexSyntaxError, type Assertion, type RegexNode, type RepeatNode } from './node.ts'

export type Instruction =
  | { readonly type: 'chars'; readonly set: CharSet; readonly next: number }
  /** Goes on at both places; the expression prefers what comes of `next`. */
  | Split
  | { readonly type: 'assert'; readonly assertion: Assertion; readonly next: number }
  | { readonly type: 'match' }

interface Split {
  readonly type: 'split'
  next: number
  other: number
}

/** Execution begins at the last instruction; 0 is the match. */
export type Program = readonly Instruction[]

const maximumInstructions = 20_000
/** Parts that make no instruction take time as well, and may be repeated. */
const maximumParts = 4 * maximumInstructions

/** Throws RegexSyntaxError for an expression that would become too large. */
export function compileProgram(node: RegexNode, source: string): Program {
  const writer = new Writer(source)
  const start = writer.write(node, 0)
  writer.add({ type: 'split', next: start, other: start })
  return writer.instructions
}

class Writer {
  readonly instructions: Instruction[] = [{ type: 'match' }]
  private readonly source: string
  private parts = 0

  constructor(source: string) {
    this.source = source
  }

  add(instruction: Instruction): number {
    if (this.instructions.length >= maximumInstructions) throw new RegexSyntaxError('expression too large', this.source)
    return this.instructions.push(instruction) - 1
  }

  /** Writes what leads to `next`, and returns where it begins. */
  write(part: RegexNode, next: number): number {
    if (this.parts++ > maximumParts) throw new RegexSyntaxError('expression too large', this.source)
    switch (part.type) {
      case 'empty':
        return next
      case 'chars':
        return this.add({ type: 'chars', set: part.set, next })
      case 'assert':
        return this.add({ type: 'assert', assertion: part.assertion, next })
      case 'concat':
        return part.parts.reduceRight((after, one) => this.write(one, after), next)
      case 'alternate':
        return part.parts
          .map((one) => this.write(one, next))
          .reduceRight((other, one) => this.add({ type: 'split', next: one, other }))
      case 'repeat':
        return this.writeRepeat(part, next)
    }
  }

  private writeRepeat(repeat: RepeatNode, next: number): number {
    const { node: part, minimum, maximum, greedy } = repeat
    let start = next
    let required = minimum
    if (maximum === Infinity) {
      start = this.writeLoop(part, next, greedy)
      // The loop is once around; that it may be left out comes before it.
      if (minimum === 0) start = this.add(choice(start, next, greedy))
      else required--
    } else {
      for (let count = minimum; count < maximum; count++)
        start = this.add(choice(this.write(part, start), next, greedy))
    }
    for (let count = 0; count < required; count++) start = this.write(part, start)
    return start
  }

  /** The part once, and after it whether to go around again: so an empty round counts as one, as it does in RE2. */
  private writeLoop(part: RegexNode, next: number, greedy: boolean): number {
    const again: Split = { type: 'split', next: 0, other: 0 }
    const start = this.write(part, this.add(again))
    Object.assign(again, choice(start, next, greedy))
    return start
  }
}

const choice = (around: number, past: number, greedy: boolean): Split =>
  greedy ? { type: 'split', next: around, other: past } : { type: 'split', next: past, other: around }

/** Whether an assertion holds between two characters; undefined stands for the start and for the end of the text. */
export function holds(assertion: Assertion, before: number | undefined, after: number | undefined): boolean {
  switch (assertion) {
    case 'text-start':
      return before === undefined
    case 'text-end':
      return after === undefined
    case 'line-start':
      return before === undefined || before === 10
    case 'line-end':
      return after === undefined || after === 10
    case 'word':
      return isWord(before) !== isWord(after)
    case 'not-word':
      return isWord(before) === isWord(after)
  }
}

const isWord = (codePoint: number | undefined): boolean =>
  codePoint !== undefined && wordRanges.some(([low, high]) => codePoint >= low && codePoint <= high)
