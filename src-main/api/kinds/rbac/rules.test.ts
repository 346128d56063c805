import { describe, expect, it } from 'vitest'
import { creationCauses, updateCauses, type Changes } from '../../../../test/support/validation.ts'
import { clusterRole } from './cluster-role.ts'
import { clusterRoleBinding } from './cluster-role-binding.ts'
import { role } from './role.ts'
import { roleBinding } from './role-binding.ts'

describe('roles', () => {
  it('may have names with colons', () => expect(clusterRole.nameRule?.('system:node', false)).toEqual([]))

  it('say what may be done, with what', () => {
    const paths = (rules: Parameters<NonNullable<typeof role.validate>>[0]['rules']): string[] =>
      (role.validate?.({ rules }) ?? []).map(({ path }) => path)
    expect(paths([{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }])).toEqual([])
    expect(paths([{ verbs: [], apiGroups: [], resources: [] }])).toEqual([
      'rules[0].verbs',
      'rules[0].apiGroups',
      'rules[0].resources',
    ])
    expect(paths([{ verbs: ['get'], nonResourceURLs: ['/healthz'] }])).toEqual(['rules[0].nonResourceURLs'])
  })
})

describe('bindings', () => {
  const draft = () => ({
    roleRef: { kind: 'Role', name: 'view' },
    subjects: [
      { kind: 'User', name: 'ada' },
      { kind: 'ServiceAccount', name: 'bot', namespace: 'default' },
    ],
  })

  it('need not repeat their group', () => {
    const object = draft()
    roleBinding.defaults?.(object)
    expect(object.roleRef).toHaveProperty('apiGroup', 'rbac.authorization.k8s.io')
    expect(object.subjects[0]).toHaveProperty('apiGroup', 'rbac.authorization.k8s.io')
    expect(object.subjects[1]).not.toHaveProperty('apiGroup')
    expect(roleBinding.validate?.(object)).toEqual([])
  })

  it('keep their role', () => {
    expect(updateCauses(roleBinding, draft(), { 'roleRef.name': 'edit' })).toEqual([
      'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"edit"}: cannot change roleRef',
    ])
  })

  it('show whom they bind', () => {
    const cells = Object.fromEntries(
      (roleBinding.columns ?? []).map((column) => [column.name, column.cell(draft(), 0)]),
    )
    expect(cells).toMatchObject({ Role: 'Role/view', Users: 'ada', Groups: '', ServiceAccounts: 'default/bot' })
  })
})

describe('what is said of a binding', () => {
  const base = { metadata: { name: 'a' }, roleRef: { kind: 'ClusterRole', name: 'view' } }
  const subject = (fields: object): Changes => ({ subjects: [fields] })
  const at = 'subjects[0]'

  it.each<[Changes, string[]]>([
    [{}, []],
    [{ 'roleRef.name': '' }, ['roleRef.name: Required value']],
    [{ 'roleRef.name': 'a/b' }, [`roleRef.name: Invalid value: "a/b": may not contain '/'`]],
    [
      { roleRef: { apiGroup: 'a', kind: 'B', name: 'c' } },
      [
        'roleRef.apiGroup: Unsupported value: "a": supported values: "rbac.authorization.k8s.io"',
        'roleRef.kind: Unsupported value: "B": supported values: "Role", "ClusterRole"',
      ],
    ],
    [subject({ kind: 'ServiceAccount', name: 'bot' }), []],
    [subject({ kind: 'User', name: '' }), [`${at}.name: Required value`]],
    [
      subject({ kind: 'Odd', name: '' }),
      [
        `${at}.name: Required value`,
        `${at}.kind: Unsupported value: "Odd": supported values: "ServiceAccount", "User", "Group"`,
      ],
    ],
    [
      subject({ kind: 'ServiceAccount', name: 'bot', apiGroup: 'a' }),
      [`${at}.apiGroup: Unsupported value: "a": supported values: ""`],
    ],
  ])('in a namespace, with %j', (changes, causes) => expect(creationCauses(roleBinding, base, changes)).toEqual(causes))

  it.each<[Changes, string[]]>([
    [subject({ kind: 'ServiceAccount', name: 'bot' }), [`${at}.namespace: Required value`]],
    [{ 'roleRef.kind': 'Role' }, ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"']],
  ])('of the cluster, with %j', (changes, causes) =>
    expect(creationCauses(clusterRoleBinding, base, changes)).toEqual(causes),
  )

  it('that aggregates by what is no selector, that too', () => {
    const selectors = [{ matchExpressions: [{ key: 'a', operator: 'Odd' }] }]
    const aggregationRule = { clusterRoleSelectors: selectors }
    const path = 'aggregationRule.clusterRoleSelectors[0]'
    expect(creationCauses(clusterRole, { metadata: { name: 'a' }, rules: [] }, { aggregationRule })).toEqual([
      `${path}.matchExpressions[0].operator: Invalid value: "Odd": not a valid selector operator`,
      `${path}: Invalid value: null: invalid label selector.`,
    ])
  })
})
