/** The types of built-in objects, for checking what expressions say of them. */
import type { FieldSchema, ObjectSchema, TypeSchema } from '../../../api/schema/type-schema.ts'
import { escapeName } from '../values/json.ts'
import { bool, bytes, double, dyn, int, string, timestamp, type ObjectType, type Type } from './type.ts'

const known = new WeakMap<TypeSchema, Type>()

/** Made once for a schema. A field with a reserved name may be written both escaped and as it is. */
export function typeOfSchema(schema: TypeSchema): Type {
  const made = known.get(schema)
  if (made !== undefined) return made
  const type = build(schema)
  known.set(schema, type)
  return type
}

function build(schema: TypeSchema): Type {
  switch (schema.type) {
    case 'boolean':
      return bool
    case 'string':
    case 'quantity':
      return string
    case 'bytes':
      return bytes
    case 'time':
    case 'micro-time':
      return timestamp
    case 'integer':
      return int
    case 'number':
      return double
    case 'int-or-string':
    case 'any':
      return dyn
    case 'array':
      return { kind: 'list', element: typeOfSchema(schema.items) }
    case 'map':
      return { kind: 'map', key: string, value: typeOfSchema(schema.values) }
    case 'object':
      return objectOf(schema)
  }
}

/** Fields are found when they are asked for: a definition may contain itself. */
function objectOf(schema: ObjectSchema): ObjectType {
  const byName = new Map<string, FieldSchema>()
  for (const field of schema.fields.values()) {
    byName.set(field.name, field)
    const escaped = escapeName(field.name)
    if (escaped !== undefined) byName.set(escaped, field)
  }
  return {
    ...{ kind: 'object', name: schema.name, constructible: false },
    field(name) {
      const field = byName.get(name)
      if (field !== undefined) return { name: field.name, type: typeOfSchema(field.type) }
      return schema.preserveUnknownFields ? { name, type: dyn } : undefined
    },
  }
}
