/** Server-side apply: what a manager says it wants, merged with what others own (KEP-555). Pure. */
import { StatusError } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { ObjectSchema } from '../../api/schema/type-schema.ts'
import type { ManagedFieldsEntry, ObjectMeta } from '../../api/types/meta-v1.ts'
import { compareFields, fieldsOf } from './fields-of.ts'
import { difference, FieldSet, intersection, pathsOf, union } from './field-set.ts'
import { cappedManagers } from './capped-managers.ts'
import { readManagers, sameOwner, withOwnership, writeManagers, type Ownership, type Owner } from './managers.ts'
import { managedPart } from './managed-part.ts'
import { mergeConfiguration, pruneConfiguration } from './merge.ts'

/** Owns what an untracked object had before somebody applied it. */
const beforeFirstApply: Owner = { manager: 'before-first-apply', operation: 'Update', subresource: '' }

export interface Application {
  readonly manager: string
  readonly subresource: string
  /** Takes over fields that others own, instead of refusing. */
  readonly force: boolean
  /** RFC 3339. */
  readonly now: string
}

/**
 * The object after the application, with its managedFields. `live` is undefined when there is none yet. Throws
 * `Conflict` when a field would change that another manager owns.
 */
export function applyConfiguration(
  live: DynamicObject | undefined,
  applied: DynamicObject,
  schema: ObjectSchema,
  application: Application,
): DynamicObject {
  const owner: Owner = { manager: application.manager, operation: 'Apply', subresource: application.subresource }
  const versioned = { ...owner, apiVersion: applied.apiVersion ?? '' }
  const wanted = fieldsOf(managedPart(applied), schema)
  if (live === undefined) {
    const owners = withOwnership([], versioned, wanted, application.now)
    return withManagers(applied, writeManagers(owners))
  }
  const before = ownersBefore(live, schema, application.now)
  const last = before.find((one) => sameOwner(one, owner))?.fields ?? new FieldSet()
  const owners = withOwnership(before, versioned, wanted, application.now)
  const owned = union(...owners.map(({ fields }) => fields))
  const merged = mergeConfiguration(managedPart(live), managedPart(applied), schema)
  const result = pruneConfiguration(merged, last, owned, schema) as DynamicObject
  const { changed, removed } = compareFields(managedPart(live), result, schema)
  const settled = settle(owners, owner, changed, removed, application.force)
  return withManagers(unmanagedPartOf(live, result), [...cappedManagers(writeManagers(settled))])
}

function ownersBefore(live: DynamicObject, schema: ObjectSchema, now: string): Ownership[] {
  const owners = readManagers(live.metadata?.managedFields)
  if (owners.length > 0) return owners
  const versioned = { ...beforeFirstApply, apiVersion: live.apiVersion ?? '' }
  return withOwnership([], versioned, fieldsOf(managedPart(live), schema), now)
}

/** Others lose what is gone and, under force, what has another value now; without force that is a conflict. */
function settle(
  owners: readonly Ownership[],
  owner: Owner,
  changed: FieldSet,
  removed: FieldSet,
  force: boolean,
): Ownership[] {
  const conflicts: { other: Ownership; fields: FieldSet }[] = []
  const settled = owners.map((other) => {
    if (sameOwner(other, owner)) return other
    const contested = intersection(other.fields, changed)
    if (!contested.empty) conflicts.push({ other, fields: contested })
    return { ...other, fields: difference(difference(other.fields, contested), removed) }
  })
  if (conflicts.length > 0 && !force) throw conflictError(conflicts)
  return settled
}

function conflictError(conflicts: readonly { other: Ownership; fields: FieldSet }[]): StatusError {
  const causes = conflicts.flatMap(({ other, fields }) =>
    pathsOf(fields).map((field) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${named(other)}`,
      field,
    })),
  )
  const [only, second] = causes
  if (only !== undefined && second === undefined)
    return new StatusError(409, 'Conflict', `Apply failed with 1 conflict: ${only.message}: ${only.field}`, { causes })
  const sorted = conflicts.toSorted((left, right) => (left.other.manager < right.other.manager ? -1 : 1))
  const lines = sorted.flatMap(({ other, fields }) => [
    `conflicts with ${named(other)}:`,
    ...pathsOf(fields).map((path) => `- ${path}`),
  ])
  return new StatusError(409, 'Conflict', `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`, {
    causes,
  })
}

function named({ manager, subresource, apiVersion, operation }: Ownership): string {
  const through = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`
  return `${JSON.stringify(manager)}${through}${operation === 'Update' ? ` using ${apiVersion}` : ''}`
}

/** The managed part back in its object. */
function unmanagedPartOf(live: DynamicObject, managed: DynamicObject): DynamicObject {
  const {
    labels: _l,
    annotations: _a,
    finalizers: _f,
    ownerReferences: _o,
    generateName: _g,
    ...meta
  } = live.metadata ?? {}
  const { apiVersion, kind } = live
  return { ...managed, apiVersion, kind, metadata: { ...meta, ...managed.metadata } as ObjectMeta }
}

function withManagers(object: DynamicObject, managedFields: ManagedFieldsEntry[]): DynamicObject {
  return { ...object, metadata: { ...object.metadata, managedFields } }
}
