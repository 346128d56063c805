/** What roles and bindings of both scopes share. */
import type { Column } from '../../define-kind.ts'
import { invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkRequired, problemsAt, sameValue } from '../../meta/field-checks.ts'
import { pathSegmentProblems, subdomainName } from '../../meta/names.ts'
import type { PolicyRule, RoleRef, Subject } from '../../types/rbac-v1.ts'
import type { KubernetesObject } from '../../meta/object.ts'
import { ageColumn, column, nameColumn, wideColumn } from '../table-columns.ts'

export const rbacGroup = 'rbac.authorization.k8s.io'

/** `namespaced`: the rule of a Role, which cannot speak of URLs. */
export function validateRules(rules: readonly PolicyRule[] | undefined, namespaced: boolean): FieldError[] {
  return checkEach('rules', rules, (rule, path) => {
    const { verbs = [], apiGroups = [], resources = [], nonResourceURLs = [] } = rule
    const errors = verbs.length === 0 ? [required(`${path}.verbs`, 'verbs must contain at least one value')] : []
    if (nonResourceURLs.length > 0) {
      const words = 'namespaced rules cannot apply to non-resource URLs'
      if (namespaced) errors.push(invalid(`${path}.nonResourceURLs`, nonResourceURLs, words))
      if (apiGroups.length + resources.length + (rule.resourceNames ?? []).length > 0) {
        const both = 'rules cannot apply to both regular resources and non-resource URLs'
        errors.push(invalid(`${path}.nonResourceURLs`, nonResourceURLs, both))
      }
      return errors
    }
    if (apiGroups.length === 0) {
      errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'))
    }
    if (resources.length === 0) {
      errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'))
    }
    return errors
  })
}

interface RoleBindingLike extends KubernetesObject {
  roleRef: RoleRef
  subjects?: Subject[]
}

const accountKind = 'ServiceAccount'

export function defaultBinding({ roleRef, subjects }: RoleBindingLike): void {
  if (roleRef !== undefined) roleRef.apiGroup ??= rbacGroup
  for (const subject of subjects ?? []) if (subject.kind !== accountKind) subject.apiGroup ??= rbacGroup
}

/** `namespaced`: of a RoleBinding, whose accounts are those of its own namespace unless they say otherwise. */
export function validateBinding({ roleRef, subjects }: RoleBindingLike, namespaced: boolean): FieldError[] {
  const roleKinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  const { apiGroup = '', kind = '', name = '' } = roleRef ?? {}
  return [
    ...(apiGroup === rbacGroup ? [] : [notSupported('roleRef.apiGroup', apiGroup, [rbacGroup])]),
    ...(roleKinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, roleKinds)]),
    ...(name === '' ? [required('roleRef.name')] : problemsAt('roleRef.name', name, pathSegmentProblems(name))),
    ...checkEach('subjects', subjects, (subject, path) => validateSubject(subject, namespaced, path)),
  ]
}

function validateSubject(subject: Subject, namespaced: boolean, path: string): FieldError[] {
  const { kind = '', name, namespace = '', apiGroup = '' }: Partial<Subject> = subject
  const errors = checkRequired(`${path}.name`, name)
  if (kind === accountKind) {
    if (errors.length === 0) errors.push(...problemsAt(`${path}.name`, name, subdomainName(name, false)))
    if (apiGroup !== '') errors.push(notSupported(`${path}.apiGroup`, apiGroup, ['']))
    return namespaced || namespace !== '' ? errors : [...errors, required(`${path}.namespace`)]
  }
  if (kind !== 'User' && kind !== 'Group') {
    return [...errors, notSupported(`${path}.kind`, kind, [accountKind, 'User', 'Group'])]
  }
  if (apiGroup !== rbacGroup) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [rbacGroup]))
  return errors
}

export function validateBindingUpdate(binding: RoleBindingLike, previous: RoleBindingLike): FieldError[] {
  return sameValue(binding.roleRef, previous.roleRef)
    ? []
    : [invalid('roleRef', internalRoleRef(binding.roleRef), 'cannot change roleRef')]
}

/** Kubernetes shows it under the names of its own structures. */
const internalRoleRef = ({ apiGroup, kind, name }: Partial<RoleRef> = {}): object => ({
  APIGroup: apiGroup ?? '',
  Kind: kind ?? '',
  Name: name ?? '',
})

const names = (binding: RoleBindingLike, kind: string): string =>
  (binding.subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace }) => (kind === accountKind ? `${namespace ?? ''}/${name}` : name))
    .join(', ')

export const bindingColumns: readonly Column<RoleBindingLike>[] = [
  nameColumn,
  column('Role', 'string', ({ roleRef }) => `${roleRef?.kind ?? ''}/${roleRef?.name ?? ''}`),
  ageColumn,
  wideColumn('Users', 'string', (binding) => names(binding, 'User')),
  wideColumn('Groups', 'string', (binding) => names(binding, 'Group')),
  wideColumn('ServiceAccounts', 'string', (binding) => names(binding, accountKind)),
]
