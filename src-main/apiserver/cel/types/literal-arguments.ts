/** Literals that a function will certainly refuse are refused when the expression is compiled. */
import { RegexSyntaxError } from '../../../lib/re2/node.ts'
import { compileSearch } from '../../../lib/re2/search.ts'
import type { Expr } from '../syntax/ast.ts'
import { parseDuration, parseTimestamp } from '../values/time.ts'
import { EvaluationError } from '../errors.ts'

const patterns: ReadonlySet<string> = new Set(['matches', 'find', 'findAll'])

/** What is wrong with the arguments of a call, of which the receiver is the first. */
export function checkLiteralArguments(name: string, args: readonly Expr[]): string | undefined {
  const literal = (expr: Expr | undefined): string | undefined =>
    expr?.kind === 'literal' && typeof expr.value === 'string' ? expr.value : undefined
  if (patterns.has(name)) {
    const text = literal(args[1])
    return text === undefined ? undefined : problem(name, () => compileSearch(text))
  }
  if (name !== 'duration' && name !== 'timestamp') return undefined
  const text = literal(args[0])
  if (text === undefined) return undefined
  return problem(name, () => (name === 'duration' ? parseDuration(text) : parseTimestamp(text)))
}

function problem(name: string, read: () => unknown): string | undefined {
  const wrong = `invalid ${name} argument`
  try {
    return read() === undefined ? wrong : undefined
  } catch (error) {
    if (error instanceof RegexSyntaxError || error instanceof EvaluationError) return wrong
    throw error
  }
}
