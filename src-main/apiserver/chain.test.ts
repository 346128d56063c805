import { describe, expect, it } from 'vitest'
import { pod } from '../api/kinds/core/pod.ts'
import { deployment } from '../api/kinds/apps/deployment.ts'
import { Recorder } from '../glass/recorder.ts'
import { VirtualClock } from '../lib/virtual-clock.ts'
import { startTestServer } from '../../test/support/api-server.ts'

const aPod = { metadata: { name: 'p', namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'x' }] } }
const ref = { namespace: 'default', name: 'p' }

describe('the request chain', () => {
  it('answers nobody and strangers only what is open to them', async () => {
    const { send } = await startTestServer()
    expect(await send('GET', '/livez', { peer: undefined })).toMatchObject({ code: 200 })
    await expect(send('GET', '/api/v1/pods', { peer: undefined })).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining('"system:anonymous"'),
    })
    const headers = { authorization: 'Bearer nonsense' }
    await expect(send('GET', '/livez', { peer: undefined, headers })).rejects.toMatchObject({ code: 401 })
  })

  it('takes bearer tokens from who can tell what they are worth', async () => {
    const { send } = await startTestServer({
      tokens: async (token) => (token === 'good' ? { name: 'jo', groups: ['system:masters'] } : undefined),
    })
    const headers = { authorization: 'Bearer good' }
    expect(await send('GET', '/api/v1/pods', { peer: undefined, headers })).toMatchObject({ type: 'list' })
  })

  it('lets an administrator act as somebody else, and nobody else do so', async () => {
    const { send } = await startTestServer()
    const headers = { 'impersonate-user': 'system:kube-proxy' }
    await expect(send('GET', '/api/v1/secrets', { headers })).rejects.toMatchObject({ code: 403 })
    expect(await send('GET', '/api/v1/services', { headers })).toMatchObject({ type: 'list' })
    const peer = { name: 'system:kube-proxy', groups: [] }
    const asBoss = { 'impersonate-user': 'a', 'impersonate-group': 'system:masters' }
    await expect(send('GET', '/api/v1/secrets', { peer, headers: asBoss })).rejects.toMatchObject({ code: 403 })
  })

  it.each([
    [404, 'GET', '/api/v1/unicorns'],
    [404, 'GET', '/apis/nope/v1/pods'],
    [404, 'GET', '/api/v1/pods/p'],
    [404, 'GET', '/api/v1/namespaces/default/nodes'],
    [404, 'GET', '/api/v1/namespaces/default/pods/p/unicorn'],
    [404, 'GET', '/nowhere'],
    [405, 'POST', '/api/v1/namespaces/default/pods/p'],
    [405, 'DELETE', '/api/v1/namespaces/default/pods/p/status'],
    [405, 'POST', '/api/v1/componentstatuses'],
  ])('answers %i to %s %s', async (code, method, target) => {
    const { client, send } = await startTestServer()
    await client.create(pod, aPod)
    await expect(send(method, target, { body: {} })).rejects.toMatchObject({ code })
  })

  it('says that it cannot serve when its store is gone, rather than showing what was', async () => {
    const { client, send, server, store } = await startTestServer()
    expect(server.ready()).toBe(true)
    await store.dispose()
    await expect(client.list(pod)).rejects.toMatchObject({ code: 503 })
    await expect(send('GET', '/readyz')).resolves.toMatchObject({ code: 500 })
    expect(server.ready()).toBe(false)
  })

  it('shows the steps of a write in the timeline of its object', async () => {
    const clock = new VirtualClock()
    const recorder = new Recorder(clock)
    const { client } = await startTestServer({ probe: recorder.probe('apiserver') })
    await client.create(pod, { ...aPod, metadata: { generateName: 'p-', namespace: 'default' } })
    const [created] = (await client.list(pod)).items
    await client.post(pod, { namespace: 'default', name: created!.metadata.name }, 'binding', { target: { name: 'n' } })
    const spans = recorder.of({ kind: 'Pod', namespace: 'default', name: created!.metadata.name })
    expect(spans.map(({ name, facts }) => `${name} ${facts.verb} ${facts.subresource ?? ''}`.trim())).toEqual(
      expect.arrayContaining([
        'apiserver.request create',
        'apiserver.commit create',
        'apiserver.request create binding',
      ]),
    )
  })
})

describe('pods/binding', () => {
  it('gives a pod its node, once', async () => {
    const { client } = await startTestServer()
    await client.create(pod, aPod)
    await client.post(pod, ref, 'binding', { target: { kind: 'Node', name: 'n1' } })
    const bound = await client.get(pod, ref)
    expect(bound.spec?.nodeName).toBe('n1')
    expect(bound.metadata.generation).toBe(1)
    expect(bound.status?.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }])
    await expect(client.post(pod, ref, 'binding', { target: { name: 'n2' } })).rejects.toMatchObject({ code: 409 })
  })
})

describe('the scale of a deployment', () => {
  it('is read and written apart from everything else', async () => {
    const { client, send } = await startTestServer()
    const template = { metadata: { labels: { a: 'b' } }, spec: aPod.spec }
    await client.create(deployment, {
      metadata: { name: 'web', namespace: 'default' },
      spec: { replicas: 2, selector: { matchLabels: { a: 'b' } }, template },
    })
    const path = '/apis/apps/v1/namespaces/default/deployments/web/scale'
    const wanted = { spec: { replicas: 5 } }
    const contentType = 'application/merge-patch+json'
    expect(await send('PATCH', path, { body: wanted, contentType })).toMatchObject({
      stored: { object: { kind: 'Scale', spec: { replicas: 5 }, status: { replicas: 0, selector: 'a=b' } } },
    })
    expect((await client.get(deployment, { namespace: 'default', name: 'web' })).metadata.generation).toBe(2)
    await expect(
      send('PUT', path, { body: { metadata: { name: 'web' }, spec: { replicas: -1 } } }),
    ).rejects.toMatchObject({ code: 422 })
    const old = { metadata: { name: 'web', resourceVersion: '1' }, spec: { replicas: 1 } }
    await expect(send('PUT', path, { body: old })).rejects.toMatchObject({ code: 409 })
  })
})
