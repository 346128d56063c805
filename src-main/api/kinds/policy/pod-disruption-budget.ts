import { defineKind, type Column } from '../../define-kind.ts'
import { invalid } from '../../field-error.ts'
import { checkNotNegative, checkOptionalOneOf } from '../../meta/field-checks.ts'
import { validateConditions } from '../../meta/validate-conditions.ts'
import { validateLabelSelector } from '../../meta/validate-labels.ts'
import type { PodDisruptionBudget } from '../../types/policy-v1.ts'
import type { IntOrString } from '../../types/scalars.ts'
import { validateAtMostAll, validateShare } from '../apps/workload-validation.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'

const shareText = (share: IntOrString | undefined): string => (share === undefined ? 'N/A' : String(share))

const columns: readonly Column<PodDisruptionBudget>[] = [
  nameColumn,
  column('Min Available', 'string', ({ spec }) => shareText(spec?.minAvailable)),
  column('Max Unavailable', 'string', ({ spec }) => shareText(spec?.maxUnavailable)),
  column('Allowed Disruptions', 'integer', ({ status }) => status?.disruptionsAllowed ?? 0),
  ageColumn,
]

export const podDisruptionBudget = defineKind<PodDisruptionBudget>({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  short: ['pdb'],
  scope: 'Namespaced',
  updatesNeedVersion: true,
  subresources: { status: true },
  ownColumns: true,
  columns,
  validate({ spec = {} }) {
    const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } = spec
    const both = minAvailable !== undefined && maxUnavailable !== undefined
    return [
      ...(both ? [invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set')] : []),
      ...validateShare('spec.minAvailable', minAvailable),
      ...validateAtMostAll('spec.minAvailable', minAvailable),
      ...validateShare('spec.maxUnavailable', maxUnavailable),
      ...validateAtMostAll('spec.maxUnavailable', maxUnavailable),
      ...checkOptionalOneOf('spec.unhealthyPodEvictionPolicy', unhealthyPodEvictionPolicy, [
        'AlwaysAllow',
        'IfHealthyBudget',
      ]),
      ...validateLabelSelector(selector, 'spec.selector'),
    ]
  },
  validateStatus: ({ status }) => [
    ...validateConditions(status?.conditions, 'status.conditions'),
    ...(['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const).flatMap((field) =>
      checkNotNegative(`status.${field}`, status?.[field]),
    ),
  ],
  prepareCreate(draft) {
    startGeneration(draft)
    draft.status = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 }
  },
})
