/** What a planned expression is made of. */
import { EvaluationError, noSuchOverload } from '../errors.ts'
import type { Expr } from '../syntax/ast.ts'
import type { Checked } from '../types/checker.ts'
import { keyText } from '../values/maps.ts'
import { Uint } from '../values/uint.ts'
import { isList, MapValue, type MapKey, type Value } from '../values/value.ts'
import type { Meter } from './meter.ts'

/** One run: the variables of the environment, those of comprehensions, and what it may cost. */
export interface Frame {
  variable(name: string): Value | undefined
  readonly locals: Value[]
  readonly meter: Meter
}

export type Step = (frame: Frame) => Value

export interface Scope {
  readonly checked: Checked
  /** The variables of the comprehensions around, the innermost last: their places in `Frame.locals`. */
  readonly locals: readonly string[]
}

export type Plan = (expr: Expr, scope: Scope) => Step

/** The key with its text. Throws for values that can be none. */
export function mapKey(value: Value): { text: string; key: MapKey } {
  const text = keyText(value)
  const isKey = typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint'
  if (text === undefined || !(isKey || value instanceof Uint)) throw new EvaluationError('unsupported key type')
  return { text, key: value }
}

/** What a comprehension goes over: pairs of index and item, or of key and value. */
export function pairsOf(range: Value): readonly (readonly [Value, Value])[] {
  if (isList(range)) return range.map((item, index) => [BigInt(index), item])
  if (range instanceof MapValue) return range.keys().map((key) => [key, range.get(key) ?? null])
  throw noSuchOverload()
}
