import { defineKind } from '../../define-kind.ts'
import type { ConfigMap } from '../../types/core-v1.ts'

export const configMap = defineKind<ConfigMap>({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  short: ['cm'],
  scope: 'Namespaced',
})
