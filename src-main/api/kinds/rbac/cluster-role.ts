import { defineKind } from '../../define-kind.ts'
import { required, type FieldError } from '../../field-error.ts'
import { checkEach } from '../../meta/field-checks.ts'
import { pathSegmentName } from '../../meta/names.ts'
import { validateLabelSelector } from '../../meta/validate-labels.ts'
import type { AggregationRule, ClusterRole } from '../../types/rbac-v1.ts'
import { rbacGroup, validateRules } from './rules.ts'

function validateAggregation({ clusterRoleSelectors: selectors = [] }: AggregationRule): FieldError[] {
  const path = 'aggregationRule.clusterRoleSelectors'
  const words = 'at least one clusterRoleSelector required if aggregationRule is non-nil'
  return selectors.length === 0 ? [required(path, words)] : checkEach(path, selectors, validateLabelSelector)
}

export const clusterRole = defineKind<ClusterRole>({
  group: rbacGroup,
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  scope: 'Cluster',
  updatesCreate: true,
  nameRule: pathSegmentName,
  validate: ({ rules, aggregationRule }) => [
    ...validateRules(rules, false),
    ...(aggregationRule === undefined ? [] : validateAggregation(aggregationRule)),
  ],
})
