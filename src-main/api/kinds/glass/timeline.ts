import { defineKind } from '../../define-kind.ts'
import type { Timeline } from '../../types/glass-v1.ts'

export const timeline = defineKind<Timeline>({
  group: 'glass.orrery.dev',
  version: 'v1',
  kind: 'Timeline',
  plural: 'timelines',
  scope: 'Namespaced',
})
