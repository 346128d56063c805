/** Calls that are no calls: they name variables, or ask for the presence of a field. */
import type { CompileError } from '../errors.ts'
import type { Expr, MacroName } from './ast.ts'

type Fail = (message: string, offset: number) => CompileError

interface Comprehension {
  readonly macro: MacroName
  readonly variables: 1 | 2
  readonly filtered: boolean
}

/** By name and number of arguments; a list says the ways in which one can be read. */
const comprehensions: ReadonlyMap<string, Comprehension> = new Map(
  (
    [
      ['all/2', 'all', 1, false],
      ['all/3', 'all', 2, false],
      ['exists/2', 'exists', 1, false],
      ['exists/3', 'exists', 2, false],
      ['exists_one/2', 'existsOne', 1, false],
      ['existsOne/2', 'existsOne', 1, false],
      ['existsOne/3', 'existsOne', 2, false],
      ['exists_one/3', 'existsOne', 2, false],
      ['map/2', 'map', 1, false],
      ['map/3', 'map', 1, true],
      ['filter/2', 'filter', 1, false],
      ['transformList/3', 'transformList', 2, false],
      ['transformList/4', 'transformList', 2, true],
      ['transformMap/3', 'transformMap', 2, false],
      ['transformMap/4', 'transformMap', 2, true],
      ['transformMapEntry/3', 'transformMapEntry', 2, false],
      ['transformMapEntry/4', 'transformMapEntry', 2, true],
    ] as const
  ).map(([key, macro, variables, filtered]) => [key, { macro, variables, filtered }]),
)

/** The tree that a call stands for; undefined when it is a call. `fail` makes the error of a macro that is misused. */
export function expandMacro(
  name: string,
  target: Expr | undefined,
  args: readonly Expr[],
  offset: number,
  fail: Fail,
): Expr | undefined {
  const [first, second] = args
  if (target === undefined) return name === 'has' && args.length === 1 ? presence(first, offset, fail) : undefined
  if ((name === 'optMap' || name === 'optFlatMap') && args.length === 2 && second !== undefined) {
    const variable = variableIn(first, offset, fail)
    return { kind: 'optionalMacro', flat: name === 'optFlatMap', target, variable, body: second, offset }
  }
  const comprehension = comprehensions.get(`${name}/${args.length}`)
  return comprehension === undefined ? undefined : expand(comprehension, target, args, offset, fail)
}

function presence(field: Expr | undefined, offset: number, fail: Fail): Expr {
  if (field?.kind !== 'select' || field.test || field.optional)
    throw fail('invalid argument to has() macro', field?.offset ?? offset)
  return { ...field, test: true }
}

function expand(
  { macro, variables, filtered }: Comprehension,
  range: Expr,
  args: readonly Expr[],
  offset: number,
  fail: Fail,
): Expr {
  const names = args.slice(0, variables).map((arg) => variableIn(arg, offset, fail))
  if (new Set(names).size < names.length)
    throw fail(`duplicate variable name: ${names[0] ?? ''}`, args[1]?.offset ?? offset)
  const body = args.at(-1) ?? range
  const filter = filtered ? args[variables] : undefined
  return { kind: 'macro', macro, range, variables: names, filter, body, offset }
}

function variableIn(arg: Expr | undefined, offset: number, fail: Fail): string {
  if (arg?.kind !== 'ident') throw fail('argument is not an identifier', arg?.offset ?? offset)
  return arg.name
}
