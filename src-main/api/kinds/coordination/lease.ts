import { defineKind, type Column } from '../../define-kind.ts'
import { checkNotNegative, checkPositive } from '../../meta/field-checks.ts'
import type { Lease } from '../../types/coordination-v1.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'

const columns: readonly Column<Lease>[] = [
  nameColumn,
  column('Holder', 'string', ({ spec }) => spec?.holderIdentity ?? ''),
  ageColumn,
]

export const lease = defineKind<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  scope: 'Namespaced',
  updatesNeedVersion: true,
  updatesCreate: true,
  ownColumns: true,
  columns,
  validate: ({ spec }) => [
    ...checkPositive('spec.leaseDurationSeconds', spec?.leaseDurationSeconds),
    ...checkNotNegative('spec.leaseTransitions', spec?.leaseTransitions),
  ],
})
