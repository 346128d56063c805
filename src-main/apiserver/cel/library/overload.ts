/** How libraries declare their functions: by types, with what a call costs. */
import type { Meter } from '../evaluation/meter.ts'
import { parseType } from '../types/parse-type.ts'
import type { Type } from '../types/type.ts'
import { Duration, Timestamp } from '../values/time.ts'
import { Uint } from '../values/uint.ts'
import { isList, MapValue, OpaqueValue, OptionalValue, TypeValue, type Value } from '../values/value.ts'

/** Units for arguments of these sizes: characters of texts, items of lists and maps, one for all else. */
export type Cost = (...sizes: readonly number[]) => number

export interface Overload {
  /** Operators have names such as `_+_`. */
  readonly name: string
  readonly member: boolean
  /** The receiver of a member function is the first. */
  readonly parameters: readonly Type[]
  readonly result: Type
  readonly cost: Cost
  /** The size of a result that has one; absent: that of all arguments together. */
  readonly resultSize: Cost | undefined
  /** Throws EvaluationError. */
  readonly run: (args: readonly Value[], meter: Meter) => Value
}

export interface OverloadOptions {
  readonly cost?: Cost
  readonly resultSize?: Cost
}

/** Called with the arguments that were declared, and the meter after them. */
type Implementation = (...args: never[]) => Value

/** The same whatever the arguments are. */
export const flat: Cost = () => 1

/** Reads the first argument. */
export const scan: Cost = (size = 0) => 1 + 0.1 * size
/** Reads both. */
export const scanBoth: Cost = (left = 0, right = 0) => 1 + 0.1 * (left + right)
/** Looks at each of the one for each of the other. */
export const cross: Cost = (left = 0, right = 0) => 1 + left * right

/** A function that stands alone: `size(x)`. */
export function global(
  name: string,
  parameters: readonly string[],
  result: string,
  run: Implementation,
  options: OverloadOptions = {},
): Overload {
  return overload(name, false, parameters, result, run, options)
}

/** A function of a value: `x.size()`. */
export function member(
  receiver: string,
  name: string,
  parameters: readonly string[],
  result: string,
  run: Implementation,
  options: OverloadOptions = {},
): Overload {
  return overload(name, true, [receiver, ...parameters], result, run, options)
}

function overload(
  name: string,
  isMember: boolean,
  parameters: readonly string[],
  result: string,
  run: Implementation,
  { cost = flat, resultSize }: OverloadOptions,
): Overload {
  // Dispatch has looked at the arguments, so an implementation may state their types.
  const call = run as unknown as (...args: readonly unknown[]) => Value
  return {
    ...{ name, member: isMember, cost, resultSize },
    parameters: parameters.map(parseType),
    result: parseType(result),
    run: (args, meter) => call(...args, meter),
  }
}

/** Whether a value is of the type, as far as can be seen without looking into it. */
export function isOf(value: Value, type: Type): boolean {
  switch (type.kind) {
    case 'dyn':
    case 'parameter':
      return true
    case 'null':
      return value === null
    case 'bool':
      return typeof value === 'boolean'
    case 'int':
      return typeof value === 'bigint'
    case 'uint':
      return value instanceof Uint
    case 'double':
      return typeof value === 'number'
    case 'string':
      return typeof value === 'string'
    case 'bytes':
      return value instanceof Uint8Array
    case 'timestamp':
      return value instanceof Timestamp
    case 'duration':
      return value instanceof Duration
    case 'list':
      return isList(value)
    case 'map':
      return value instanceof MapValue
    case 'object':
      return value instanceof MapValue
    case 'optional':
      return value instanceof OptionalValue
    case 'type':
      return value instanceof TypeValue
    case 'opaque':
      return value instanceof OpaqueValue && value.typeName === type.name
  }
}

/** The size of a value as costs count it. */
export function sizeOf(value: Value): number {
  if (typeof value === 'string' || isList(value)) return value.length
  if (value instanceof MapValue) return value.size
  return value instanceof Uint8Array ? value.length : 1
}
