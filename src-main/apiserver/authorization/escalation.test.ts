/** Ways around the rules of roles that must not be there. */
import { beforeEach, describe, expect, it } from 'vitest'
import { configMap } from '../../api/kinds/core/config-map.ts'
import { secret } from '../../api/kinds/core/secret.ts'
import { kindByName } from '../../api/kinds/index.ts'
import type { PolicyRule } from '../../api/types/rbac-v1.ts'
import type { Client } from '../../client/client.ts'
import { createClient } from '../../client/resource-client.ts'
import { startTestServer, type TestServer } from '../../../test/support/api-server.ts'
import {
  aValidatingBinding,
  aValidatingPolicy,
  validatingBindingKind,
  validatingPolicyKind,
} from '../admission/policies/policy-builders.ts'
import type { UserInfo } from '../request.ts'

const rbac = (kind: string) => kindByName('rbac.authorization.k8s.io/v1', kind)!
const group = 'rbac.authorization.k8s.io'
const jo: UserInfo = { name: 'jo', groups: ['system:authenticated'] }
const rule = (verbs: string, apiGroup: string, resources: string, more: Partial<PolicyRule> = {}): PolicyRule => ({
  ...{ verbs: verbs.split(' '), apiGroups: [apiGroup], resources: resources.split(' ') },
  ...more,
})
const forbidden = { code: 403 }

let lab: TestServer
let client: Client
beforeEach(async () => {
  lab = await startTestServer()
  client = createClient(lab.server.transport(jo))
})

async function give(...rules: PolicyRule[]): Promise<void> {
  await lab.client.create(rbac('ClusterRole'), { metadata: { name: 'of-jo' }, rules } as never)
  await lab.client.create(rbac('ClusterRoleBinding'), {
    metadata: { name: 'of-jo' },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'of-jo' },
    subjects: [{ kind: 'User', apiGroup: group, name: 'jo' }],
  } as never)
}
const list = (fieldSelector: string) =>
  lab.send('GET', `/api/v1/namespaces/default/secrets?fieldSelector=${encodeURIComponent(fieldSelector)}`, { peer: jo })

describe('the right to one object by its name', () => {
  beforeEach(async () => {
    await give(rule('get list watch deletecollection', '', 'secrets', { resourceNames: ['own'] }))
    for (const name of ['own', 'other'])
      await lab.client.create(secret, { metadata: { name, namespace: 'default' }, stringData: { key: name } })
  })

  it('is the right to the list of it alone', async () => {
    expect(await list('metadata.name=own')).toMatchObject({ items: [{ object: { metadata: { name: 'own' } } }] })
    expect(await list('type!=x,metadata.name==own')).toMatchObject({ items: [{}] })
  })

  it.each([
    'metadata.name!=x',
    'type!=x',
    // One value with an escaped comma in it, which matches whatever is not so strange.
    'type!=x\\,metadata.name=own',
    'type!=x\\,metadata.name\\=own',
    'metadata.name=other',
    'metadata.name=own/../other',
  ])('is none to a list by %s', async (selector) => {
    await expect(list(selector)).rejects.toMatchObject({ code: expect.toBeOneOf([400, 403]) })
    const path = `/api/v1/namespaces/default/secrets?fieldSelector=${encodeURIComponent(selector)}`
    for (const [method, target] of [
      ['GET', `${path}&watch=true`],
      ['DELETE', path],
    ] as const)
      await expect(lab.send(method, target, { peer: jo })).rejects.toMatchObject({
        code: expect.toBeOneOf([400, 403]),
      })
  })

  it('gives nothing more when two names are asked for', async () => {
    expect(await list('metadata.name=own,metadata.name=other')).toMatchObject({ items: [] })
  })
})

describe('the right to patch', () => {
  const apply = (name: string) =>
    lab.send('PATCH', `/api/v1/namespaces/default/configmaps/${name}?fieldManager=jo`, {
      peer: jo,
      contentType: 'application/apply-patch+yaml',
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'b' } },
    })

  it('applies to what is there, and makes nothing new without the right to create', async () => {
    await give(rule('patch', '', 'configmaps'))
    await lab.client.create(configMap, { metadata: { name: 'there', namespace: 'default' } })
    expect(await apply('there')).toMatchObject({ code: 200 })
    await expect(apply('new')).rejects.toMatchObject({
      ...forbidden,
      message: expect.stringContaining('User "jo" cannot create resource "configmaps"'),
    })
    await give2('create')
    expect(await apply('new')).toMatchObject({ code: 201 })
  })

  const give2 = (verb: string) =>
    lab.client.patch(rbac('ClusterRole'), { name: 'of-jo' }, {
      type: 'merge',
      patch: { rules: [rule(`patch ${verb}`, '', 'configmaps')] },
    } as never)
})

describe('the right to write roles', () => {
  beforeEach(() => give(rule('get list create update patch', group, 'clusterroles clusterrolebindings')))
  const patch = (kind: string, name: string, metadata: object) =>
    client.patch(rbac(kind), { name }, { type: 'merge', patch: { metadata } })

  it('does not make a mightier role a part of another one by its label', async () => {
    const labels = { [`${group}/aggregate-to-view`]: 'true' }
    await expect(patch('ClusterRole', 'cluster-admin', { labels })).rejects.toMatchObject({
      ...forbidden,
      message: expect.stringContaining(
        'user "jo" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
          '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}',
      ),
    })
    expect(await patch('ClusterRole', 'of-jo', { labels })).toMatchObject({ metadata: { labels } })
  })

  it('changes no binding of a mightier role, but lets its owners be collected', async () => {
    const owned = { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'u' }] }
    await expect(patch('ClusterRoleBinding', 'cluster-admin', { labels: { a: 'b' } })).rejects.toMatchObject(forbidden)
    expect(await patch('ClusterRoleBinding', 'cluster-admin', owned)).toMatchObject({ metadata: owned })
  })
})

describe('the right to make policies', () => {
  const params = { apiVersion: 'v1', kind: 'Secret' }
  const policy = aValidatingPolicy({ paramKind: params, validations: [{ expression: 'true' }] } as never)
  const binding = aValidatingBinding({
    paramRef: { name: 'own', namespace: 'default', parameterNotFoundAction: 'Allow' },
  })
  const policies = rule('create update', 'admissionregistration.k8s.io', '*')
  const refused = (field: string) => ({
    code: 422,
    details: { causes: [{ field, reason: 'FieldValueForbidden', message: expect.stringContaining('user jo must') }] },
  })

  it('does not let a policy read what its author may not', async () => {
    await give(policies)
    await expect(client.create(validatingPolicyKind, policy)).rejects.toMatchObject(refused('spec.paramKind'))
    await lab.client.create(validatingPolicyKind, policy)
    await expect(client.create(validatingBindingKind, binding)).rejects.toMatchObject(refused('spec.paramRef'))
    const early = { ...binding, spec: { ...(binding.spec as object), policyName: 'not-there-yet' } }
    await expect(client.create(validatingBindingKind, early)).rejects.toMatchObject(refused('spec.paramRef'))
  })

  it('binds a policy to the one object that the author may read', async () => {
    await give(policies, rule('get', '', 'secrets', { resourceNames: ['own'] }))
    await lab.client.create(validatingPolicyKind, policy)
    expect(await client.create(validatingBindingKind, binding)).toBeDefined()
  })
})
