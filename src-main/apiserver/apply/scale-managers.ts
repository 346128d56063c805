/** Who owns the replicas of a scaled object, as managers of its Scale, and back. Pure. */
import type { ManagedFieldsEntry } from '../../api/types/meta-v1.ts'
import { cappedManagers } from './capped-managers.ts'
import { FieldSet, fromFieldsV1, intersection, toFieldsV1 } from './field-set.ts'
import { minus, plus } from './fields-v1.ts'

const scaleVersion = 'autoscaling/v1'

/** The one member at a path such as `.spec.replicas`. */
function fieldAt(path: string): FieldSet {
  const root = new FieldSet()
  let place = root
  for (const name of path.split('.').filter((segment) => segment !== '')) place = place.child(`f:${name}`)
  place.member = true
  return root
}

const replicas = fieldAt('spec.replicas')

const owns = ({ fieldsV1 }: ManagedFieldsEntry, field: FieldSet): boolean =>
  !intersection(fromFieldsV1(fieldsV1), field).empty

/** `path`: where the scaled object says how many it wants. */
export function managersOfScale(entries: readonly ManagedFieldsEntry[], path: string): ManagedFieldsEntry[] {
  const field = fieldAt(path)
  return entries
    .filter((entry) => owns(entry, field))
    .map((entry) => ({ ...entry, apiVersion: scaleVersion, fieldsV1: toFieldsV1(replicas) }))
}

/** The managers of the scaled object after its Scale has got other ones. */
export function managersAfterScale(
  entries: readonly ManagedFieldsEntry[],
  ofScale: readonly ManagedFieldsEntry[],
  { path, apiVersion }: { readonly path: string; readonly apiVersion: string },
): readonly ManagedFieldsEntry[] {
  const field = fieldAt(path)
  const owners = ofScale.filter((entry) => owns(entry, replicas))
  const kept = entries.flatMap((entry) => {
    const stays = owners.some((owner) => sameManager(owner, entry))
    const fieldsV1 = stays ? plus(entry.fieldsV1, field) : minus(entry.fieldsV1, field)
    return fieldsV1 === undefined ? [] : [{ ...entry, fieldsV1 }]
  })
  const added = owners
    .filter((owner) => !entries.some((entry) => sameManager(owner, entry)))
    .map((owner) => ({ ...owner, apiVersion, fieldsV1: toFieldsV1(field) }))
  return cappedManagers([...kept, ...added])
}

const sameManager = (left: ManagedFieldsEntry, right: ManagedFieldsEntry): boolean =>
  left.manager === right.manager &&
  left.operation === right.operation &&
  (left.subresource ?? '') === (right.subresource ?? '')
