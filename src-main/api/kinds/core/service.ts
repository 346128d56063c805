import { defineKind } from '../../define-kind.ts'
import type { Service } from '../../types/core-v1.ts'

export const service = defineKind<Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  short: ['svc'],
  categories: ['all'],
  subresources: { status: true },
  scope: 'Namespaced',
})
