import { defineKind, type Column } from '../../define-kind.ts'
import { forbidden, type FieldError } from '../../field-error.ts'
import { sameValue } from '../../meta/field-checks.ts'
import { compareQuantities, parseQuantity } from '../../meta/quantity.ts'
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../types/core-v1.ts'
import { claimWarnings } from '../../warnings/claim-warnings.ts'
import { ageColumn, column, nameColumn, unset, wideColumn } from '../table-columns.ts'
import { accessModesText } from './access-modes.ts'
import { defaultClaim } from './claim-defaults.ts'
import { validateClaimSpec } from './claim-validation.ts'

const isBound = ({ spec }: PersistentVolumeClaim): boolean => (spec?.volumeName ?? '') !== ''

const columns: readonly Column<PersistentVolumeClaim>[] = [
  nameColumn,
  column('Status', 'string', ({ metadata, status }) =>
    metadata?.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
  ),
  column('Volume', 'string', ({ spec }) => spec?.volumeName ?? ''),
  column('Capacity', 'string', (claim) => (isBound(claim) ? (claim.status?.capacity?.storage ?? '0') : '')),
  column('Access Modes', 'string', (claim) => (isBound(claim) ? accessModesText(claim.status?.accessModes) : '')),
  column('StorageClass', 'string', ({ spec }) => spec?.storageClassName ?? ''),
  column('VolumeAttributesClass', 'string', ({ spec }) => spec?.volumeAttributesClassName ?? unset),
  ageColumn,
  wideColumn('VolumeMode', 'string', ({ spec }) => spec?.volumeMode ?? unset),
]

/** What a claim asks for is settled, but for its size, and for the volume that it waits for. */
function validateUpdate(
  spec: PersistentVolumeClaimSpec,
  before: PersistentVolumeClaimSpec,
  bound: boolean,
): FieldError[] {
  const fixed = ({ resources, volumeAttributesClassName: _class, ...rest }: PersistentVolumeClaimSpec): object => ({
    ...rest,
    // Only what is there can grow.
    ...(bound ? {} : { resources }),
    ...((before.volumeName ?? '') === '' ? { volumeName: undefined } : {}),
    ...(before.storageClassName === undefined ? { storageClassName: undefined } : {}),
  })
  const words =
    'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
  return sameValue(fixed(spec), fixed(before)) ? [] : [forbidden('spec', words)]
}

/** A claim grows; after a growth that failed it may go back as far as what it has. */
function validateSize({ spec }: PersistentVolumeClaim, { spec: before, status }: PersistentVolumeClaim): FieldError[] {
  const [now, then] = [spec, before].map((one) => parseQuantity(one?.resources?.requests?.storage ?? '0'))
  if (now === undefined || then === undefined || compareQuantities(now, then) >= 0) return []
  const has = status?.capacity?.storage
  if (has !== undefined && compareQuantities(now, parseQuantity(has)) > 0) return []
  return [forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity')]
}

export const persistentVolumeClaim = defineKind<PersistentVolumeClaim>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  short: ['pvc'],
  scope: 'Namespaced',
  subresources: { status: true },
  ownColumns: true,
  columns,
  defaults: defaultClaim,
  validate: ({ spec }) => validateClaimSpec(spec, 'spec'),
  validateUpdate: (claim, previous) => [
    ...validateUpdate(claim.spec ?? {}, previous.spec ?? {}, isBound(previous)),
    ...validateSize(claim, previous),
  ],
  prepareCreate(draft) {
    draft.status = { phase: 'Pending' }
  },
  warn: claimWarnings,
})
