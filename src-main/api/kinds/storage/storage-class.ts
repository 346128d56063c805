import { defineKind, type Column } from '../../define-kind.ts'
import { forbidden } from '../../field-error.ts'
import { checkOneOf, checkRequired, checkUnchanged, sameValue } from '../../meta/field-checks.ts'
import type { StorageClass } from '../../types/storage-v1.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'

const isDefault = ({ metadata }: StorageClass): boolean =>
  ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'].some(
    (annotation) => metadata?.annotations?.[annotation] === 'true',
  )

const columns: readonly Column<StorageClass>[] = [
  { ...nameColumn, cell: (object) => `${object.metadata?.name ?? ''}${isDefault(object) ? ' (default)' : ''}` },
  column('Provisioner', 'string', ({ provisioner }) => provisioner),
  column('ReclaimPolicy', 'string', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
  column('VolumeBindingMode', 'string', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
  column('AllowVolumeExpansion', 'string', ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false),
  ageColumn,
]

export const storageClass = defineKind<StorageClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  short: ['sc'],
  scope: 'Cluster',
  ownColumns: true,
  columns,
  defaults(draft) {
    draft.reclaimPolicy ??= 'Delete'
    draft.volumeBindingMode ??= 'Immediate'
  },
  validate: (object) => [
    ...checkRequired('provisioner', object.provisioner),
    ...checkOneOf('reclaimPolicy', object.reclaimPolicy, ['Delete', 'Retain']),
    ...checkOneOf('volumeBindingMode', object.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']),
  ],
  validateUpdate: (object, previous) => [
    ...(['parameters', 'provisioner', 'reclaimPolicy'] as const)
      .filter((field) => !sameValue(object[field], previous[field]))
      .map((field) => forbidden(field, `updates to ${field} are forbidden.`)),
    ...checkUnchanged('volumeBindingMode', object.volumeBindingMode, previous.volumeBindingMode),
  ],
})
