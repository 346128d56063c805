/** Items of lists that have an identity: of sets and of maps. */
import { duplicate, type FieldError } from '../field-error.ts'
import type { StructuralSchema } from './structural-schema.ts'
import { valueKey } from './value-rules.ts'

type Fields = Record<string, unknown>

/** Errors for items whose identity has come before. */
export function duplicateItems(items: readonly unknown[], schema: StructuralSchema, path: string): FieldError[] {
  if (schema.listType === 'atomic') return []
  const seen = new Set<string>()
  const reported = new Set<string>()
  const errors: FieldError[] = []
  for (const [index, item] of items.entries()) {
    const identity = identityOf(item, schema)
    if (identity === undefined) continue
    const key = valueKey(identity)
    if (seen.has(key) && !reported.has(key)) {
      errors.push(duplicate(`${path}[${index}]`, identity))
      reported.add(key)
    }
    seen.add(key)
  }
  return errors
}

/** Finds the item of the old list that an item has come from; those of other lists have come from nowhere. */
export function oldItems(schema: StructuralSchema, old: unknown): (item: unknown) => unknown {
  if (schema.listType !== 'map' || !Array.isArray(old)) return () => undefined
  const byIdentity = new Map(old.map((item) => [valueKey(identityOf(item, schema)), item as unknown]))
  return (item) => byIdentity.get(valueKey(identityOf(item, schema)))
}

/** A set's item is its own identity; a map's is told by its keys. */
function identityOf(item: unknown, { listType, mapKeys, items }: StructuralSchema): unknown {
  if (listType === 'set') return item
  if (typeof item !== 'object' || item === null) return undefined
  const fields = item as Fields
  const keys = mapKeys.map((name) => [name, fields[name] ?? items?.properties.get(name)?.default])
  return Object.fromEntries(keys.filter(([, value]) => value !== undefined))
}
