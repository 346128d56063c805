/** Who owns which fields of an object: `metadata.managedFields`, read and written. */
import type { ManagedFieldsEntry } from '../../api/types/meta-v1.ts'
import type { FieldSet } from './field-set.ts'
import { fromFieldsV1, sameSet, toFieldsV1 } from './field-set.ts'

export interface Owner {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly subresource: string
}

export interface Ownership extends Owner {
  readonly apiVersion: string
  readonly time: string | undefined
  readonly fields: FieldSet
}

export function readManagers(entries: readonly ManagedFieldsEntry[] | undefined): Ownership[] {
  return (entries ?? []).flatMap((entry) => {
    const fields = fromFieldsV1(entry.fieldsV1)
    if (fields.empty) return []
    return {
      manager: entry.manager ?? '',
      operation: entry.operation === 'Apply' ? 'Apply' : 'Update',
      subresource: entry.subresource ?? '',
      apiVersion: entry.apiVersion ?? '',
      time: entry.time,
      fields,
    }
  })
}

/** Those who own nothing are left out. */
export function writeManagers(owners: readonly Ownership[]): ManagedFieldsEntry[] {
  return owners
    .filter(({ fields }) => !fields.empty)
    .map(({ manager, operation, subresource, apiVersion, time, fields }) => ({
      ...{ manager, operation, apiVersion },
      ...(time === undefined ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(fields),
      ...(subresource === '' ? {} : { subresource }),
    }))
}

export const sameOwner = (left: Owner, right: Owner): boolean =>
  left.manager === right.manager && left.operation === right.operation && left.subresource === right.subresource

/** Gives one owner its fields; the time changes only when the fields do. */
export function withOwnership(
  owners: readonly Ownership[],
  owner: Owner & { readonly apiVersion: string },
  fields: FieldSet,
  now: string,
): Ownership[] {
  const before = owners.find((one) => sameOwner(one, owner))
  const others = owners.filter((one) => one !== before)
  const unchanged = before !== undefined && before.apiVersion === owner.apiVersion && sameSet(before.fields, fields)
  if (unchanged) return [...owners]
  return [...others, { ...owner, time: now, fields }]
}
