/** The tree of an expression. Macros are nodes of their own. `offset` is where an error about the node is shown. */
import type { Literal } from './token.ts'

interface Node {
  readonly offset: number
}

export interface LiteralExpr extends Node {
  readonly kind: 'literal'
  readonly value: Literal
}

export interface IdentExpr extends Node {
  readonly kind: 'ident'
  readonly name: string
}

export interface SelectExpr extends Node {
  readonly kind: 'select'
  readonly operand: Expr
  readonly field: string
  /** `has(operand.field)`. */
  readonly test: boolean
  /** `operand.?field`. */
  readonly optional: boolean
}

export interface CallExpr extends Node {
  readonly kind: 'call'
  /** Operators have names such as `_+_`. */
  readonly name: string
  readonly target: Expr | undefined
  readonly args: readonly Expr[]
}

export interface ListExpr extends Node {
  readonly kind: 'list'
  readonly elements: readonly { readonly value: Expr; readonly optional: boolean }[]
}

export interface MapExpr extends Node {
  readonly kind: 'map'
  readonly entries: readonly { readonly key: Expr; readonly value: Expr; readonly optional: boolean }[]
}

export interface StructExpr extends Node {
  readonly kind: 'struct'
  readonly name: string
  readonly fields: readonly {
    readonly name: string
    readonly value: Expr
    readonly optional: boolean
    readonly offset: number
  }[]
}

export type MacroName =
  'all' | 'exists' | 'existsOne' | 'map' | 'filter' | 'transformList' | 'transformMap' | 'transformMapEntry'

/** A comprehension over a list or the keys of a map; with two variables over index and item, or key and value. */
export interface MacroExpr extends Node {
  readonly kind: 'macro'
  readonly macro: MacroName
  readonly range: Expr
  readonly variables: readonly string[]
  readonly filter: Expr | undefined
  readonly body: Expr
}

/** `target.optMap(variable, body)`; `flat`: `optFlatMap`. */
export interface OptionalMacroExpr extends Node {
  readonly kind: 'optionalMacro'
  readonly flat: boolean
  readonly target: Expr
  readonly variable: string
  readonly body: Expr
}

export type Expr =
  LiteralExpr | IdentExpr | SelectExpr | CallExpr | ListExpr | MapExpr | StructExpr | MacroExpr | OptionalMacroExpr

/** `a.b.c` as one name; undefined when the tree is anything else. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name
  if (expr.kind !== 'select' || expr.test || expr.optional) return undefined
  const operand = qualifiedName(expr.operand)
  return operand === undefined ? undefined : `${operand}.${expr.field}`
}
