import { quantityText } from './quantity-text.ts'
import { isTime } from './time-text.ts'
import type { ObjectSchema, TypeSchema } from './type-schema.ts'

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function isInteger(value: unknown, format: 'int32' | 'int64'): boolean {
  if (!Number.isInteger(value)) return false
  const number = value as number
  return format === 'int32'
    ? number >= -2_147_483_648 && number <= 2_147_483_647
    : number >= -(2 ** 63) && number <= 2 ** 63
}

/** Whether a value that is neither null nor a container has the type's JSON form. */
export function fitsScalar(
  value: unknown,
  type: Exclude<TypeSchema, { type: 'object' | 'array' | 'map' | 'any' }>,
): boolean {
  switch (type.type) {
    case 'string':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean'
    case 'integer':
      return isInteger(value, type.format)
    case 'number':
      return typeof value === 'number'
    case 'int-or-string':
      return typeof value === 'string' || isInteger(value, 'int32')
    case 'quantity':
      return (typeof value === 'string' || typeof value === 'number') && typeof quantityText(value) === 'string'
    case 'bytes':
      return typeof value === 'string' && base64.test(value)
    default:
      return typeof value === 'string' && isTime(value)
  }
}

/**
 * What the API server says about a value of the wrong type. `owner` is the innermost object type around it, `place` its
 * path as a client sees it: Kubernetes leaves that out for texts in a wrong form, and whoever reads it has to search.
 */
export function mismatchText(
  value: unknown,
  type: TypeSchema,
  owner: ObjectSchema | undefined,
  path: readonly (string | number)[],
  place: string,
): string {
  if (type.type === 'quantity') {
    const text = quantityText(typeof value === 'number' ? value : typeof value === 'string' ? value : '')
    return text instanceof Error ? `${place}: ${text.message}` : ''
  }
  if (typeof value === 'string' && type.type === 'bytes')
    return `${place}: illegal base64 data at input byte ${illegalByte(value)}`
  if (typeof value === 'string' && (type.type === 'time' || type.type === 'micro-time')) {
    const layout = type.type === 'time' ? '2006-01-02T15:04:05Z07:00' : '2006-01-02T15:04:05.000000Z07:00'
    return `${place}: parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(value)} as "2006"`
  }
  const names = path.filter((part) => typeof part === 'string').join('.')
  const where = owner === undefined ? 'Go value' : `Go struct field ${lastParts(owner, 1)}.${names}`
  return `json: cannot unmarshal ${valueText(value, type)} into ${where} of type ${goType(type)}`
}

function illegalByte(text: string): number {
  const found = text.search(/[^A-Za-z0-9+/]/)
  return found < 0 ? text.length : found
}

function valueText(value: unknown, type: TypeSchema): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value !== 'number') return typeof value
  return type.type === 'integer' || type.type === 'int-or-string' ? `number ${value}` : 'number'
}

/** How Go prints the type: `v1.PodSpec`, `[]string`, `map[string]string`. */
function goType(type: TypeSchema): string {
  switch (type.type) {
    case 'object':
      return lastParts(type, 2)
    case 'array':
      return `[]${goType(type.items)}`
    case 'map':
      return `map[string]${goType(type.values)}`
    case 'boolean':
      return 'bool'
    case 'integer':
      return type.format
    case 'number':
      return 'float64'
    case 'int-or-string':
      return 'int32'
    case 'bytes':
      return '[]uint8'
    case 'quantity':
      return 'resource.Quantity'
    case 'any':
      return 'interface {}'
    default:
      return 'string'
  }
}

function lastParts(schema: ObjectSchema, count: number): string {
  return schema.name.split('.').slice(-count).join('.')
}
