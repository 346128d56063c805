import type { Overload } from '../library/overload.ts'
import { dyn, type Type } from './type.ts'
import { assignable, renamed, substitute, type Bindings } from './unify.ts'

interface Resolution {
  readonly overloads: readonly Overload[]
  /** Undefined: no overload takes these arguments. */
  readonly result: Type | undefined
}

interface Scope {
  readonly bindings: Bindings
  fresh(): string
}

/**
 * The overloads that arguments of these types may mean. What they bind holds from now on when only one is left;
 * with several, which only values of type dyn allow, it is decided when the expression runs.
 */
export function resolveCall(
  scope: Scope,
  functions: readonly Overload[],
  types: readonly Type[],
  member: boolean,
): Resolution {
  const overloads: Overload[] = []
  const results: Type[] = []
  let first: Bindings | undefined
  for (const overload of functions) {
    if (overload.member !== member || overload.parameters.length !== types.length) continue
    const suffix = scope.fresh()
    const trial = new Map(scope.bindings)
    const fits = overload.parameters.every((wanted, index) =>
      assignable(renamed(wanted, suffix), types[index] ?? dyn, trial),
    )
    if (!fits) continue
    first ??= trial
    overloads.push(overload)
    results.push(substitute(renamed(overload.result, suffix), trial))
  }
  const [result] = results
  if (result === undefined || first === undefined) return { overloads, result: undefined }
  const same = results.every((other) => other.kind === result.kind)
  if (overloads.length === 1) for (const [name, type] of first) scope.bindings.set(name, type)
  return { overloads, result: same ? result : dyn }
}
