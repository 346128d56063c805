/** Fills in what a custom object left out. */
import { setOwn } from '../schema/own-property.ts'
import type { StructuralSchema } from './structural-schema.ts'

type Fields = Record<string, unknown>

/** A value with its defaults; the argument itself when none was missing. `null` where null is no value counts as missing. */
export function defaulted<T>(value: T, schema: StructuralSchema): T {
  return (schema.reachesDefaults ? withDefaults(value, schema) : value) as T
}

function withDefaults(value: unknown, schema: StructuralSchema): unknown {
  if (!schema.reachesDefaults || typeof value !== 'object' || value === null) return value
  return Array.isArray(value) ? ofItems(value, schema) : ofFields(value as Fields, schema)
}

function ofFields(fields: Fields, schema: StructuralSchema): Fields {
  let copy: Fields | undefined
  for (const [name, property] of schema.properties) {
    if (!property.reachesDefaults) continue
    const before = Object.hasOwn(fields, name) ? fields[name] : undefined
    const missing = before === undefined || (before === null && !property.nullable)
    const after = missing ? startOf(property, before) : withDefaults(before, property)
    if (after === before) continue
    copy ??= { ...fields }
    setOwn(copy, name, after)
  }
  const { additional } = schema
  if (typeof additional !== 'object' || !additional.reachesDefaults) return copy ?? fields
  for (const name of Object.keys(fields)) {
    if (schema.properties.has(name)) continue
    const before = fields[name]
    const after =
      before === null && !additional.nullable ? startOf(additional, before) : withDefaults(before, additional)
    if (after === before) continue
    copy ??= { ...fields }
    setOwn(copy, name, after)
  }
  return copy ?? fields
}

/** A default may itself lack what lies deeper. */
function startOf(schema: StructuralSchema, otherwise: unknown): unknown {
  return schema.default === undefined ? otherwise : withDefaults(structuredClone(schema.default), schema)
}

function ofItems(items: readonly unknown[], { items: schema }: StructuralSchema): readonly unknown[] {
  if (schema === undefined || !schema.reachesDefaults) return items
  const after = items.map((item) =>
    item === null && !schema.nullable ? startOf(schema, item) : withDefaults(item, schema),
  )
  return after.some((item, index) => item !== items[index]) ? after : items
}
