/** Values as plain JSON data. */
import { EvaluationError } from '../errors.ts'
import { setOwn } from '../../../api/schema/own-property.ts'
import { JsonMap } from './json.ts'
import { Duration, Timestamp } from './time.ts'
import { typeNameOf } from './type-name.ts'
import { Uint } from './uint.ts'
import { isList, MapValue, type Value } from './value.ts'

/** Throws EvaluationError for what JSON cannot say. */
export function toJson(value: Value): unknown {
  switch (typeof value) {
    case 'bigint':
      return Number(value)
    case 'number':
      if (!Number.isFinite(value)) throw new EvaluationError(`${value} is no JSON value`)
      return value
    case 'string':
    case 'boolean':
      return value
    default:
      return value === null ? null : objectToJson(value)
  }
}

function objectToJson(value: Exclude<Value, null | string | boolean | number | bigint>): unknown {
  if (isList(value)) return value.map(toJson)
  if (value instanceof JsonMap) return value.plain
  if (value instanceof Uint) return Number(value.value)
  if (value instanceof Timestamp || value instanceof Duration) return value.toString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (!(value instanceof MapValue)) throw new EvaluationError(`a ${typeNameOf(value)} is no JSON value`)
  const object: Record<string, unknown> = {}
  for (const key of value.keys()) {
    if (typeof key !== 'string') throw new EvaluationError('keys of JSON objects are strings')
    setOwn(object, key, toJson(value.get(key) ?? null))
  }
  return object
}
