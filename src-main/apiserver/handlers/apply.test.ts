import { describe, expect, it } from 'vitest'
import { configMap } from '../../api/kinds/core/config-map.ts'
import { deployment } from '../../api/kinds/apps/deployment.ts'
import type { Deployment } from '../../api/types/apps-v1.ts'
import { startTestServer } from '../../../test/support/api-server.ts'

const path = '/apis/apps/v1/namespaces/default/deployments/web'
const contentType = 'application/apply-patch+yaml'
const wanted = (spec: Partial<Deployment['spec']> = {}): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
    ...spec,
  },
})

describe('server-side apply', () => {
  it('creates what is not there and changes what is', async () => {
    const { client, send } = await startTestServer()
    expect(await send('PATCH', `${path}?fieldManager=me`, { contentType, body: wanted() })).toMatchObject({ code: 201 })
    const first = await client.get(deployment, { namespace: 'default', name: 'web' })
    expect(first.spec).toMatchObject({ replicas: 1, strategy: { type: 'RollingUpdate' } })
    const second = await client.apply(deployment, wanted({ replicas: 3 }), { fieldManager: 'me' })
    expect(second.metadata.generation).toBe(2)
    const again = await client.apply(deployment, wanted({ replicas: 3 }), { fieldManager: 'me' })
    expect(again.metadata.resourceVersion).toBe(second.metadata.resourceVersion)
    expect((await client.apply(deployment, wanted(), { fieldManager: 'me' })).spec?.replicas).toBe(1)
  })

  it('respects what others wrote in the meantime, until it is forced', async () => {
    const { client } = await startTestServer()
    await client.apply(deployment, wanted({ replicas: 3 }), { fieldManager: 'me' })
    const ref = { namespace: 'default', name: 'web' }
    const patch = { type: 'merge', patch: { spec: { replicas: 7 } } } as const
    await client.patch(deployment, ref, patch, { fieldManager: 'scaler' })
    await expect(client.apply(deployment, wanted({ replicas: 3 }), { fieldManager: 'me' })).rejects.toMatchObject({
      code: 409,
      details: { causes: [{ field: '.spec.replicas' }] },
    })
    const forced = await client.apply(deployment, wanted({ replicas: 3 }), { fieldManager: 'me', force: true })
    expect(forced.spec?.replicas).toBe(3)
    expect(forced.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['me'])
  })

  it('does not own the status, nor lose it', async () => {
    const { client } = await startTestServer()
    await client.apply(deployment, { ...wanted(), status: { replicas: 9 } }, { fieldManager: 'me' })
    const status = { ...wanted(), status: { replicas: 1 } }
    await client.update(deployment, status, { subresource: 'status' })
    const again = await client.apply(deployment, wanted({ replicas: 2 }), { fieldManager: 'me' })
    expect(again.status).toMatchObject({ replicas: 1 })
    expect(JSON.stringify(again.metadata.managedFields?.find(({ manager }) => manager === 'me'))).not.toContain(
      'f:status',
    )
  })

  it('forgets who owns what when it is told to', async () => {
    const { client } = await startTestServer()
    const object = { metadata: { name: 'a', namespace: 'default' }, data: { x: '1' } }
    await client.apply(configMap, object, { fieldManager: 'me' })
    const patch = { metadata: { managedFields: [{}] } }
    const cleared = await client.patch(configMap, object.metadata, { type: 'merge', patch })
    expect(cleared.metadata.managedFields).toBeUndefined()
  })

  it('knows the creator of every field, and conflicts with it', async () => {
    const { client, send } = await startTestServer()
    const query = '?fieldManager=kubectl-create'
    await send('POST', `/apis/apps/v1/namespaces/default/deployments${query}`, { body: wanted({ replicas: 2 }) })
    const created = await client.get(deployment, { namespace: 'default', name: 'web' })
    expect(created.metadata.managedFields).toMatchObject([
      { manager: 'kubectl-create', operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1' },
    ])
    expect(created.metadata.managedFields?.[0]?.fieldsV1).toMatchObject({
      'f:spec': {
        'f:replicas': {},
        'f:progressDeadlineSeconds': {},
        'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {} } } } },
      },
    })
    await expect(client.apply(deployment, wanted({ replicas: 5 }), { fieldManager: 'me' })).rejects.toMatchObject({
      message: expect.stringMatching(
        /^Apply failed with 1 conflict: conflict with "kubectl-create" using apps\/v1: \.spec\.replicas$/,
      ) as string,
    })
  })

  it('lets kubectl go on with what it applied on its own side before', async () => {
    const { client, send } = await startTestServer()
    const body = wanted({ replicas: 2 })
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(body) }
    const query = '?fieldManager=kubectl-client-side-apply'
    const annotated = { ...body, metadata: { ...body.metadata, annotations } }
    await send('POST', `/apis/apps/v1/namespaces/default/deployments${query}`, { body: annotated })
    await expect(client.apply(deployment, wanted({ replicas: 4 }), { fieldManager: 'me' })).rejects.toMatchObject({
      code: 409,
    })
    const applied = await client.apply(deployment, wanted({ replicas: 4 }), { fieldManager: 'kubectl' })
    expect(applied.spec?.replicas).toBe(4)
    const text = applied.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'] ?? ''
    expect(JSON.parse(text)).toMatchObject({ spec: { replicas: 4 } })
    // In the order in which kubectl writes it, so that a client's own apply finds nothing changed.
    expect(text).toMatch(
      /^\{"apiVersion":"apps\/v1","kind":"Deployment","metadata":\{"annotations":\{\},"name":"web".*\}\n$/,
    )
  })

  it('calls a writer by its program when it names no manager', async () => {
    const { send } = await startTestServer()
    const answer = await send('POST', '/api/v1/namespaces/default/configmaps', {
      body: { metadata: { name: 'a' }, data: { x: '1' } },
      headers: { 'user-agent': 'tool/v1.2 (linux)' },
    })
    expect(answer).toMatchObject({
      stored: {
        object: { metadata: { managedFields: [{ manager: 'tool', fieldsV1: { 'f:data': { '.': {}, 'f:x': {} } } }] } },
      },
    })
  })

  it.each([
    [422, '', wanted()],
    [400, '?fieldManager=me', { ...wanted(), metadata: { name: 'other' } }],
    [400, '?fieldManager=me', { spec: {} }],
    [400, '?fieldManager=me', { ...wanted(), metadata: { name: 'web', managedFields: [] } }],
    [500, '?fieldManager=me&fieldValidation=Strict', wanted({ replicass: 1 } as never)],
    [409, '?fieldManager=me', { ...wanted(), metadata: { name: 'web', resourceVersion: '1' } }],
  ])('answers %i to %s', async (code, query, body) => {
    const { send } = await startTestServer()
    await expect(send('PATCH', path + query, { contentType, body })).rejects.toMatchObject({ code })
  })
})
