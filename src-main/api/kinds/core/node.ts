import { defineKind } from '../../define-kind.ts'
import type { Node } from '../../types/core-v1.ts'

export const node = defineKind<Node>({
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  short: ['no'],
  subresources: { status: true },
  scope: 'Cluster',
})
