/** A regular expression as a program of small steps: Thompson's construction. */
import type { CharSet } from './char-set.ts'
import { RegexSyntaxError, type Assertion, type RegexNode } from './parse.ts'

export type Instruction =
  | { readonly type: 'chars'; readonly set: CharSet; next: number }
  | { readonly type: 'split'; next: number; other: number }
  | { readonly type: 'assert'; readonly assertion: Assertion; next: number }
  | { readonly type: 'match' }

/** Execution begins at the last instruction; 0 is the match. */
export type Program = readonly Instruction[]

const maximumInstructions = 20_000

/** Throws RegexSyntaxError for an expression that would become too large. */
export function compileProgram(node: RegexNode, source: string): Program {
  const instructions: Instruction[] = [{ type: 'match' }]
  const add = (instruction: Instruction): number => {
    if (instructions.length >= maximumInstructions) throw new RegexSyntaxError('expression too large', source)
    return instructions.push(instruction) - 1
  }
  /** Writes what leads to `next`, and returns where it begins. */
  const write = (part: RegexNode, next: number): number => {
    switch (part.type) {
      case 'empty':
        return next
      case 'chars':
        return add({ type: 'chars', set: part.set, next })
      case 'assert':
        return add({ type: 'assert', assertion: part.assertion, next })
      case 'concat':
        return part.parts.reduceRight((after, one) => write(one, after), next)
      case 'alternate':
        return part.parts
          .map((one) => write(one, next))
          .reduceRight((other, one) => add({ type: 'split', next: one, other }))
      case 'repeat':
        return writeRepeat(part, next)
    }
  }
  const writeRepeat = (
    { node: part, minimum, maximum }: Extract<RegexNode, { type: 'repeat' }>,
    next: number,
  ): number => {
    let start = next
    if (maximum === Infinity) {
      const loop: Instruction = { type: 'split', next: 0, other: next }
      start = add(loop)
      loop.next = write(part, start)
    } else {
      for (let count = minimum; count < maximum; count++)
        start = add({ type: 'split', next: write(part, start), other: next })
    }
    for (let count = 0; count < minimum; count++) start = write(part, start)
    return start
  }
  const start = write(node, 0)
  add({ type: 'split', next: start, other: start })
  return instructions
}
