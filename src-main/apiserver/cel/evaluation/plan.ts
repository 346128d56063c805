/** Turns a checked expression into functions that run it. */
import { EvaluationError, noSuchOverload } from '../errors.ts'
import { flat, isOf, sizeOf, type Overload } from '../library/overload.ts'
import type { CallExpr, Expr, ListExpr, MapExpr, SelectExpr, StructExpr } from '../syntax/ast.ts'
import { LiteralMap, StructValue } from '../values/maps.ts'
import { MapValue, none, OptionalValue, TypeValue, type MapKey, type Value } from '../values/value.ts'
import { planMacro, planOptionalMacro } from './macros.ts'
import { mapKey, type Frame, type Scope, type Step } from './step.ts'

export function plan(expr: Expr, scope: Scope): Step {
  const typeName = scope.checked.typeNames.get(expr)
  if (typeName !== undefined) {
    const type = new TypeValue(typeName)
    return () => type
  }
  const variableName = scope.checked.variableNames.get(expr)
  if (variableName !== undefined) return planVariable(variableName, { ...scope, locals: [] })
  switch (expr.kind) {
    case 'literal': {
      const { value } = expr
      return () => value
    }
    case 'ident':
      return planVariable(expr.name, scope)
    case 'select':
      return planSelect(expr, scope)
    case 'call':
      return planCall(expr, scope)
    case 'list':
      return planList(expr, scope)
    case 'map':
      return planMap(expr, scope)
    case 'struct':
      return planStruct(expr, scope)
    case 'macro':
      return planMacro(expr, scope, plan)
    case 'optionalMacro':
      return planOptionalMacro(expr, scope, plan)
  }
}

function planVariable(name: string, { locals }: Scope): Step {
  const place = locals.lastIndexOf(name)
  if (place >= 0)
    return ({ locals: values, meter }) => {
      meter.charge(1)
      return values[place] ?? null
    }
  return (frame) => {
    frame.meter.charge(1)
    const value = frame.variable(name)
    if (value === undefined) throw new EvaluationError(`no such attribute(s): ${name}`)
    return value
  }
}

function planSelect({ operand, field, test, optional }: SelectExpr, scope: Scope): Step {
  const of = plan(operand, scope)
  if (test)
    return (frame) => {
      frame.meter.charge(1)
      return present(of(frame), field)
    }
  return (frame) => {
    frame.meter.charge(1)
    const value = of(frame)
    if (optional || value instanceof OptionalValue) return optionalField(value, field)
    const found = value instanceof MapValue ? value.field(field) : undefined
    if (found === undefined) throw new EvaluationError(`no such key: ${field}`)
    return found
  }
}

function present(value: Value, field: string): boolean {
  if (value instanceof OptionalValue) return value.value !== undefined && present(value.value, field)
  if (value === null) return false
  if (!(value instanceof MapValue)) throw noSuchOverload()
  return value.field(field) !== undefined
}

function optionalField(value: Value, field: string): OptionalValue {
  const inner = value instanceof OptionalValue ? value.value : value
  const found = inner instanceof MapValue ? inner.field(field) : undefined
  if (found instanceof OptionalValue) return found
  return found === undefined ? none : new OptionalValue(found)
}

function planCall(expr: CallExpr, scope: Scope): Step {
  const resolved = scope.checked.calls.get(expr)
  if (resolved === undefined) throw new Error(`a call was not checked: ${expr.name}`)
  const args = resolved.args.map((arg) => plan(arg, scope))
  const [first, second, third] = args
  if (first !== undefined && second !== undefined) {
    if (expr.name === '_&&_') return planLogical(first, second, false)
    if (expr.name === '_||_') return planLogical(first, second, true)
    if (expr.name === '_?_:_' && third !== undefined) return planConditional(first, second, third)
    if (expr.name === 'or' || expr.name === 'orValue') return planAlternative(first, second, expr.name === 'or')
  }
  const { overloads } = resolved
  return (frame) => {
    const values: Value[] = []
    for (const arg of args) values.push(arg(frame))
    const overload = chosen(overloads, values)
    frame.meter.charge(overload.cost === flat ? 1 : overload.cost(...values.map(sizeOf)))
    return overload.run(values, frame.meter)
  }
}

