import { defineKind } from '../../define-kind.ts'
import type { Lab } from '../../types/lab-v1.ts'

export const lab = defineKind<Lab>({
  group: 'lab.orrery.dev',
  version: 'v1',
  kind: 'Lab',
  plural: 'labs',
  subresources: { status: true },
  scope: 'Cluster',
})
