/** The variables of a policy: each may use those before it, and is worked out once for a request, when it is asked for. */
import type { Variable } from '../../../api/types/admissionregistration-v1.ts'
import { compile, type Activation, type Program } from '../../cel/compile.ts'
import type { Environment } from '../../cel/environment.ts'
import { CompileError } from '../../cel/errors.ts'
import type { Budget } from '../../cel/evaluation/meter.ts'
import { dyn, objectType, type ObjectType, type Type } from '../../cel/types/type.ts'
import { MapValue, type MapKey, type Value } from '../../cel/values/value.ts'

export interface CompiledVariables {
  readonly type: ObjectType
  readonly programs: ReadonlyMap<string, Program>
  /** By their places, those that do not compile. */
  readonly problems: ReadonlyMap<number, CompileError>
}

/** `environmentWith` makes the environment of an expression that sees these variables. */
export function compileVariables(
  variables: readonly Variable[] = [],
  environmentWith: (variables: Type) => Environment,
): CompiledVariables {
  const types: Record<string, Type> = {}
  const programs = new Map<string, Program>()
  const problems = new Map<number, CompileError>()
  for (const [index, { name, expression }] of variables.entries()) {
    try {
      const program = compile(expression, environmentWith(typeOfVariables(types)))
      programs.set(name, program)
      types[name] = program.type
    } catch (error) {
      if (!(error instanceof CompileError)) throw error
      problems.set(index, error)
      types[name] = dyn
    }
  }
  return { type: typeOfVariables(types), programs, problems }
}

const typeOfVariables = (types: Readonly<Record<string, Type>>): ObjectType =>
  objectType('kubernetes.variables', { ...types })

/** The value of `variables`. */
export class VariablesValue extends MapValue {
  private readonly programs: ReadonlyMap<string, Program>
  private readonly activation: Activation
  private readonly budget: Budget
  private readonly known = new Map<string, Value>()

  constructor(programs: ReadonlyMap<string, Program>, activation: Activation, budget: Budget) {
    super()
    this.programs = programs
    this.activation = activation
    this.budget = budget
  }

  override get size(): number {
    return this.programs.size
  }

  override get(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined
    const known = this.known.get(key)
    if (known !== undefined) return known
    const value = this.programs.get(key)?.run(this.activation, this.budget)
    if (value !== undefined) this.known.set(key, value)
    return value
  }

  override keys(): readonly MapKey[] {
    return [...this.programs.keys()]
  }
}
