import { defineKind } from '../../define-kind.ts'
import type { Machine } from '../../types/lab-v1.ts'

export const machine = defineKind<Machine>({
  group: 'lab.orrery.dev',
  version: 'v1',
  kind: 'Machine',
  plural: 'machines',
  subresources: { status: true },
  scope: 'Cluster',
})
