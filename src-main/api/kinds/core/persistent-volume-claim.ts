import { defineKind, type Column } from '../../define-kind.ts'
import { forbidden, invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkOptionalOneOf, checkRequired, problemsAt, sameValue } from '../../meta/field-checks.ts'
import { dnsSubdomainProblems } from '../../meta/names.ts'
import { compareQuantities, parseQuantity } from '../../meta/quantity.ts'
import { validateLabelSelector } from '../../meta/validate-labels.ts'
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../types/core-v1.ts'
import { ageColumn, column, nameColumn, unset, wideColumn } from '../table-columns.ts'
import { accessModes, accessModesText } from './access-modes.ts'
import { defaultClaim } from './claim-defaults.ts'
import { checkPositiveQuantity } from './pod-spec/resources.ts'

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

function validateSpec(spec: PersistentVolumeClaimSpec | undefined): FieldError[] {
  const modes = spec?.accessModes ?? []
  const storage = spec?.resources?.requests?.storage
  const at = 'spec.resources[storage]'
  return [
    ...(modes.length === 0 ? [required('spec.accessModes', 'at least 1 access mode is required')] : []),
    ...checkEach('spec.accessModes', modes, (mode) => checkOptionalOneOf('spec.accessModes', mode, accessModes)),
    ...(modes.length > 1 && modes.includes('ReadWriteOncePod')
      ? [forbidden('spec.accessModes', 'may not use ReadWriteOncePod with other access modes')]
      : []),
    ...(storage === undefined ? [required(at)] : checkPositiveQuantity(at, storage)),
    ...validateLabelSelector(spec?.selector, 'spec.selector'),
    ...((spec?.storageClassName ?? '') === ''
      ? []
      : problemsAt('spec.storageClassName', spec?.storageClassName, dnsSubdomainProblems(spec?.storageClassName))),
    ...validateDataSource(spec?.dataSource, 'spec.dataSource'),
    ...checkOptionalOneOf('spec.volumeMode', spec?.volumeMode, ['Block', 'Filesystem']),
  ]
}

/** Another claim, or an object of another group, from which a volume is filled. */
function validateDataSource(source: PersistentVolumeClaimSpec['dataSource'], path: string): FieldError[] {
  if (source === undefined) return []
  const { apiGroup = '', kind = '', name } = source
  const words = 'must be PersistentVolumeClaim when referencing the default apiGroup'
  return [
    ...checkRequired(`${path}.name`, name),
    ...checkRequired(`${path}.kind`, kind),
    ...(apiGroup === '' && kind !== '' && kind !== 'PersistentVolumeClaim' ? [invalid(path, kind, words)] : []),
  ]
}

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
  validate: ({ spec }) => validateSpec(spec),
  validateUpdate: (claim, previous) => [
    ...validateUpdate(claim.spec ?? {}, previous.spec ?? {}, isBound(previous)),
    ...validateSize(claim, previous),
  ],
  prepareCreate(draft) {
    draft.status = { phase: 'Pending' }
  },
})
