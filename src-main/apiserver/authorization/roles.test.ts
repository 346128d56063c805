import { describe, expect, it } from 'vitest'
import { kindByName } from '../../api/kinds/index.ts'
import { configMap } from '../../api/kinds/core/config-map.ts'
import { createClient } from '../../client/resource-client.ts'
import type { PolicyRule } from '../../api/types/rbac-v1.ts'
import { startTestServer, type TestServer } from '../../../test/support/api-server.ts'
import type { AccessRequest } from './decision.ts'
import { ruleAllows, rulesCover } from './rules.ts'

const rbac = (kind: string) => kindByName('rbac.authorization.k8s.io/v1', kind)!
const access = (verb: string, resource: string, name = '', group = ''): AccessRequest => {
  const [plural = '', subresource = ''] = resource.split('/')
  return {
    type: 'resource',
    verb,
    target: { group, version: 'v1', plural, subresource, name, namespace: 'a', rest: [] },
  }
}
const rule = (verbs: string[], resources: string[], more: Partial<PolicyRule> = {}): PolicyRule => ({
  ...{ verbs, resources, apiGroups: [''] },
  ...more,
})

describe('a rule', () => {
  it.each<[boolean, PolicyRule, AccessRequest]>([
    [true, rule(['get'], ['pods']), access('get', 'pods')],
    [false, rule(['get'], ['pods']), access('list', 'pods')],
    [false, rule(['get'], ['pods']), access('get', 'pods/log')],
    [true, rule(['get'], ['pods/log']), access('get', 'pods/log')],
    [true, rule(['get'], ['*/log']), access('get', 'pods/log')],
    [true, rule(['*'], ['*']), access('delete', 'pods/log')],
    [false, rule(['get'], ['pods']), access('get', 'pods', '', 'apps')],
    [true, rule(['get'], ['pods'], { resourceNames: ['p'] }), access('get', 'pods', 'p')],
    [false, rule(['get'], ['pods'], { resourceNames: ['p'] }), access('get', 'pods', 'q')],
    [false, rule(['list'], ['pods'], { resourceNames: ['p'] }), access('list', 'pods')],
    [true, { verbs: ['get'], nonResourceURLs: ['/metrics*'] }, { type: 'path', verb: 'get', path: '/metrics/x' }],
    [false, { verbs: ['get'], nonResourceURLs: ['/metrics'] }, { type: 'path', verb: 'get', path: '/metrics/x' }],
  ])('says %s: %j for %j', (allowed, one, request) => {
    expect(ruleAllows(one, request)).toBe(allowed)
  })

  it.each<[boolean, PolicyRule[], PolicyRule]>([
    [true, [rule(['get', 'list'], ['pods'])], rule(['get'], ['pods'])],
    [true, [rule(['get'], ['pods']), rule(['list'], ['pods'])], rule(['get', 'list'], ['pods'])],
    [false, [rule(['get'], ['pods'])], rule(['*'], ['pods'])],
    [false, [rule(['get'], ['pods'], { resourceNames: ['p'] })], rule(['get'], ['pods'])],
    [true, [rule(['get'], ['pods'])], rule(['get'], ['pods'], { resourceNames: ['p'] })],
    [false, [rule(['*'], ['*'])], { verbs: ['get'], nonResourceURLs: ['/x'] }],
  ])('%s: %j include %j', (covered, own, wanted) => {
    expect(rulesCover(own, wanted)).toBe(covered)
  })
})

describe('roles', () => {
  const as = ({ server }: TestServer, name: string, ...groups: string[]) =>
    createClient(server.transport({ name, groups }))
  const bind = ({ client }: TestServer, kind: 'Role' | 'ClusterRole', role: string, user: string, namespace?: string) =>
    client.create(rbac(namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding'), {
      metadata: { name: `${role}-${user}`, ...(namespace === undefined ? {} : { namespace }) },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: role },
      subjects: [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }],
    } as never)

  it('give rights in their namespace, at once and until they are gone', async () => {
    const lab = await startTestServer()
    await bind(lab, 'ClusterRole', 'edit', 'jo', 'default')
    const jo = as(lab, 'jo')
    await jo.create(configMap, { metadata: { name: 'a', namespace: 'default' } })
    await expect(jo.list(configMap, { namespace: 'kube-system' })).rejects.toMatchObject({ code: 403 })
    await expect(jo.list(configMap)).rejects.toMatchObject({ code: 403 })
    await lab.client.delete(rbac('RoleBinding'), { namespace: 'default', name: 'edit-jo' })
    await expect(jo.list(configMap, { namespace: 'default' })).rejects.toMatchObject({ code: 403 })
  })

  it('give rights everywhere when they are bound for the cluster', async () => {
    const lab = await startTestServer()
    await bind(lab, 'ClusterRole', 'view', 'jo')
    expect(await as(lab, 'jo').list(configMap)).toMatchObject({ items: [] })
    await expect(
      as(lab, 'jo').create(configMap, { metadata: { name: 'a', namespace: 'default' } }),
    ).rejects.toMatchObject({
      code: 403,
    })
  })

  it('cannot give more than their author has', async () => {
    const lab = await startTestServer()
    await bind(lab, 'ClusterRole', 'admin', 'jo', 'default')
    const jo = as(lab, 'jo')
    const role = (name: string, verbs: string[], resource: string) =>
      jo.create(rbac('Role'), {
        metadata: { name, namespace: 'default' },
        rules: [{ verbs, apiGroups: [''], resources: [resource] }],
      } as never)
    await role('fine', ['get'], 'secrets')
    await expect(role('more', ['get'], 'nodes')).rejects.toMatchObject({ code: 403 })
    const bindTo = (name: string) =>
      jo.create(rbac('RoleBinding'), {
        metadata: { name, namespace: 'default' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
        subjects: [],
      } as never)
    await bindTo('view')
    await expect(bindTo('cluster-admin')).rejects.toMatchObject({ code: 403 })
  })
})
