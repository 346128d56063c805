import { defineKind, type Column } from '../../define-kind.ts'
import { invalid, type FieldError } from '../../field-error.ts'
import { checkNotNegative } from '../../meta/field-checks.ts'
import type { HorizontalPodAutoscaler as AutoscalerV1 } from '../../types/autoscaling-v1.ts'
import type { HorizontalPodAutoscaler } from '../../types/autoscaling-v2.ts'
import { ageColumn, column, nameColumn, none, unknown, unset } from '../table-columns.ts'
import { defaultBehavior, validateBehavior } from './behavior.ts'
import { metricsText } from './metrics-text.ts'
import { validateMetrics } from './metrics-validation.ts'
import { validateBounds, validateGroup } from './scale-bounds.ts'

type Either = AutoscalerV1 | HorizontalPodAutoscaler

const targetsBefore: readonly Column<Either>[] = [
  nameColumn,
  column(
    'Reference',
    'string',
    ({ spec }) => `${spec?.scaleTargetRef?.kind ?? ''}/${spec?.scaleTargetRef?.name ?? ''}`,
  ),
]
const targetsAfter: readonly Column<Either>[] = [
  column('MinPods', 'string', ({ spec }) => spec?.minReplicas ?? unset),
  column('MaxPods', 'integer', ({ spec }) => spec?.maxReplicas ?? 0),
  column('Replicas', 'integer', ({ status }) => status?.currentReplicas ?? 0),
  ageColumn,
]

/** The old version knows CPU alone. */
function cpuText({ spec, status }: AutoscalerV1): string {
  const target = spec?.targetCPUUtilizationPercentage
  const current = status?.currentCPUUtilizationPercentage
  return target === undefined ? none : `cpu: ${current === undefined ? unknown : `${current}%`}/${target}%`
}

const validateStatus = ({ status }: Either): FieldError[] =>
  (['currentReplicas', 'desiredReplicas'] as const).flatMap((field) =>
    checkNotNegative(`status.${field}`, status?.[field]),
  )

const names = {
  group: 'autoscaling',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  short: ['hpa'],
  categories: ['all'],
  scope: 'Namespaced',
  subresources: { status: true },
  ownColumns: true,
} as const

export const horizontalPodAutoscaler = defineKind<HorizontalPodAutoscaler>({
  ...names,
  version: 'v2',
  columns: [
    ...targetsBefore,
    column('Targets', 'string', ({ spec, status }) => metricsText(spec?.metrics ?? [], status?.currentMetrics ?? [])),
    ...targetsAfter,
  ],
  defaults({ spec }) {
    if (spec === undefined) return
    spec.minReplicas ??= 1
    defaultBehavior(spec.behavior)
    if ((spec?.metrics ?? []).length > 0) return
    const target = { type: 'Utilization', averageUtilization: 80 }
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }]
  },
  validate: ({ spec }) => [
    ...validateBounds(spec),
    ...validateMetrics(spec?.metrics),
    ...validateBehavior(spec?.behavior),
  ],
  validateNew: ({ spec }) => validateGroup(spec),
  validateUpdate: ({ spec }, previous) => validateGroup(spec, previous.spec),
  validateStatus,
  prepareCreate(draft) {
    draft.status = { currentReplicas: 0, desiredReplicas: 0 }
  },
})

export const horizontalPodAutoscalerV1 = defineKind<AutoscalerV1>({
  ...names,
  version: 'v1',
  columns: [...targetsBefore, column('Targets', 'string', cpuText), ...targetsAfter],
  defaults({ spec }) {
    if (spec !== undefined) spec.minReplicas ??= 1
  },
  validate({ spec }) {
    const share = spec?.targetCPUUtilizationPercentage
    // As the newer version calls it, in which autoscalers are checked.
    const path = 'spec.metrics[0].resource.target.averageUtilization'
    const words = 'must be greater than 0'
    return [...validateBounds(spec), ...(share !== undefined && share < 1 ? [invalid(path, share, words)] : [])]
  },
  validateNew: ({ spec }) => validateGroup(spec),
  validateUpdate: ({ spec }, previous) => validateGroup(spec, previous.spec),
  validateStatus,
  prepareCreate(draft) {
    draft.status = { currentReplicas: 0, desiredReplicas: 0 }
  },
})
