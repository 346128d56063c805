import { defineKind } from '../../define-kind.ts'
import { pathSegmentName } from '../../meta/names.ts'
import type { RoleBinding } from '../../types/rbac-v1.ts'
import { bindingColumns, defaultBinding, rbacGroup, validateBinding, validateBindingUpdate } from './rules.ts'

export const roleBinding = defineKind<RoleBinding>({
  group: rbacGroup,
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  scope: 'Namespaced',
  updatesCreate: true,
  nameRule: pathSegmentName,
  ownColumns: true,
  columns: bindingColumns,
  defaults: defaultBinding,
  validate: (binding) => validateBinding(binding, true),
  validateUpdate: (binding, previous) => validateBindingUpdate(binding, previous),
})