/** What the values are decides between overloads. */
function chosen(overloads: readonly Overload[], values: readonly Value[]): Overload {
  for (const overload of overloads) if (takes(overload, values)) return overload
  throw noSuchOverload()
}

function takes({ parameters }: Overload, values: readonly Value[]): boolean {
  for (let index = 0; index < parameters.length; index++) {
    const parameter = parameters[index]
    if (parameter !== undefined && !isOf(values[index] ?? null, parameter)) return false
  }
  return true
}

/** One side that decides makes the error of the other one unimportant. */
function planLogical(left: Step, right: Step, decisive: boolean): Step {
  return (frame) => {
    frame.meter.charge(1)
    const one = outcome(left, frame)
    if (one === decisive) return decisive
    const other = outcome(right, frame)
    if (other === decisive) return decisive
    if (one instanceof EvaluationError) throw one
    if (other instanceof EvaluationError) throw other
    return !decisive
  }
}

function outcome(step: Step, frame: Frame): boolean | EvaluationError {
  try {
    const value = step(frame)
    return typeof value === 'boolean' ? value : noSuchOverload()
  } catch (error) {
    if (error instanceof EvaluationError) return error
    throw error
  }
}

function planConditional(condition: Step, yes: Step, no: Step): Step {
  return (frame) => {
    frame.meter.charge(1)
    const value = condition(frame)
    if (typeof value !== 'boolean') throw noSuchOverload()
    return value ? yes(frame) : no(frame)
  }
}

function planAlternative(optional: Step, other: Step, keep: boolean): Step {
  return (frame) => {
    frame.meter.charge(1)
    const value = optional(frame)
    if (!(value instanceof OptionalValue)) throw noSuchOverload()
    if (value.value === undefined) return other(frame)
    return keep ? value : value.value
  }
}

function planList({ elements }: ListExpr, scope: Scope): Step {
  const steps = elements.map(({ value, optional }) => ({ step: plan(value, scope), optional }))
  return (frame) => {
    frame.meter.charge(10 + 0.1 * steps.length)
    const items: Value[] = []
    for (const { step, optional } of steps) {
      const item = unwrapped(step(frame), optional)
      if (item !== undefined) items.push(item)
    }
    return items
  }
}

/** What an optional element adds: nothing when it has no value. */
function unwrapped(value: Value, optional: boolean): Value | undefined {
  if (!optional) return value
  if (!(value instanceof OptionalValue)) throw noSuchOverload()
  return value.value
}

function planMap({ entries }: MapExpr, scope: Scope): Step {
  const steps = entries.map(({ key, value, optional }) => ({
    key: plan(key, scope),
    value: plan(value, scope),
    optional,
  }))
  return (frame) => {
    frame.meter.charge(30 + 0.1 * steps.length)
    const map = new Map<string, { key: MapKey; value: Value }>()
    for (const { key, value, optional } of steps) {
      const name = mapKey(key(frame))
      const content = unwrapped(value(frame), optional)
      if (content === undefined) continue
      if (map.has(name.text)) throw new EvaluationError(`Failed with repeated key`)
      map.set(name.text, { key: name.key, value: content })
    }
    return new LiteralMap(map)
  }
}

function planStruct({ name, fields }: StructExpr, scope: Scope): Step {
  const steps = fields.map((field) => ({ ...field, step: plan(field.value, scope) }))
  return (frame) => {
    frame.meter.charge(40)
    const values = new Map<string, Value>()
    for (const { name: field, step, optional } of steps) {
      const value = unwrapped(step(frame), optional)
      if (value !== undefined) values.set(field, value)
    }
    return new StructValue(name, values)
  }
}
