/** Who owns the fields of an object that is created without apply: its creator, all of them. */
import type { DynamicObject } from '../../api/meta/object.ts'
import type { ObjectSchema } from '../../api/schema/type-schema.ts'
import type { ManagedFieldsEntry } from '../../api/types/meta-v1.ts'
import { leaf } from './field-set.ts'
import { managedPart } from './managed-part.ts'
import { itemsOf, partOf, partOfField, type Part } from './shape.ts'

export interface Creator {
  readonly manager: string
  /** RFC 3339. */
  readonly now: string
  /** False where a new object's status is the server's to say. */
  readonly ownsStatus: boolean
}

/**
 * The one entry that a new object has. FieldsV1 is written in one walk, without a set of fields between: every create
 * pays for it.
 */
export function trackCreation(object: DynamicObject, schema: ObjectSchema, creator: Creator): ManagedFieldsEntry[] {
  const { manager, now, ownsStatus } = creator
  const { status, ...rest } = managedPart(object) as { status?: unknown }
  const fieldsV1 = fieldsV1Of(ownsStatus && status !== undefined ? { ...rest, status } : rest, partOf(schema), false)
  if (fieldsV1 === leaf) return []
  const { apiVersion = '' } = object
  return [{ manager, operation: 'Update', apiVersion, time: now, fieldsType: 'FieldsV1', fieldsV1 }]
}

/** Deeper than any type: what a client nests beyond that is owned as a whole, until validation refuses it. */
const depthLimit = 100

/** `own`: a path that is a member by itself, beside what is beneath it. */
function fieldsV1Of(value: unknown, { type, atomic }: Part, own: boolean, depth = 0): object {
  if (atomic || typeof value !== 'object' || value === null || depth > depthLimit) return leaf
  const fields: Record<string, object> = own ? { '.': leaf } : {}
  let count = 0
  if (Array.isArray(value)) {
    if (type?.type !== 'array') return leaf
    for (const { step, value: item } of itemsOf(value, type)) {
      fields[step] = fieldsV1Of(item, partOf(type.items), true, depth + 1)
      count++
    }
    return count === 0 ? leaf : fields
  }
  if (type !== undefined && type.type !== 'object' && type.type !== 'map') return leaf
  const declared = type?.type === 'object' ? type.fields : undefined
  const values = partOf(type?.type === 'map' ? type.values : undefined)
  for (const name of Object.keys(value)) {
    const content = (value as Record<string, unknown>)[name]
    if (content === undefined) continue
    const field = declared?.get(name)
    const part = field === undefined ? values : partOfField(field)
    fields[`f:${name}`] = fieldsV1Of(content, part, field === undefined || isCollection(part), depth + 1)
    count++
  }
  return count === 0 ? leaf : fields
}

const isCollection = ({ type }: Part): boolean => type?.type === 'map' || type?.type === 'array'
