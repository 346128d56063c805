/** Who owns the fields of an object that is created without apply: its creator, all of them. */
import type { DynamicObject } from '../../api/meta/object.ts'
import type { ObjectSchema } from '../../api/schema/type-schema.ts'
import type { ManagedFieldsEntry } from '../../api/types/meta-v1.ts'
import { bornFields } from './born-fields.ts'
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
  const fieldsV1 = fieldsV1Of(ownsStatus && status !== undefined ? { ...rest, status } : rest, partOf(schema), 'there')
  if (fieldsV1 === leaf) return []
  const { apiVersion = '' } = object
  return [{ manager, operation: 'Update', apiVersion, time: now, fieldsType: 'FieldsV1', fieldsV1 }]
}

/** Deeper than any type: what a client nests beyond that is owned as a whole, until validation refuses it. */
const depthLimit = 100

/** Where a value comes from: `new` with this object, beside what is in it; `there` before it, so only what is in it counts. */
type Origin = 'new' | 'there'

function fieldsV1Of(value: unknown, { type, atomic }: Part, origin: Origin, depth = 0): object {
  if (atomic || typeof value !== 'object' || value === null || depth > depthLimit) return leaf
  const fields: Record<string, object> = origin === 'new' ? { '.': leaf } : {}
  let count = 0
  if (Array.isArray(value)) {
    if (type?.type !== 'array') return leaf
    for (const { step, value: item } of itemsOf(value, type)) {
      fields[step] = fieldsV1Of(item, partOf(type.items), 'new', depth + 1)
      count++
    }
    return count === 0 ? leaf : fields
  }
  if (type !== undefined && type.type !== 'object' && type.type !== 'map') return leaf
  const declared = type?.type === 'object' ? type.fields : undefined
  const values = partOf(type?.type === 'map' ? type.values : undefined)
  const born = origin === 'there' ? bornFields(type) : undefined
  for (const name of Object.keys(value)) {
    const content = (value as Record<string, unknown>)[name]
    if (content === undefined) continue
    const field = declared?.get(name)
    const isThere = born?.has(name) === true
    const inner = fieldsV1Of(
      content,
      field === undefined ? values : partOfField(field),
      isThere ? 'there' : 'new',
      depth + 1,
    )
    // An empty part is no more than was there.
    if (isThere && inner === leaf && isEmpty(content)) continue
    fields[`f:${name}`] = inner
    count++
  }
  return count === 0 ? leaf : fields
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every((one) => one === undefined)
