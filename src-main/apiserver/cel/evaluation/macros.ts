/** Comprehensions: every round is charged, so none of them runs for long. */
import { EvaluationError, noSuchOverload } from '../errors.ts'
import type { MacroExpr, OptionalMacroExpr } from '../syntax/ast.ts'
import { LiteralMap } from '../values/maps.ts'
import { isList, MapValue, none, OptionalValue, type MapKey, type Value } from '../values/value.ts'
import { mapKey, pairsOf, type Frame, type Plan, type Scope, type Step } from './step.ts'

const roundCost = 2

export function planMacro(expr: MacroExpr, scope: Scope, plan: Plan): Step {
  const range = plan(expr.range, scope)
  const inner = { ...scope, locals: [...scope.locals, ...expr.variables] }
  const body = plan(expr.body, inner)
  const filter = expr.filter === undefined ? undefined : plan(expr.filter, inner)
  const place = scope.locals.length
  const two = expr.variables.length === 2
  /** Calls `visit` with every round that the filter lets pass, until it answers false. */
  const each = (frame: Frame, visit: (key: Value, value: Value) => boolean): void => {
    const over = range(frame)
    for (const [key, value] of two ? pairsOf(over) : singlesOf(over)) {
      frame.meter.charge(roundCost)
      frame.locals[place] = key
      if (two) frame.locals[place + 1] = value
      if (filter !== undefined && !isTrue(filter(frame))) continue
      if (!visit(key, value)) return
    }
  }
  switch (expr.macro) {
    case 'all':
      return (frame) => quantified(frame, each, body, false)
    case 'exists':
      return (frame) => quantified(frame, each, body, true)
    case 'existsOne':
      return (frame) => {
        let found = 0
        each(frame, () => {
          if (isTrue(body(frame))) found++
          return true
        })
        return found === 1
      }
    case 'map':
    case 'transformList':
      return (frame) => {
        const items: Value[] = []
        each(frame, () => items.push(body(frame)) > 0)
        return items
      }
    case 'filter':
      return (frame) => {
        const items: Value[] = []
        each(frame, (item) => {
          if (isTrue(body(frame))) items.push(item)
          return true
        })
        return items
      }
    case 'transformMap':
      return (frame) => mapped(frame, each, (key, entries) => putEntry(entries, key, body(frame)))
    case 'transformMapEntry':
      return (frame) => mapped(frame, each, (_key, entries) => putAll(entries, body(frame)))
  }
}

type Each = (frame: Frame, visit: (key: Value, value: Value) => boolean) => void
type Entries = Map<string, { key: MapKey; value: Value }>

function singlesOf(range: Value): readonly (readonly [Value, Value])[] {
  if (isList(range)) return range.map((item) => [item, item])
  if (range instanceof MapValue) return range.keys().map((key) => [key, key])
  throw noSuchOverload()
}

function isTrue(value: Value): boolean {
  if (typeof value !== 'boolean') throw noSuchOverload()
  return value
}

/** A round that decides makes the errors of all others unimportant. */
function quantified(frame: Frame, each: Each, body: Step, decisive: boolean): boolean {
  let failure: EvaluationError | undefined
  let decided = false
  each(frame, () => {
    try {
      decided = isTrue(body(frame)) === decisive
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error
      failure ??= error
    }
    return !decided
  })
  if (decided) return decisive
  if (failure !== undefined) throw failure
  return !decisive
}

function mapped(frame: Frame, each: Each, add: (key: Value, entries: Entries) => void): LiteralMap {
  const entries: Entries = new Map()
  each(frame, (key) => {
    add(key, entries)
    return true
  })
  return new LiteralMap(entries)
}

function putEntry(entries: Entries, key: Value, value: Value): void {
  const { text, key: name } = mapKey(key)
  if (entries.has(text)) throw new EvaluationError(`insert failed: key ${String(name)} already exists`)
  entries.set(text, { key: name, value })
}

function putAll(entries: Entries, map: Value): void {
  if (!(map instanceof MapValue)) throw noSuchOverload()
  for (const key of map.keys()) putEntry(entries, key, map.get(key) ?? null)
}

export function planOptionalMacro({ target, variable, body, flat }: OptionalMacroExpr, scope: Scope, plan: Plan): Step {
  const of = plan(target, scope)
  const inner = plan(body, { ...scope, locals: [...scope.locals, variable] })
  const place = scope.locals.length
  return (frame) => {
    frame.meter.charge(1)
    const value = of(frame)
    if (!(value instanceof OptionalValue)) throw noSuchOverload()
    if (value.value === undefined) return none
    frame.locals[place] = value.value
    const result = inner(frame)
    if (!flat) return new OptionalValue(result)
    if (!(result instanceof OptionalValue)) throw noSuchOverload()
    return result
  }
}
