import { defineKind } from '../../define-kind.ts'
import { invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach } from '../../meta/field-checks.ts'
import { pathSegmentName } from '../../meta/names.ts'
import { validateLabelSelector } from '../../meta/validate-labels.ts'
import type { AggregationRule, ClusterRole } from '../../types/rbac-v1.ts'
import { rbacGroup, validateRules } from './rules.ts'

function validateAggregation({ clusterRoleSelectors: selectors = [] }: AggregationRule): FieldError[] {
  const path = 'aggregationRule.clusterRoleSelectors'
  const words = 'at least one clusterRoleSelector required if aggregationRule is non-nil'
  if (selectors.length === 0) return [required(path, words)]
  return checkEach(path, selectors, (selector, at) => {
    const errors = validateLabelSelector(selector, at)
    return errors.length === 0 ? [] : [...errors, invalid(at, null, 'invalid label selector.')]
  })
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
