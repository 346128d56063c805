/** Whether a value of one type may stand where another is wanted, and what type parameters then mean. */
import { dyn, type Type } from './type.ts'

/** What parameters have been found to be. */
export type Bindings = Map<string, Type>

/** Binds parameters on the way; a failure may leave some bound, so work on a copy where that matters. */
export function assignable(wanted: Type, given: Type, bindings: Bindings): boolean {
  const left = resolve(wanted, bindings)
  const right = resolve(given, bindings)
  if (left.kind === 'parameter') return bind(left.name, right, bindings)
  if (right.kind === 'parameter') return bind(right.name, left, bindings)
  if (left.kind === 'dyn' || right.kind === 'dyn') return true
  if (right.kind === 'null') return nullable.has(left.kind)
  if (left.kind === 'null') return nullable.has(right.kind)
  if (left.kind === 'list') return right.kind === 'list' && assignable(left.element, right.element, bindings)
  if (left.kind === 'map')
    return (
      right.kind === 'map' && assignable(left.key, right.key, bindings) && assignable(left.value, right.value, bindings)
    )
  if (left.kind === 'optional') return right.kind === 'optional' && assignable(left.element, right.element, bindings)
  if (left.kind === 'object' || left.kind === 'opaque') return right.kind === left.kind && left.name === right.name
  if (left.kind === 'type') return right.kind === 'type'
  return left.kind === right.kind
}

/** What may also be null. */
const nullable: ReadonlySet<string> = new Set(['null', 'object', 'opaque', 'optional', 'timestamp', 'duration'])

function bind(name: string, type: Type, bindings: Bindings): boolean {
  if (type.kind === 'parameter' && type.name === name) return true
  if (mentions(type, name, bindings)) return false
  bindings.set(name, type)
  return true
}

function resolve(type: Type, bindings: Bindings): Type {
  let resolved = type
  while (resolved.kind === 'parameter') {
    const bound = bindings.get(resolved.name)
    if (bound === undefined) return resolved
    resolved = bound
  }
  return resolved
}

function mentions(type: Type, name: string, bindings: Bindings): boolean {
  const resolved = resolve(type, bindings)
  switch (resolved.kind) {
    case 'parameter':
      return resolved.name === name
    case 'list':
    case 'optional':
      return mentions(resolved.element, name, bindings)
    case 'map':
      return mentions(resolved.key, name, bindings) || mentions(resolved.value, name, bindings)
    default:
      return false
  }
}

/** The type with its parameters replaced; `free`: what those become that mean nothing yet. */
export function substitute(type: Type, bindings: Bindings, free: Type | undefined = undefined): Type {
  const resolved = resolve(type, bindings)
  switch (resolved.kind) {
    case 'parameter':
      return free ?? resolved
    case 'list':
      return { ...resolved, element: substitute(resolved.element, bindings, free) }
    case 'optional':
      return { ...resolved, element: substitute(resolved.element, bindings, free) }
    case 'map':
      return {
        ...resolved,
        key: substitute(resolved.key, bindings, free),
        value: substitute(resolved.value, bindings, free),
      }
    default:
      return resolved
  }
}

/** The type with its parameters under names of their own. */
export function renamed(type: Type, suffix: string): Type {
  switch (type.kind) {
    case 'parameter':
      return { kind: 'parameter', name: `${type.name}${suffix}` }
    case 'list':
      return { ...type, element: renamed(type.element, suffix) }
    case 'optional':
      return { ...type, element: renamed(type.element, suffix) }
    case 'map':
      return { ...type, key: renamed(type.key, suffix), value: renamed(type.value, suffix) }
    default:
      return type
  }
}

/** A type that both fit; undefined when there is none but `dyn`. */
export function joined(left: Type, right: Type, bindings: Bindings): Type | undefined {
  const trial = new Map(bindings)
  if (!assignable(left, right, trial)) return undefined
  for (const [name, type] of trial) bindings.set(name, type)
  const wider = left.kind === 'dyn' || right.kind === 'dyn' ? dyn : left.kind === 'null' ? right : left
  return substitute(wider, bindings)
}
