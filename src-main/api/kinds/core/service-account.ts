import { defineKind } from '../../define-kind.ts'
import type { ServiceAccount } from '../../types/core-v1.ts'

export const serviceAccount = defineKind<ServiceAccount>({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  short: ['sa'],
  scope: 'Namespaced',
})
