import type { FieldSchema, ObjectSchema, TypeSchema } from './type-schema.ts'

/**
 * Sets declared defaults that are missing, in place, wherever the object that holds the field exists. A default never
 * makes an object come into being: those of `{}` are artefacts of how Kubernetes publishes structs.
 */
export function applyDeclaredDefaults(draft: object, schema: ObjectSchema): void {
  if (mayDefault(schema)) applyToObject(draft as Record<string, unknown>, schema)
}

function applyToObject(draft: Record<string, unknown>, schema: ObjectSchema): void {
  for (const field of defaultedFields(schema)) {
    if (draft[field.name] === undefined) draft[field.name] = structuredClone(field.default)
  }
  for (const name in draft) {
    const type = schema.fields.get(name)?.type
    if (type !== undefined && mayDefault(type)) applyTo(draft[name], type)
  }
}

function applyTo(value: unknown, type: TypeSchema): void {
  if (typeof value !== 'object' || value === null) return
  if (type.type === 'object') applyToObject(value as Record<string, unknown>, type)
  else if (type.type === 'map') for (const one of Object.values(value)) applyTo(one, type.values)
  else if (type.type === 'array' && Array.isArray(value)) for (const one of value) applyTo(one, type.items)
}

/** The fields of an object that have a default of their own. */
const ownDefaults = new WeakMap<ObjectSchema, readonly FieldSchema[]>()
function defaultedFields(schema: ObjectSchema): readonly FieldSchema[] {
  const known = ownDefaults.get(schema)
  if (known !== undefined) return known
  const fields = [...schema.fields.values()].filter(
    (field) => field.default !== undefined && !isEmptyObject(field.default),
  )
  ownDefaults.set(schema, fields)
  return fields
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
}

/** Whether anything below an object has a default, so that walks end early: most of Kubernetes has none. */
const reachesDefault = new WeakMap<ObjectSchema, boolean>()
function mayDefault(type: TypeSchema): boolean {
  const object = objectWithin(type)
  if (object === undefined) return false
  const known = reachesDefault.get(object)
  if (known !== undefined) return known
  const seen = new Set([object])
  let found = false
  for (const one of seen) {
    found ||= defaultedFields(one).length > 0
    for (const field of one.fields.values()) {
      const next = objectWithin(field.type)
      if (next !== undefined) seen.add(next)
    }
  }
  reachesDefault.set(object, found)
  return found
}

/** The object type that a type is, lists, or maps to. */
function objectWithin(type: TypeSchema): ObjectSchema | undefined {
  if (type.type === 'object') return type
  if (type.type === 'array') return objectWithin(type.items)
  return type.type === 'map' ? objectWithin(type.values) : undefined
}
