/** The `scale` subresource of many kinds. Scales are not stored, so this one is not among the kinds that are served. */
import { defineKind } from '../../define-kind.ts'
import type { Scale } from '../../types/autoscaling-v1.ts'
import { column } from '../table-columns.ts'

export const scale = defineKind<Scale>({
  ...{ group: 'autoscaling', version: 'v1', kind: 'Scale', plural: 'scales', scope: 'Namespaced' },
  columns: [
    column('Desired', 'integer', ({ spec }) => spec?.replicas ?? 0),
    column('Available', 'integer', ({ status }) => status?.replicas ?? 0),
  ],
})
