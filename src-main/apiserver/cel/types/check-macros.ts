/** The types of comprehensions. */
import type { Expr, MacroExpr, OptionalMacroExpr } from '../syntax/ast.ts'
import type { Checker } from './checker.ts'
import { bool, dyn, int, listOf, mapOf, optionalOf, typeText, type Type } from './type.ts'

interface Local {
  readonly name: string
  readonly type: Type
}

export function checkMacro(checker: Checker, expr: MacroExpr): Type {
  const range = checker.resolved(checker.check(expr.range))
  const locals = localsOf(checker, expr, range)
  if (expr.filter !== undefined) expectBool(checker, expr.filter, locals)
  switch (expr.macro) {
    case 'all':
    case 'exists':
    case 'existsOne':
      expectBool(checker, expr.body, locals)
      return bool
    case 'filter':
      expectBool(checker, expr.body, locals)
      return range.kind === 'list' ? range : listOf(range.kind === 'map' ? range.key : dyn)
    case 'map':
    case 'transformList':
      return listOf(checker.within(locals, expr.body))
    case 'transformMap':
      return mapOf(
        range.kind === 'map' ? range.key : range.kind === 'list' ? int : dyn,
        checker.within(locals, expr.body),
      )
    case 'transformMapEntry':
      return entryType(checker, expr.body, locals)
  }
}

function localsOf(checker: Checker, { variables, range: at }: MacroExpr, range: Type): Local[] {
  const [first = '', second] = variables
  const pair = (one: Type, other: Type): Local[] =>
    second === undefined
      ? [{ name: first, type: one }]
      : [
          { name: first, type: one },
          { name: second, type: other },
        ]
  switch (range.kind) {
    case 'list':
      return second === undefined ? pair(range.element, dyn) : pair(int, range.element)
    case 'map':
      return pair(range.key, range.value)
    case 'dyn':
    case 'parameter':
      return pair(dyn, dyn)
    default:
      checker.fail(
        `expression of type '${typeText(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        at.offset,
      )
      return pair(dyn, dyn)
  }
}

function expectBool(checker: Checker, expr: Expr, locals: readonly Local[]): void {
  const type = checker.resolved(checker.within(locals, expr))
  if (type.kind !== 'bool' && type.kind !== 'dyn' && type.kind !== 'parameter')
    checker.fail(`expected type 'bool' but found '${typeText(type)}'`, expr.offset)
}

function entryType(checker: Checker, body: Expr, locals: readonly Local[]): Type {
  const type = checker.resolved(checker.within(locals, body))
  if (type.kind === 'map' || type.kind === 'dyn') return type.kind === 'map' ? type : mapOf(dyn, dyn)
  return checker.fail(`expected type 'map(dyn, dyn)' but found '${typeText(type)}'`, body.offset)
}

export function checkOptionalMacro(
  checker: Checker,
  { target, variable, body, flat, offset }: OptionalMacroExpr,
): Type {
  const type = checker.resolved(checker.check(target))
  if (type.kind !== 'optional' && type.kind !== 'dyn')
    return checker.fail(`expected type 'optional_type(dyn)' but found '${typeText(type)}'`, offset)
  const result = checker.within([{ name: variable, type: type.kind === 'optional' ? type.element : dyn }], body)
  if (!flat) return optionalOf(result)
  const inner = checker.resolved(result)
  if (inner.kind === 'optional' || inner.kind === 'dyn') return inner
  return checker.fail(`expected type 'optional_type(dyn)' but found '${typeText(inner)}'`, body.offset)
}
