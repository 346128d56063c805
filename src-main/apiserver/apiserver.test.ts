import { describe, expect, it } from 'vitest'
import { configMap } from '../api/kinds/core/config-map.ts'
import { namespace } from '../api/kinds/core/namespace.ts'
import { pod } from '../api/kinds/core/pod.ts'
import { service } from '../api/kinds/core/service.ts'
import { deployment } from '../api/kinds/apps/deployment.ts'
import type { WatchEvent } from '../client/client.ts'
import type { ConfigMap } from '../api/types/core-v1.ts'
import { startTestServer } from '../../test/support/api-server.ts'

const settings = (name: string, data: Record<string, string> = {}): ConfigMap => ({
  metadata: { name, namespace: 'default' },
  data,
})
const aPod = (name: string) => ({
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'web', image: 'orrery.dev/web:1' }] },
})

describe('a new server', () => {
  it('has the namespaces of the system and the service of the API itself', async () => {
    const { client } = await startTestServer()
    const names = (await client.list(namespace)).items.map(({ metadata }) => metadata.name)
    expect(names).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system'])
    const api = await client.get(service, { namespace: 'default', name: 'kubernetes' })
    expect(api.spec?.clusterIP).toBe('10.96.0.1')
  })
})

describe('an object', () => {
  it('is created, read, updated and deleted', async () => {
    const { client } = await startTestServer()
    const created = await client.create(configMap, settings('a', { x: '1' }))
    expect(created.metadata).toMatchObject({
      name: 'a',
      namespace: 'default',
      creationTimestamp: '2026-01-01T00:00:00Z',
    })
    expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
    expect(await client.get(configMap, { namespace: 'default', name: 'a' })).toEqual(created)
    const updated = await client.update(configMap, { ...created, data: { x: '2' } })
    expect(Number(updated.metadata.resourceVersion)).toBeGreaterThan(Number(created.metadata.resourceVersion))
    await client.delete(configMap, { namespace: 'default', name: 'a' })
    await expect(client.get(configMap, { namespace: 'default', name: 'a' })).rejects.toMatchObject({
      code: 404,
      message: 'configmaps "a" not found',
    })
  })

  it('cannot be created twice, nor updated from an old state', async () => {
    const { client } = await startTestServer()
    const created = await client.create(configMap, settings('a'))
    await expect(client.create(configMap, settings('a'))).rejects.toMatchObject({ reason: 'AlreadyExists' })
    await client.update(configMap, { ...created, data: { x: '1' } })
    await expect(client.update(configMap, { ...created, data: { x: '2' } })).rejects.toMatchObject({
      code: 409,
      reason: 'Conflict',
    })
  })

  it('keeps its status when its spec is written, and its spec when its status is', async () => {
    const { client } = await startTestServer()
    const created = await client.create(pod, aPod('p'))
    expect(created.status).toMatchObject({ phase: 'Pending' })
    const both = { ...created, metadata: { ...created.metadata, labels: { a: 'b' } }, status: { phase: 'Running' } }
    expect((await client.update(pod, both)).status?.phase).toBe('Pending')
    const status = await client.update(
      pod,
      { metadata: { name: 'p', namespace: 'default' }, spec: { containers: [] }, status: { phase: 'Running' } },
      { subresource: 'status' },
    )
    expect(status.status?.phase).toBe('Running')
    expect(status.spec?.containers).toHaveLength(1)
  })

  it('counts its generations', async () => {
    const { client } = await startTestServer()
    const template = { metadata: { labels: { a: 'b' } }, spec: aPod('').spec }
    const created = await client.create(deployment, {
      metadata: { name: 'web', namespace: 'default' },
      spec: { replicas: 1, selector: { matchLabels: { a: 'b' } }, template },
    })
    expect(created.metadata.generation).toBe(1)
    const ref = { namespace: 'default', name: 'web' }
    const scaled = await client.patch(deployment, ref, { type: 'merge', patch: { spec: { replicas: 2 } } })
    expect(scaled.metadata.generation).toBe(2)
    const labelled = await client.patch(deployment, ref, { type: 'merge', patch: { metadata: { labels: { c: 'd' } } } })
    expect(labelled.metadata.generation).toBe(2)
  })

  it('can be in no namespace that is not there', async () => {
    const { client } = await startTestServer()
    await expect(client.create(configMap, { metadata: { name: 'a', namespace: 'nowhere' } })).rejects.toMatchObject({
      code: 404,
      message: 'namespaces "nowhere" not found',
    })
  })
})

describe('a watch', () => {
  it('sees what comes after a list, once and in order', async () => {
    const { client } = await startTestServer()
    await client.create(configMap, settings('before'))
    const { resourceVersion } = await client.list(configMap)
    const ended = new AbortController()
    const seen: string[] = []
    const watching = (async () => {
      for await (const event of client.watch(configMap, { resourceVersion, signal: ended.signal })) {
        seen.push(`${event.type} ${nameOf(event)}`)
        if (event.type === 'DELETED') break
      }
    })()
    const created = await client.create(configMap, settings('a'))
    await client.update(configMap, { ...created, data: { x: '1' } })
    await client.delete(configMap, { namespace: 'default', name: 'a' })
    await watching
    expect(seen).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a'])
  })
})

const nameOf = (event: WatchEvent<ConfigMap>): string => (event.type === 'BOOKMARK' ? '' : event.object.metadata.name)
