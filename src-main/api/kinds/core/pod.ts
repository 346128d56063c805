import { defineKind } from '../../define-kind.ts'
import type { Pod } from '../../types/core-v1.ts'

export const pod = defineKind<Pod>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  short: ['po'],
  categories: ['all'],
  subresources: { status: true },
  scope: 'Namespaced',
})
