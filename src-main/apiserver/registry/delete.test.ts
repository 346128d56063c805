import { describe, expect, it } from 'vitest'
import { configMap } from '../../api/kinds/core/config-map.ts'
import { namespace } from '../../api/kinds/core/namespace.ts'
import { pod } from '../../api/kinds/core/pod.ts'
import { startTestServer, type TestServer } from '../../../test/support/api-server.ts'

const ref = { namespace: 'default', name: 'a' }
const isGone = { code: 404 }

async function aRunningPod({ client }: TestServer) {
  const spec = { containers: [{ name: 'c', image: 'x' }], nodeName: 'n1' }
  return client.create(pod, { metadata: ref, spec })
}

describe('deleting a pod', () => {
  it('on a node gives it its time: the node ends it', async () => {
    const lab = await startTestServer()
    await aRunningPod(lab)
    await lab.client.delete(pod, ref)
    const leaving = await lab.client.get(pod, ref)
    expect(leaving.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:30Z',
      deletionGracePeriodSeconds: 30,
    })
    await lab.client.delete(pod, ref, { gracePeriodSeconds: 0 })
    await expect(lab.client.get(pod, ref)).rejects.toMatchObject(isGone)
  })

  it('a second time may shorten its time, not lengthen it', async () => {
    const lab = await startTestServer()
    await aRunningPod(lab)
    await lab.client.delete(pod, ref)
    await lab.client.delete(pod, ref, { gracePeriodSeconds: 100 })
    expect((await lab.client.get(pod, ref)).metadata.deletionGracePeriodSeconds).toBe(30)
    await lab.client.delete(pod, ref, { gracePeriodSeconds: 5 })
    expect((await lab.client.get(pod, ref)).metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:05Z',
      deletionGracePeriodSeconds: 5,
    })
  })

  it('that has no node is done at once', async () => {
    const { client } = await startTestServer()
    await client.create(pod, { metadata: ref, spec: { containers: [{ name: 'c', image: 'x' }] } })
    await client.delete(pod, ref)
    await expect(client.get(pod, ref)).rejects.toMatchObject(isGone)
  })

  it('that is another one by now is refused', async () => {
    const lab = await startTestServer()
    await aRunningPod(lab)
    await expect(lab.client.delete(pod, ref, { preconditions: { uid: 'other' } })).rejects.toMatchObject({
      reason: 'Conflict',
    })
  })
})

describe('an object with a finalizer', () => {
  it('waits for it, and goes with the update that removes it', async () => {
    const { client } = await startTestServer()
    await client.create(configMap, { metadata: { ...ref, finalizers: ['example.com/wait'] } })
    await client.delete(configMap, ref)
    const leaving = await client.get(configMap, ref)
    expect(leaving.metadata.deletionTimestamp).toBe('2026-01-01T00:00:00Z')
    await expect(
      client.patch(configMap, ref, { type: 'merge', patch: { metadata: { finalizers: ['example.com/wait', 'a/b'] } } }),
    ).rejects.toMatchObject({ code: 422 })
    await client.patch(configMap, ref, { type: 'merge', patch: { metadata: { finalizers: null } } })
    await expect(client.get(configMap, ref)).rejects.toMatchObject(isGone)
  })

  it.each([
    ['Foreground', 'foregroundDeletion'],
    ['Orphan', 'orphan'],
  ] as const)('is given one by %s deletion, for the garbage collector', async (propagationPolicy, finalizer) => {
    const { client } = await startTestServer()
    await client.create(configMap, { metadata: ref })
    await client.delete(configMap, ref, { propagationPolicy })
    expect((await client.get(configMap, ref)).metadata.finalizers).toEqual([finalizer])
  })
})

describe('a namespace', () => {
  it('terminates, takes nothing new, and goes when its own finalizers are gone', async () => {
    const { client } = await startTestServer()
    await client.create(namespace, { metadata: { name: 'team' } })
    await client.delete(namespace, { name: 'team' })
    const leaving = await client.get(namespace, { name: 'team' })
    expect(leaving.status?.phase).toBe('Terminating')
    await expect(client.create(configMap, { metadata: { name: 'x', namespace: 'team' } })).rejects.toMatchObject({
      code: 403,
      reason: 'Forbidden',
    })
    await client.update(namespace, { ...leaving, spec: { finalizers: [] } }, { subresource: 'finalize' })
    await expect(client.get(namespace, { name: 'team' })).rejects.toMatchObject(isGone)
  })

  it('that the cluster needs cannot be deleted', async () => {
    const { client } = await startTestServer()
    await expect(client.delete(namespace, { name: 'kube-system' })).rejects.toMatchObject({ code: 403 })
  })
})

describe('deleting a collection', () => {
  it('takes what the selectors name and leaves the rest', async () => {
    const { client, send } = await startTestServer()
    for (const [name, app] of Object.entries({ a: 'x', b: 'x', c: 'y' }))
      await client.create(configMap, { metadata: { name, namespace: 'default', labels: { app } } })
    const answer = await send('DELETE', '/api/v1/namespaces/default/configmaps?labelSelector=app%3Dx')
    expect(answer).toMatchObject({ type: 'list' })
    expect((await client.list(configMap)).items.map(({ metadata }) => metadata.name)).toEqual(['c'])
  })
})
