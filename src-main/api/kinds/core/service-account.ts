import { defineKind } from '../../define-kind.ts'
import type { ServiceAccount } from '../../types/core-v1.ts'
import { annotationWarning } from '../../warnings/annotation-warning.ts'
import { ageColumn, nameColumn } from '../table-columns.ts'

const mountable = 'kubernetes.io/enforce-mountable-secrets'
const separate = 'deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets'

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
  warn: ({ metadata }) => annotationWarning(metadata, mountable, separate),
})
