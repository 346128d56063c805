import { defineKind, type Column } from '../../define-kind.ts'
import type { PersistentVolumeClaim } from '../../types/core-v1.ts'
import { claimWarnings } from '../../warnings/claim-warnings.ts'
import { ageColumn, column, nameColumn, unset, wideColumn } from '../table-columns.ts'
import { accessModesText } from './access-modes.ts'
import { defaultClaim, settleDataSource } from './claim-defaults.ts'
import { validateClaimStatus } from './claim-status.ts'
import { validateClaimUpdate } from './claim-update.ts'
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
  validateUpdate: validateClaimUpdate,
  validateStatus: validateClaimStatus,
  prepareCreate(draft) {
    draft.status = { phase: 'Pending' }
    if (draft.spec !== undefined) settleDataSource(draft.spec)
  },
  prepareUpdate(draft, previous) {
    if (draft.spec !== undefined) settleDataSource(draft.spec, previous.spec)
  },
  warn: claimWarnings,
})
