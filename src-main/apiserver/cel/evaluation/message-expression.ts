/** The message that an expression makes of what was refused. */
import type { Activation, Program } from '../compile.ts'
import { CostLimitError, EvaluationError } from '../errors.ts'
import type { Budget } from './meter.ts'

const lengthLimit = 5 * 1024

/** What the expression gives when that is a line of reasonable length, else the fallback; absent: the fallback. */
export function messageOr(
  fallback: string,
  expression: Program | undefined,
  activation: Activation,
  budget: Budget,
): string {
  if (expression === undefined) return fallback
  try {
    const value = expression.run(activation, budget)
    const text = typeof value === 'string' ? value.trim() : ''
    return text === '' || text.length > lengthLimit || text.includes('\n') ? fallback : text
  } catch (error) {
    if (error instanceof EvaluationError || error instanceof CostLimitError) return fallback
    throw error
  }
}
