import { defineKind } from '../../define-kind.ts'
import type { ServiceAccount } from '../../types/core-v1.ts'
import { ageColumn, nameColumn } from '../table-columns.ts'

export const serviceAccount = defineKind<ServiceAccount>({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  short: ['sa'],
  scope: 'Namespaced',
  ownColumns: true,
  // What secrets it lists says nothing since tokens are bound to pods (KEP-1205).
  columns: [nameColumn, ageColumn],
})
