import { defineKind, type Column } from '../../define-kind.ts'
import { forbidden } from '../../field-error.ts'
import { checkUnchanged } from '../../meta/field-checks.ts'
import type { PersistentVolume } from '../../types/core-v1.ts'
import { volumeObjectWarnings } from '../../warnings/volume-object-warnings.ts'
import { ageColumn, column, nameColumn, unset, wideColumn } from '../table-columns.ts'
import { accessModesText } from './access-modes.ts'
import { validateAffinityUpdate, validateSourceUpdate, validateVolumeSpec } from './persistent-volume-validation.ts'

function claimText({ spec }: PersistentVolume): string {
  const { claimRef } = spec ?? {}
  return claimRef === undefined ? '' : `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`
}

const columns: readonly Column<PersistentVolume>[] = [
  nameColumn,
  column('Capacity', 'string', ({ spec }) => spec?.capacity?.storage ?? '0'),
  column('Access Modes', 'string', ({ spec }) => accessModesText(spec?.accessModes)),
  column('Reclaim Policy', 'string', ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? ''),
  column('Status', 'string', ({ metadata, status }) =>
    metadata?.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
  ),
  column('Claim', 'string', claimText),
  column('StorageClass', 'string', ({ spec }) => spec?.storageClassName ?? ''),
  column('VolumeAttributesClass', 'string', ({ spec }) => spec?.volumeAttributesClassName ?? unset),
  column('Reason', 'string', ({ status }) => status?.reason ?? ''),
  ageColumn,
  wideColumn('VolumeMode', 'string', ({ spec }) => spec?.volumeMode ?? unset),
]

export const persistentVolume = defineKind<PersistentVolume>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  short: ['pv'],
  scope: 'Cluster',
  subresources: { status: true },
  ownColumns: true,
  columns,
  defaults({ spec }) {
    if (spec === undefined) return
    spec.persistentVolumeReclaimPolicy ??= 'Retain'
    spec.volumeMode ??= 'Filesystem'
    if (spec.hostPath !== undefined) spec.hostPath.type ??= ''
  },
  validate: ({ metadata, spec }) => validateVolumeSpec(spec ?? {}, metadata?.name ?? '', 'spec'),
  validateUpdate: ({ spec = {} }, { spec: before = {} }) => [
    ...validateSourceUpdate(spec, before),
    // Kubernetes leaves the spec out of the paths of these two.
    ...checkUnchanged('volumeMode', spec.volumeMode, before.volumeMode),
    ...validateAffinityUpdate(spec.nodeAffinity, before.nodeAffinity),
    ...(before.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined
      ? [forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden')]
      : []),
  ],
  validateStatus: () => [],
  prepareCreate(draft) {
    draft.status = { phase: 'Pending' }
  },
  warn: volumeObjectWarnings,
})
