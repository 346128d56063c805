import { defineKind } from '../../define-kind.ts'
import type { Secret } from '../../types/core-v1.ts'

export const secret = defineKind<Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  scope: 'Namespaced',
})
