/** For tests: expressions with plain data as their variables. */
import { compile } from './compile.ts'
import { environment, type Environment } from './environment.ts'
import { Budget, objectBudget } from './evaluation/meter.ts'
import { dyn, type Type } from './types/type.ts'
import { fromJson } from './values/json.ts'
import type { Value } from './values/value.ts'

export function evaluate(source: string, variables: Readonly<Record<string, unknown>> = {}, env?: Environment): Value {
  const declared = Object.fromEntries(Object.keys(variables).map((name): [string, Type] => [name, dyn]))
  const program = compile(source, env ?? environment({ variables: declared }))
  const read = (name: string): Value | undefined =>
    Object.hasOwn(variables, name) ? fromJson(variables[name], env?.variables.get(name)) : undefined
  return program.run(read, new Budget(objectBudget))
}
