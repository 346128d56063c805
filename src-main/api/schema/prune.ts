import { setOwn } from './own-property.ts'
import { quantityText, resourceAmountText } from './quantity-text.ts'
import { canonicalTime } from './time-text.ts'
import type { MapSchema, ObjectSchema, TypeSchema } from './type-schema.ts'

/**
 * The object as the API server keeps it: unknown fields are gone, null fields too, quantities and times have their
 * canonical text. Expects an object in which `checkFields` found no mismatch. Copies only what changes: the result is
 * the argument itself when there was nothing to do, and a shared object stays as it was.
 */
export function prune<T extends object>(value: T, schema: ObjectSchema): T {
  return pruneObject(value as Record<string, unknown>, schema) as T
}

function pruneObject(value: Record<string, unknown>, schema: ObjectSchema): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined
  for (const name in value) {
    const before = value[name]
    const after = prunedField(name, before, schema)
    if (after === before && after !== undefined) {
      if (copy !== undefined) setOwn(copy, name, after)
      continue
    }
    copy ??= copyUntil(value, name)
    if (after !== undefined) setOwn(copy, name, after)
  }
  return copy ?? value
}

/** Undefined: the field goes. */
function prunedField(name: string, value: unknown, schema: ObjectSchema): unknown {
  const field = schema.fields.get(name)
  if (field === undefined) return schema.preserveUnknownFields ? value : undefined
  if (value === null || value === undefined) return field.nullable ? value : undefined
  return pruned(value, field.type)
}

function pruned(value: unknown, type: TypeSchema): unknown {
  switch (type.type) {
    case 'object':
      return isRecord(value) ? pruneObject(value, type) : value
    case 'map':
      return isRecord(value) ? pruneValues(value, type) : value
    case 'array':
      return Array.isArray(value) ? pruneItems(value, type.items) : value
    case 'quantity':
      return storedText(value, quantityText)
    case 'time':
    case 'micro-time':
      return typeof value === 'string' ? canonicalTime(value, type.type) : value
    default:
      return value
  }
}

/** Quantities by name are amounts of resources, unless the map says otherwise. */
const prunedEntry = (value: unknown, { values, exact }: MapSchema): unknown =>
  values.type === 'quantity' && exact !== true ? storedText(value, resourceAmountText) : pruned(value, values)

function storedText(value: unknown, read: typeof quantityText): unknown {
  const text = typeof value === 'string' || typeof value === 'number' ? read(value) : value
  return text instanceof Error ? value : text
}

function pruneValues(values: Record<string, unknown>, type: MapSchema): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined
  for (const name in values) {
    const before = values[name]
    const after = before === null ? zeroValue(type.values) : prunedEntry(before, type)
    if (copy === undefined && after !== before) copy = copyUntil(values, name)
    if (copy !== undefined) setOwn(copy, name, after)
  }
  return copy ?? values
}

function pruneItems(items: readonly unknown[], type: TypeSchema): readonly unknown[] {
  let copy: unknown[] | undefined
  for (let index = 0; index < items.length; index++) {
    const before = items[index]
    const after = before === null ? zeroValue(type) : pruned(before, type)
    if (copy === undefined && after !== before) copy = items.slice(0, index)
    copy?.push(after)
  }
  return copy ?? items
}

/** What null becomes where it cannot be left out: in a list and in a map. */
function zeroValue(type: TypeSchema): unknown {
  switch (type.type) {
    case 'string':
    case 'bytes':
      return ''
    case 'boolean':
      return false
    case 'integer':
    case 'number':
    case 'int-or-string':
      return 0
    case 'quantity':
      return '0'
    case 'object':
    case 'map':
      return {}
    case 'array':
      return []
    default:
      return null
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function copyUntil(value: Record<string, unknown>, end: string): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const name in value) {
    if (name === end) break
    setOwn(copy, name, value[name])
  }
  return copy
}
