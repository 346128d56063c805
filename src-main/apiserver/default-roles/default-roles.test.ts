import { describe, expect, it } from 'vitest'
import { kindByName } from '../../api/kinds/index.ts'
import type { ClusterRole, ClusterRoleBinding } from '../../api/types/rbac-v1.ts'
import { createClient } from '../../client/resource-client.ts'
import { MemoryStore } from '../../store/memory.ts'
import { startTestServer } from '../../../test/support/api-server.ts'
import { defaultBindings, defaultRoles } from './all.ts'
import { reconcileBinding, reconcileRole } from './reconcile.ts'
import { autoUpdate, clusterBinding, clusterRole, group, rule, user } from './rule.ts'

const rbac = (kind: string) => kindByName('rbac.authorization.k8s.io/v1', kind)!

describe('the default roles', () => {
  it.each([...defaultRoles, ...defaultBindings].map((one) => [one.kind, one.metadata?.name, one] as const))(
    '%s %s is valid',
    (kind, _name, object) => {
      expect(rbac(kind!).validate?.(object)).toEqual([])
    },
  )

  it('are each bound by a binding to a role that is there', () => {
    const names = new Set(defaultRoles.map(({ metadata }) => `${metadata?.namespace ?? ''}/${metadata?.name}`))
    const missing = defaultBindings.filter(
      ({ roleRef, metadata }) => !names.has(`${roleRef.kind === 'Role' ? metadata?.namespace : ''}/${roleRef.name}`),
    )
    expect(missing).toEqual([])
  })

  it('climb from view by edit and admin to cluster-admin', async () => {
    const { client } = await startTestServer()
    const rulesOf = async (name: string) =>
      ((await client.get(rbac('ClusterRole'), { name })) as ClusterRole).rules?.map((one) => JSON.stringify(one)) ?? []
    const [view, edit, admin] = [await rulesOf('view'), await rulesOf('edit'), await rulesOf('admin')]
    expect(view.length).toBeGreaterThan(5)
    expect(edit).toEqual(expect.arrayContaining(view))
    expect(admin).toEqual(expect.arrayContaining(edit))
    expect(view.join()).not.toContain('"secrets"')
    expect(edit.join()).not.toContain('"rolebindings"')
    expect(admin.join()).toContain('"rolebindings"')
  })
})

describe('a default role that was changed', () => {
  const wanted = clusterRole('system:some', [rule('get', 'core', 'pods')])

  it('gets back what is missing and keeps what was added', () => {
    const existing: ClusterRole = { ...wanted, rules: [rule('list', 'core', 'nodes')] }
    expect(reconcileRole(existing, wanted)).toMatchObject({
      type: 'update',
      object: { rules: [rule('list', 'core', 'nodes'), rule('get', 'core', 'pods')] },
    })
    expect(reconcileRole({ ...wanted, rules: [rule('*', '*', '*')] }, wanted)).toEqual({ type: 'keep' })
  })

  it('stays as it is when it says so', () => {
    const metadata = { ...wanted.metadata, annotations: { [autoUpdate]: 'false' } }
    expect(reconcileRole({ ...wanted, metadata, rules: [] }, wanted)).toEqual({ type: 'keep' })
  })

  it('has its binding give it to everybody again whom it should, or replaced when it gives another role', () => {
    const binding = clusterBinding('system:some', group('system:authenticated'))
    const own: ClusterRoleBinding = { ...binding, subjects: [user('jo')] }
    expect(reconcileBinding(own, binding)).toMatchObject({
      object: { subjects: [user('jo'), group('system:authenticated')] },
    })
    expect(reconcileBinding({ ...own, roleRef: { ...own.roleRef, name: 'other' } }, binding)).toEqual({
      type: 'replace',
    })
  })

  it('is put right when the server starts again', async () => {
    const store = new MemoryStore()
    const first = await startTestServer({ store })
    const name = 'system:basic-user'
    const role = (await first.client.get(rbac('ClusterRole'), { name })) as ClusterRole
    await first.client.update(rbac('ClusterRole'), { ...role, rules: [rule('get', 'core', 'pods')] } as never)
    await first.client.delete(rbac('ClusterRoleBinding'), { name: 'system:discovery' })
    const other = { ...clusterBinding('system:discovery', user('jo')), metadata: { name: 'system:discovery' } }
    other.roleRef = { ...other.roleRef, name: 'view' }
    await first.client.create(rbac('ClusterRoleBinding'), other)
    await first.server.dispose()
    const { server } = await startTestServer({ store })
    const client = createClient(server.transport({ name: 'a', groups: ['system:masters'] }))
    expect(((await client.get(rbac('ClusterRole'), { name })) as ClusterRole).rules).toHaveLength(3)
    expect(await client.get(rbac('ClusterRoleBinding'), { name: 'system:discovery' })).toMatchObject({
      roleRef: { name: 'system:discovery' },
      subjects: [{ name: 'system:authenticated' }],
    })
  })
})
