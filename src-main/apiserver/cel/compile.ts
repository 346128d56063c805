/** From the text of an expression to something that runs. */
import type { Environment } from './environment.ts'
import { CompileError } from './errors.ts'
import { estimate, type Estimate } from './evaluation/estimate.ts'
import { Meter, type Budget } from './evaluation/meter.ts'
import { plan } from './evaluation/plan.ts'
import { parse } from './syntax/parser.ts'
import { check } from './types/checker.ts'
import type { Type } from './types/type.ts'
import type { Value } from './values/value.ts'

/** The variables of one run; a value may be worked out when it is asked for. */
export type Activation = (name: string) => Value | undefined

export interface Program {
  readonly type: Type
  /** The most that a run may cost, as far as the sizes of values are known. */
  readonly estimate: Estimate
  /** The variables that it mentions. */
  readonly mentions: ReadonlySet<string>
  /** Throws EvaluationError or CostLimitError. */
  run(activation: Activation, budget: Budget): Value
}

/** Throws CompileError. */
export function compile(source: string, env: Environment): Program {
  const expr = parse(source)
  const checked = check(source, expr, env)
  const step = plan(expr, { checked, locals: [] })
  const mentions = new Set([...checked.types.keys()].flatMap((part) => (part.kind === 'ident' ? [part.name] : [])))
  return {
    ...{ type: checked.type, mentions },
    estimate: estimate(expr, checked),
    run: (activation, budget) => step({ variable: activation, locals: [], meter: new Meter(budget) }),
  }
}

/** Throws CompileError when the expression is wrong or has none of the types; `dyn` may turn out to be any. */
export function compileTo(source: string, env: Environment, kinds: readonly Type['kind'][], problem: string): Program {
  const program = compile(source, env)
  if (program.type.kind === 'dyn' || kinds.includes(program.type.kind)) return program
  throw new WrongTypeError(source, problem)
}

/** The expression is fine, but not of the type that is wanted. */
export class WrongTypeError extends CompileError {
  constructor(source: string, problem: string) {
    super(source, [{ message: problem, offset: 0 }])
    this.message = problem
  }
}
