/** What may become of a claim once it is there. */
import { forbidden, invalid, type FieldError } from '../../field-error.ts'
import { checkUnchanged, immutable, sameValue } from '../../meta/field-checks.ts'
import { compareQuantities, parseQuantity } from '../../meta/quantity.ts'
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../types/core-v1.ts'

/** Where the class of a claim was written before there was a field for it. */
const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

const classOf = ({ metadata }: PersistentVolumeClaim): string | undefined => metadata?.annotations?.[classAnnotation]

export function validateClaimUpdate(claim: PersistentVolumeClaim, previous: PersistentVolumeClaim): FieldError[] {
  const { spec = {} } = claim
  const { spec: before = {} } = previous
  const moves = movesClass(claim, previous)
  return [
    ...(moves || classOf(claim) === classOf(previous)
      ? []
      : [invalid(`metadata.annotations.${classAnnotation}`, classOf(claim) ?? '', immutable)]),
    ...(sameValue(comparable(claim, previous, moves), before)
      ? []
      : [
          forbidden(
            'spec',
            'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
          ),
        ]),
    ...validateSize(claim, previous),
    // Kubernetes leaves the spec out of this path.
    ...checkUnchanged('volumeMode', spec.volumeMode, before.volumeMode),
    ...validateAttributesClass(spec.volumeAttributesClassName, before.volumeAttributesClassName),
  ]
}

/** The class goes from its annotation to its field, and stays the same one. */
function movesClass(claim: PersistentVolumeClaim, previous: PersistentVolumeClaim): boolean {
  const was = classOf(previous)
  const isThere = was !== undefined && previous.spec?.storageClassName === undefined
  return isThere && claim.spec?.storageClassName === was && (classOf(claim) ?? was) === was
}

/** The new spec with the old values of all that may change. */
function comparable(
  { spec = {} }: PersistentVolumeClaim,
  previous: PersistentVolumeClaim,
  moves: boolean,
): PersistentVolumeClaimSpec {
  const { spec: before = {}, status } = previous
  const result = { ...spec }
  if ((before.volumeName ?? '') === '') result.volumeName = before.volumeName
  const was = classOf(previous)
  const getsClass = spec.storageClassName !== undefined && before.storageClassName === undefined
  if (moves || (getsClass && (was ?? spec.storageClassName) === spec.storageClassName)) delete result.storageClassName
  // Only what is there can grow, or become of another class.
  if (status?.phase !== 'Bound') return result
  if (spec.resources?.requests !== undefined) {
    const { storage } = before.resources?.requests ?? {}
    result.resources = { ...spec.resources, requests: { ...spec.resources.requests, storage: storage ?? '0' } }
  }
  if (spec.volumeAttributesClassName !== undefined) result.volumeAttributesClassName = before.volumeAttributesClassName
  return result
}

/** A claim grows; after a growth that failed it may go back, but not as far as what it has. */
function validateSize({ spec }: PersistentVolumeClaim, { spec: before, status }: PersistentVolumeClaim): FieldError[] {
  const amount = (text: string | undefined) => parseQuantity(text ?? '0')
  const now = amount(spec?.resources?.requests?.storage)
  if (compareQuantities(now, amount(before?.resources?.requests?.storage)) >= 0) return []
  if (compareQuantities(now, amount(status?.capacity?.storage)) > 0) return []
  return [forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity')]
}

function validateAttributesClass(name: string | undefined, before: string | undefined): FieldError[] {
  if (before === undefined || (name ?? '') !== '') return []
  const to = name === undefined ? 'nil' : 'an empty string'
  return [forbidden('spec.volumeAttributesClassName', `update from non-nil value to ${to} is forbidden`)]
}
