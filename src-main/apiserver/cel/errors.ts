/** What can go wrong with an expression: while it is compiled, while it runs, or because it runs for too long. */

export interface Issue {
  readonly message: string
  /** Where in the source, in code units. */
  readonly offset: number
}

/** The expression cannot be used. The message shows every issue with its place in the source. */
export class CompileError extends Error {
  override readonly name = 'CompileError'
  readonly code = 'InvalidExpression'
  readonly issues: readonly Issue[]

  constructor(source: string, issues: readonly Issue[]) {
    super(issues.map((issue) => describeIssue(source, issue)).join('\n'))
    this.issues = issues
  }
}

function describeIssue(source: string, { message, offset }: Issue): string {
  const lineStart = source.lastIndexOf('\n', offset - 1) + 1
  const lineEnd = source.indexOf('\n', offset)
  const line = source.slice(lineStart, lineEnd < 0 ? undefined : lineEnd)
  const lineNumber = source.slice(0, lineStart).split('\n').length
  const column = [...source.slice(lineStart, offset)].length
  return `ERROR: <input>:${lineNumber}:${column + 1}: ${message}\n | ${line.replaceAll('\t', ' ')}\n | ${'.'.repeat(column)}^`
}

/** The expression has no value for these inputs; `||` and `&&` may still have one. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError'
  readonly code = 'EvaluationFailed'
}

/** The expression was stopped. Nothing inside the expression can absorb it. */
export class CostLimitError extends Error {
  override readonly name = 'CostLimitError'
  readonly code = 'CostLimitExceeded'
  /** Whether it was this expression alone, or all of a request together. */
  readonly limit: 'expression' | 'budget'

  constructor(limit: 'expression' | 'budget') {
    super('operation cancelled: actual cost limit exceeded')
    this.limit = limit
  }
}

export const noSuchOverload = (): EvaluationError => new EvaluationError('no such overload')
