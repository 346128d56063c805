import { defineKind } from '../../define-kind.ts'
import { pathSegmentName } from '../../meta/names.ts'
import type { Role } from '../../types/rbac-v1.ts'
import { rbacGroup, validateRules } from './rules.ts'

export const role = defineKind<Role>({
  group: rbacGroup,
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  scope: 'Namespaced',
  updatesCreate: true,
  nameRule: pathSegmentName,
  validate: ({ rules }) => validateRules(rules, true),
})
