/** Who owns the fields of an object after a write that is no apply. Pure. */
import type { DynamicObject } from '../../api/meta/object.ts'
import type { ObjectSchema } from '../../api/schema/type-schema.ts'
import type { ManagedFieldsEntry } from '../../api/types/meta-v1.ts'
import { cappedManagers } from './capped-managers.ts'
import { compareFields } from './fields-of.ts'
import { minus, plus } from './fields-v1.ts'
import { managedPart } from './managed-part.ts'

export interface Writer {
  readonly manager: string
  readonly subresource: string
  /** RFC 3339. */
  readonly now: string
}

/**
 * The managedFields after an ordinary write: the writer owns what it changed, everybody else loses that and what it
 * removed. An object whose managers somebody has cleared stays untracked until it is applied. Entries of which nothing
 * changes are the same objects as before, and so cost nothing.
 */
export function trackUpdate(
  before: DynamicObject,
  after: DynamicObject,
  entries: readonly ManagedFieldsEntry[],
  schema: ObjectSchema,
  writer: Writer,
): readonly ManagedFieldsEntry[] {
  if (entries.length === 0) return entries
  const ofStatus = writer.subresource === 'status'
  const { changed, removed } = compareFields(part(before, ofStatus), part(after, ofStatus), schema)
  if (changed.empty && removed.empty) return entries
  const { apiVersion = '' } = after
  const own = entries.find((entry) => isOf(entry, writer) && entry.apiVersion === apiVersion)
  const others = entries.flatMap((entry) => {
    if (entry === own) return []
    const fields = minus(minus(entry.fieldsV1, changed), removed)
    return fields === entry.fieldsV1 ? entry : fields === undefined ? [] : { ...entry, fieldsV1: fields }
  })
  const fields = minus(plus(own?.fieldsV1, changed), removed)
  if (own !== undefined && fields === own.fieldsV1)
    return others.length === entries.length - 1 && others.every((entry) => entries.includes(entry))
      ? entries
      : [...others, own]
  if (fields === undefined) return others
  return cappedManagers([...others, entryOf(writer, apiVersion, fields)])
}

function entryOf({ manager, subresource, now }: Writer, apiVersion: string, fieldsV1: unknown): ManagedFieldsEntry {
  const entry = { manager, operation: 'Update', apiVersion, time: now, fieldsType: 'FieldsV1', fieldsV1 }
  return subresource === '' ? entry : { ...entry, subresource }
}

const isOf = (entry: ManagedFieldsEntry, { manager, subresource }: Writer): boolean =>
  entry.manager === manager && entry.operation === 'Update' && (entry.subresource ?? '') === subresource

/** A write of the status leaves the rest as it is: there is nothing to compare. */
function part(object: DynamicObject, ofStatus: boolean): object {
  if (!ofStatus) return managedPart(object)
  const { metadata, status } = object
  return managedPart({ ...(metadata === undefined ? {} : { metadata }), ...(status === undefined ? {} : { status }) })
}
