import { defineKind } from '../../define-kind.ts'
import type { Lease } from '../../types/coordination-v1.ts'

export const lease = defineKind<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  scope: 'Namespaced',
})
