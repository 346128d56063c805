import { Duration, Timestamp } from './time.ts'
import { Uint } from './uint.ts'
import { isList, MapValue, OpaqueValue, OptionalValue, TypeValue, type Value } from './value.ts'

/** What `type(x)` is equal to. */
export function typeNameOf(value: Value): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool'
    case 'bigint':
      return 'int'
    case 'number':
      return 'double'
    case 'string':
      return 'string'
    default:
      return value === null ? 'null_type' : nameOfObject(value)
  }
}

function nameOfObject(value: Exclude<Value, null | boolean | bigint | number | string>): string {
  if (isList(value)) return 'list'
  if (value instanceof Uint) return 'uint'
  if (value instanceof Uint8Array) return 'bytes'
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp'
  if (value instanceof Duration) return 'google.protobuf.Duration'
  if (value instanceof MapValue) return value.typeName ?? 'map'
  if (value instanceof OptionalValue) return 'optional_type'
  if (value instanceof TypeValue) return 'type'
  return value instanceof OpaqueValue ? value.typeName : 'dyn'
}
