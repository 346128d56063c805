import { defineKind } from '../../define-kind.ts'
import type { Namespace } from '../../types/core-v1.ts'

export const namespace = defineKind<Namespace>({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  short: ['ns'],
  subresources: { status: true },
  scope: 'Cluster',
})
