import { defineKind } from '../../define-kind.ts'
import { pathSegmentName } from '../../meta/names.ts'
import type { ClusterRole } from '../../types/rbac-v1.ts'
import { rbacGroup, validateRules } from './rules.ts'

export const clusterRole = defineKind<ClusterRole>({
  group: rbacGroup,
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  scope: 'Cluster',
  nameRule: pathSegmentName,
  validate: ({ rules }) => validateRules(rules, false),
})
