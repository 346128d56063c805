import { defineKind } from '../../define-kind.ts'
import { pathSegmentName } from '../../meta/names.ts'
import type { ClusterRoleBinding } from '../../types/rbac-v1.ts'
import { bindingColumns, defaultBinding, rbacGroup, validateBinding, validateBindingUpdate } from './rules.ts'

export const clusterRoleBinding = defineKind<ClusterRoleBinding>({
  group: rbacGroup,
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  scope: 'Cluster',
  updatesCreate: true,
  nameRule: pathSegmentName,
  ownColumns: true,
  columns: bindingColumns,
  defaults: defaultBinding,
  validate: (binding) => validateBinding(binding, false),
  validateUpdate: (binding, previous) => validateBindingUpdate(binding, previous),
})
