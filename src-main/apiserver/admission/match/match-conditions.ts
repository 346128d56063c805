/** The match conditions of webhooks and policies: expressions that must all be true of a request. */
import type { Kind } from '../../../api/define-kind.ts'
import { invalid, type FieldError } from '../../../api/field-error.ts'
import type { MatchCondition } from '../../../api/types/admissionregistration-v1.ts'
import { compileTo, type Activation, type Program } from '../../cel/compile.ts'
import type { Environment } from '../../cel/environment.ts'
import { CompileError, CostLimitError, EvaluationError } from '../../cel/errors.ts'
import { Budget, matchConditionsBudget } from '../../cel/evaluation/meter.ts'
import type { AdmissionRequest } from '../admission.ts'
import { admissionActivation, type ExpressionSources } from '../expressions/activation.ts'
import { webhookConditionEnvironment } from '../expressions/environment.ts'

export type ConditionResult =
  | { readonly result: 'match' }
  | { readonly result: 'no-match'; readonly condition: string }
  /** None is false, but at least one has no value: the failure policy decides. */
  | { readonly result: 'error'; readonly message: string }

export interface MatchConditions {
  /** `kind` is the one through which the rules matched: objects are seen in that version. */
  evaluate(request: AdmissionRequest, kind: Kind, sources: ExpressionSources): ConditionResult
  /** With variables that are ready, such as those of a policy with its parameters. */
  evaluateWith(activation: Activation): ConditionResult
}

const always: MatchConditions = {
  evaluate: () => ({ result: 'match' }),
  evaluateWith: () => ({ result: 'match' }),
}

/** Throws CompileError; what was stored through validation compiles. Without conditions everything matches. */
export function compileMatchConditions(
  conditions: readonly MatchCondition[] | undefined,
  env: Environment = webhookConditionEnvironment,
): MatchConditions {
  if (conditions === undefined || conditions.length === 0) return always
  const compiled = conditions.map(({ name, expression }) => ({ name, program: compileCondition(expression, env) }))
  const evaluateWith = (activation: Activation): ConditionResult => {
    const budget = new Budget(matchConditionsBudget)
    const failures: string[] = []
    for (const { name, program } of compiled) {
      const value = valueOf(program, activation, budget)
      if (value === false) return { result: 'no-match', condition: name }
      if (value !== true) failures.push(`match condition ${JSON.stringify(name)}: ${value}`)
    }
    return failures.length === 0 ? { result: 'match' } : { result: 'error', message: failures.join(', ') }
  }
  return {
    evaluateWith,
    evaluate: (request, kind, sources) => evaluateWith(admissionActivation(request, kind, sources)),
  }
}

const compileCondition = (expression: string, env: Environment): Program =>
  compileTo(expression, env, ['bool'], 'must evaluate to bool')

/** What went wrong as text. */
function valueOf(program: Program, activation: Activation, budget: Budget): boolean | string {
  try {
    const value = program.run(activation, budget)
    return typeof value === 'boolean' ? value : 'must evaluate to bool'
  } catch (error) {
    if (error instanceof EvaluationError || error instanceof CostLimitError) return error.message
    throw error
  }
}

/** What is wrong with the expressions, in the words of Kubernetes. */
export function checkMatchConditions(
  path: string,
  conditions: readonly MatchCondition[] | undefined,
  env: Environment = webhookConditionEnvironment,
): FieldError[] {
  return (conditions ?? []).flatMap(({ expression = '' }, index) => {
    if (expression.trim() === '') return []
    const problem = compileProblem(() => compileCondition(expression, env))
    return problem === undefined ? [] : [invalid(`${path}[${index}].expression`, expression, problem)]
  })
}

/** Why an expression does not compile; undefined when it does. */
export function compileProblem(compile: () => unknown): string | undefined {
  try {
    compile()
    return undefined
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    return error.message.startsWith('ERROR:') ? `compilation failed: ${error.message}` : error.message
  }
}
