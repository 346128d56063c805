/** What apply knows of a custom kind: how lists and maps of its objects are merged. */
import type { FieldSchema, ObjectSchema, TypeSchema } from '../schema/type-schema.ts'
import { metaSchema } from './prune-object.ts'
import type { StructuralSchema } from './structural-schema.ts'

/** What has no schema goes by its looks: objects by their keys, all else as a whole. */
const deduced: { type: 'map'; values: TypeSchema; mapType: 'granular' } = {
  type: 'map',
  values: { type: 'any' },
  mapType: 'granular',
}
deduced.values = deduced

/** `name` is made up from the group, version and kind. */
export function objectTypeFrom(schema: StructuralSchema, name: string): ObjectSchema {
  return objectType(schema, name, true)
}

function objectType(schema: StructuralSchema, name: string, isResource: boolean): ObjectSchema {
  const fields = new Map<string, FieldSchema>()
  const set = (field: string, type: TypeSchema, from?: StructuralSchema): void => {
    const required = schema.rules?.required.includes(field) === true
    fields.set(field, {
      ...{ name: field, type, required, default: from?.default, patchStrategies: [] },
      ...{ mergeKey: undefined, mapType: undefined, nullable: from?.nullable === true },
    })
  }
  for (const [field, one] of schema.properties) set(field, typeFrom(one, `${name}.${field}`), one)
  if (isResource) {
    set('apiVersion', { type: 'string' })
    set('kind', { type: 'string' })
    set('metadata', metaSchema)
  }
  const preserveUnknownFields = schema.preserveUnknownFields || schema.additional === true
  return { type: 'object', name, fields, mapType: schema.mapType, unions: [], preserveUnknownFields }
}

function typeFrom(schema: StructuralSchema, name: string): TypeSchema {
  if (schema.intOrString) return { type: 'int-or-string' }
  switch (schema.type) {
    case 'object':
      return mapOrObject(schema, name)
    case 'array': {
      const items: TypeSchema = schema.items === undefined ? deduced : typeFrom(schema.items, name)
      return { type: 'array', items, listType: schema.listType, keys: schema.mapKeys }
    }
    case 'integer':
      return { type: 'integer', format: 'int64' }
    case 'number':
    case 'string':
    case 'boolean':
      return { type: schema.type }
    case undefined:
      return deduced
  }
}

function mapOrObject(schema: StructuralSchema, name: string): TypeSchema {
  const { additional, properties, embeddedResource } = schema
  if (properties.size > 0 || embeddedResource) return objectType(schema, name, embeddedResource)
  if (typeof additional === 'object')
    return { type: 'map', values: typeFrom(additional, name), mapType: schema.mapType }
  // Without a schema, what lies within still merges by its own looks.
  if (additional === true || schema.preserveUnknownFields)
    return { type: 'map', values: deduced, mapType: schema.mapType }
  return objectType(schema, name, false)
}
