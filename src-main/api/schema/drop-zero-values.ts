import { leavesOutZero } from './protobuf/value-fields.ts'
import type { FieldSchema, ObjectSchema, TypeSchema } from './type-schema.ts'

/** Custom kinds, and kinds of ours, are kept as they are written. */
const ofKubernetes = 'io.k8s.'

/** Lists that Kubernetes writes out even when they are optional and empty. */
const writtenWhenEmpty = new Set([
  'io.k8s.api.discovery.v1.EndpointSlice.ports',
  'io.k8s.api.rbac.v1.ClusterRole.rules',
  'io.k8s.api.rbac.v1.Role.rules',
])

/**
 * Takes out, in place, optional fields that say nothing: empty lists, maps and texts, and zeros where zero means unset.
 * Kubernetes' structs cannot tell them from fields that are absent, so two objects that differ in them alone must be
 * equal here: otherwise `nodeSelector: {}` would roll a deployment out anew.
 */
export function dropZeroValues(draft: object, schema: ObjectSchema): void {
  if (schema.name.startsWith(ofKubernetes)) dropIn(draft as Record<string, unknown>, schema)
}

function dropIn(draft: Record<string, unknown>, schema: ObjectSchema): void {
  for (const name in draft) {
    const field = schema.fields.get(name)
    if (field === undefined) continue
    const value = draft[name]
    if (isZero(value) && saysNothing(schema, field)) Reflect.deleteProperty(draft, name)
    else dropBelow(value, field.type)
  }
}

function dropBelow(value: unknown, type: TypeSchema): void {
  if (typeof value !== 'object' || value === null) return
  if (type.type === 'object') dropIn(value as Record<string, unknown>, type)
  else if (type.type === 'array' && Array.isArray(value)) for (const one of value) dropBelow(one, type.items)
  else if (type.type === 'map') for (const one of Object.values(value)) dropBelow(one, type.values)
}

function isZero(value: unknown): boolean {
  if (typeof value !== 'object') return value === '' || value === 0 || value === false
  if (Array.isArray(value)) return value.length === 0
  if (value === null) return false
  for (const _name in value) return false
  return true
}

const known = new WeakMap<FieldSchema, boolean>()

/** Whether the field is left out when it is zero. */
function saysNothing(schema: ObjectSchema, field: FieldSchema): boolean {
  let answer = known.get(field)
  if (answer === undefined) {
    answer = isLeftOut(schema, field)
    known.set(field, answer)
  }
  return answer
}

function isLeftOut(schema: ObjectSchema, field: FieldSchema): boolean {
  switch (field.type.type) {
    case 'array':
    case 'map':
      return !field.required && !writtenWhenEmpty.has(`${schema.name}.${field.name}`)
    case 'string':
    case 'bytes':
    case 'boolean':
    case 'integer':
      return leavesOutZero(schema, field)
    default:
      return false
  }
}
