import { defineKind, type Column } from '../../define-kind.ts'
import type { ServiceAccount } from '../../types/core-v1.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'

const columns: readonly Column<ServiceAccount>[] = [
  nameColumn,
  column('Secrets', 'string', ({ secrets = [] }) => secrets.length),
  ageColumn,
]

export const serviceAccount = defineKind<ServiceAccount>({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  short: ['sa'],
  scope: 'Namespaced',
  ownColumns: true,
  columns,
})
