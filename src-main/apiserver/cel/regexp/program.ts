/** From the tree to a program for a machine that is in all its states at once, and so never goes back. */
import { RegexpError, type Assertion, type CharacterTest, type RegexpNode } from './node.ts'

export type Instruction =
  | { readonly kind: 'character'; readonly test: CharacterTest }
  | { readonly kind: 'assert'; readonly assertion: Assertion }
  /** Goes on at both places, with the first one preferred. */
  | { kind: 'split'; first: number; second: number }
  | { kind: 'jump'; to: number }
  | { readonly kind: 'match' }

const maximumSize = 10_000

/** Instructions as they are written; parts that make none count as well, for they may be repeated very often. */
class Program extends Array<Instruction> {
  parts = 0
}

/** Throws RegexpError when the expression is too large. */
export function programOf(node: RegexpNode): readonly Instruction[] {
  const program = new Program()
  emit(node, program)
  program.push({ kind: 'match' })
  return [...program]
}

function emit(node: RegexpNode, program: Program): void {
  if (program.parts++ > maximumSize) throw new RegexpError('expression too large')
  switch (node.kind) {
    case 'empty':
      return
    case 'character':
      program.push({ kind: 'character', test: node.test })
      return
    case 'assert':
      program.push({ kind: 'assert', assertion: node.assertion })
      return
    case 'sequence':
      for (const part of node.parts) emit(part, program)
      return
    case 'choice':
      return emitChoice(node.options, program)
    case 'repeat':
      return emitRepeat(node, program)
  }
}

function emitChoice(options: readonly RegexpNode[], program: Program): void {
  const jumps: Extract<Instruction, { kind: 'jump' }>[] = []
  for (const [index, option] of options.entries()) {
    if (index === options.length - 1) {
      emit(option, program)
      break
    }
    const split = { kind: 'split' as const, first: program.length + 1, second: 0 }
    program.push(split)
    emit(option, program)
    const jump = { kind: 'jump' as const, to: 0 }
    program.push(jump)
    jumps.push(jump)
    split.second = program.length
  }
  for (const jump of jumps) jump.to = program.length
}

function emitRepeat(
  { part, minimum, maximum, greedy }: Extract<RegexpNode, { kind: 'repeat' }>,
  program: Program,
): void {
  for (let count = 0; count < minimum; count++) emit(part, program)
  if (maximum === Infinity) {
    const split = newSplit(program)
    emit(part, program)
    program.push({ kind: 'jump', to: split.at })
    setSplit(split, program.length, greedy)
    return
  }
  const splits: Split[] = []
  for (let count = minimum; count < maximum; count++) {
    splits.push(newSplit(program))
    emit(part, program)
  }
  for (const split of splits) setSplit(split, program.length, greedy)
}

interface Split {
  readonly at: number
  readonly instruction: Extract<Instruction, { kind: 'split' }>
}

function newSplit(program: Program): Split {
  const instruction = { kind: 'split' as const, first: 0, second: 0 }
  program.push(instruction)
  return { at: program.length - 1, instruction }
}

function setSplit({ at, instruction }: Split, out: number, greedy: boolean): void {
  instruction.first = greedy ? at + 1 : out
  instruction.second = greedy ? out : at + 1
}
