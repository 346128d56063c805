/** How a value is taken apart for apply: as a whole, by fields, or by items with an identity. */
import { StatusError } from '../../api/errors.ts'
import type { ArraySchema, FieldSchema, TypeSchema } from '../../api/schema/type-schema.ts'
import { isRecord } from '../patch/merge.ts'

export type Shape =
  | { readonly type: 'whole' }
  | {
      readonly type: 'fields'
      readonly value: Record<string, unknown>
      /** Undefined for what the schema does not know: it goes by its own looks. */
      readonly typeOf: (name: string) => Part | undefined
      /** True for a declared field, false for a key of a map. */
      readonly declared: (name: string) => boolean
    }
  | { readonly type: 'items'; readonly items: readonly Item[]; readonly itemType: Part }

export interface Item {
  /** `k:{…}` or `v:…`. */
  readonly step: string
  readonly value: unknown
}

/** A type, and whether the field that holds it overrides how it is merged. */
export interface Part {
  readonly type: TypeSchema | undefined
  readonly atomic: boolean
}

export const partOf = (type: TypeSchema | undefined): Part => ({ type, atomic: isAtomic(type) })

function isAtomic(type: TypeSchema | undefined): boolean {
  if (type?.type === 'object' || type?.type === 'map') return type.mapType === 'atomic'
  return type?.type === 'array' ? type.listType === 'atomic' : false
}

export function partOfField(field: FieldSchema): Part {
  return { type: field.type, atomic: field.mapType === 'atomic' || isAtomic(field.type) }
}

export function shapeOf(value: unknown, { type, atomic }: Part): Shape {
  if (atomic) return { type: 'whole' }
  if (isRecord(value)) {
    if (type?.type === 'object') {
      const { fields } = type
      return {
        ...{ type: 'fields', value },
        typeOf: (name) => {
          const field = fields.get(name)
          return field === undefined ? undefined : partOfField(field)
        },
        declared: (name) => fields.has(name),
      }
    }
    const values = partOf(type?.type === 'map' ? type.values : undefined)
    return type === undefined || type.type === 'map'
      ? { type: 'fields', value, typeOf: () => values, declared: () => false }
      : { type: 'whole' }
  }
  if (Array.isArray(value) && type?.type === 'array')
    return { type: 'items', items: itemsOf(value, type), itemType: partOf(type.items) }
  return { type: 'whole' }
}

/** Of an item that nothing tells from the others, nobody can own a part. */
export class UnidentifiedItem extends StatusError {
  constructor(keys: readonly string[]) {
    super(400, 'BadRequest', `an item of a list has none of the fields that identify it: ${keys.join(', ')}`)
  }
}

/** What the items of a list are known by. Of items with the same identity, the first one counts: stored lists may hold some, from before they had keys. */
export function itemsOf(list: readonly unknown[], type: ArraySchema): Item[] {
  const items = new Map<string, Item>()
  for (const value of list) {
    const step = type.listType === 'set' ? `v:${JSON.stringify(value)}` : `k:${keyText(value, type)}`
    if (!items.has(step)) items.set(step, { step, value })
  }
  return [...items.values()]
}

function keyText(item: unknown, type: ArraySchema): string {
  const entries = keyOf(item, type)
  if (entries.length === 0) throw new UnidentifiedItem(type.keys)
  return JSON.stringify(Object.fromEntries(entries))
}

/** What identifies an item, by the names of its fields in their order; those that it lacks have their defaults, or are left out. */
export function keyOf(item: unknown, { keys, items }: ArraySchema): [name: string, value: unknown][] {
  const fields = items.type === 'object' ? items.fields : undefined
  return keys.toSorted().flatMap((name): [string, unknown][] => {
    const value = (isRecord(item) ? item[name] : undefined) ?? fields?.get(name)?.default
    return value === undefined ? [] : [[name, value]]
  })
}
