import { describe, expect, it } from 'vitest'
import { clusterRole } from './cluster-role.ts'
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
    expect(roleBinding.validate?.(object)).toEqual([])
  })

  it('name accounts with their namespace', () => {
    const object = { ...draft(), subjects: [{ kind: 'ServiceAccount', name: 'bot' }] }
    roleBinding.defaults?.(object)
    expect(roleBinding.validate?.(object)?.map(({ path }) => path)).toEqual(['subjects[0].namespace'])
  })

  it('keep their role', () => {
    const other = { ...draft(), roleRef: { kind: 'Role', name: 'edit' } }
    expect(roleBinding.validateUpdate?.(other, draft())?.map(({ path }) => path)).toEqual(['roleRef'])
  })

  it('show whom they bind', () => {
    const cells = Object.fromEntries(
      (roleBinding.columns ?? []).map((column) => [column.name, column.cell(draft(), 0)]),
    )
    expect(cells).toMatchObject({ Role: 'Role/view', Users: 'ada', Groups: '', ServiceAccounts: 'default/bot' })
  })
})
