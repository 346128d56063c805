/** What every transport must do, against a real API server. Run by transport.test.ts for each of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StatusError } from '../../src-main/api/errors.ts'
import { configMap } from '../../src-main/api/kinds/core/config-map.ts'
import { namespace } from '../../src-main/api/kinds/core/namespace.ts'
import type { ConfigMap } from '../../src-main/api/types/core-v1.ts'
import type { Client, Transport, WatchEvent } from '../../src-main/client/client.ts'
import { Informer } from '../../src-main/client/informer.ts'
import { createClient } from '../../src-main/client/resource-client.ts'
import { silentLog } from '../../src-main/lib/log.ts'
import { seededRandom } from '../../src-main/lib/random.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'

export interface OpenTransport {
  readonly transport: Transport
  close(): Promise<void>
}

/** `open` starts a server and a transport to it, as a user who may do everything. */
export function describeTransport(name: string, open: () => Promise<OpenTransport>): void {
  let opened: OpenTransport
  let client: Client
  let made = 0
  /** Each test has a namespace of its own on the shared server. */
  const newNamespace = async (): Promise<string> => {
    const one = `test-${++made}`
    await client.create(namespace, { metadata: { name: one } })
    return one
  }
  const settings = (where: string, called: string, data: Record<string, string> = {}): ConfigMap => ({
    metadata: { name: called, namespace: where },
    data,
  })
  const failureOf = async (attempt: Promise<unknown>): Promise<StatusError> => {
    const error = await attempt.then(
      () => undefined,
      (caught: unknown) => caught,
    )
    expect(error).toBeInstanceOf(StatusError)
    return error as StatusError
  }

  describe(`the ${name} transport`, () => {
    beforeAll(async () => {
      opened = await open()
      client = createClient(opened.transport)
    })
    afterAll(() => opened.close())

    it('creates, reads, updates, patches and deletes', async () => {
      const where = await newNamespace()
      const created = await client.create(configMap, settings(where, 'a', { x: '1', text: 'é→😀\n' }))
      expect(created).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', data: { x: '1', text: 'é→😀\n' } })
      expect(await client.get(configMap, { namespace: where, name: 'a' })).toEqual(created)
      const updated = await client.update(configMap, { ...created, data: { x: '2' } })
      expect(updated.metadata.resourceVersion).not.toBe(created.metadata.resourceVersion)
      const ref = { namespace: where, name: 'a' }
      await client.patch(configMap, ref, { type: 'merge', patch: { data: { y: '1' } } })
      await client.patch(configMap, ref, { type: 'json', operations: [{ op: 'remove', path: '/data/x' }] })
      await client.patch(configMap, ref, { type: 'strategic', patch: { metadata: { labels: { a: 'b' } } } })
      expect(await client.get(configMap, ref)).toMatchObject({ data: { y: '1' }, metadata: { labels: { a: 'b' } } })
      expect((await client.get(configMap, ref)).data).not.toHaveProperty('x')
      await client.delete(configMap, ref)
      expect((await failureOf(client.get(configMap, ref))).reason).toBe('NotFound')
    })

    it('rejects with the code, reason and details of the server', async () => {
      const where = await newNamespace()
      await client.create(configMap, settings(where, 'a'))
      expect(await failureOf(client.create(configMap, settings(where, 'a')))).toMatchObject({
        code: 409,
        reason: 'AlreadyExists',
        details: { name: 'a', kind: 'configmaps' },
      })
      expect(await failureOf(client.create(configMap, settings(where, 'Not A Name')))).toMatchObject({
        code: 422,
        reason: 'Invalid',
        details: { causes: [{ field: 'metadata.name' }] },
      })
      expect(await failureOf(opened.transport.request({ method: 'GET', path: '/api/v1/nothings' }))).toMatchObject({
        code: 404,
      })
    })

    it('lists in pages, by labels and fields', async () => {
      const where = await newNamespace()
      for (const called of ['a', 'b', 'c'])
        await client.create(configMap, {
          ...settings(where, called),
          metadata: { name: called, namespace: where, labels: { called } },
        })
      const first = await client.list(configMap, { namespace: where, limit: 2 })
      expect(first.items.map(({ metadata, kind }) => `${kind} ${metadata.name}`)).toEqual([
        'ConfigMap a',
        'ConfigMap b',
      ])
      const second = await client.list(configMap, { namespace: where, limit: 2, continue: first.continue ?? '' })
      expect(second.items.map(({ metadata }) => metadata.name)).toEqual(['c'])
      expect(second.continue).toBeUndefined()
      expect(second.resourceVersion).toBe(first.resourceVersion)
      const labelled = await client.list(configMap, { namespace: where, labelSelector: 'called in (a, c)' })
      expect(labelled.items).toHaveLength(2)
      const named = await client.list(configMap, { namespace: where, fieldSelector: 'metadata.name=b' })
      expect(named.items).toHaveLength(1)
    })

    it('watches from a revision, in order, until it is aborted', async () => {
      const where = await newNamespace()
      const { resourceVersion } = await client.create(configMap, settings(where, 'a')).then(({ metadata }) => metadata)
      const b = await client.create(configMap, settings(where, 'b'))
      const abort = new AbortController()
      const seen: string[] = []
      const watch = client.watch(configMap, { namespace: where, resourceVersion, signal: abort.signal })
      for await (const event of watch as AsyncIterable<WatchEvent<ConfigMap>>) {
        if (event.type === 'BOOKMARK') continue
        seen.push(`${event.type} ${event.object.metadata.name} ${event.object.data?.['x'] ?? ''}`)
        if (seen.length === 1) await client.update(configMap, { ...b, data: { x: '1' } })
        if (seen.length === 2) await client.delete(configMap, { namespace: where, name: 'b' })
        if (seen.length === 3) break
      }
      abort.abort()
      expect(seen).toEqual(['ADDED b ', 'MODIFIED b 1', 'DELETED b 1'])
    })

    it('throws from a watch what the server refuses it with', async () => {
      const { signal } = new AbortController()
      const watch = client.watch(configMap, { resourceVersion: 'yesterday', signal })
      const error = await failureOf(watch[Symbol.asyncIterator]().next())
      expect(['BadRequest', 'Invalid']).toContain(error.reason)
    })

    it('gives plain text as it is, and decoded JSON', async () => {
      expect(await client.raw({ method: 'GET', path: '/healthz' })).toBe('ok')
      expect(await client.raw({ method: 'GET', path: '/version' })).toMatchObject({ major: '1', minor: '36' })
    })

    it('carries an informer', async () => {
      const where = await newNamespace()
      await client.create(configMap, settings(where, 'a'))
      const random = seededRandom(1)
      const scope = { namespace: where }
      const informer = new Informer(configMap, scope, { client, clock: systemClock, random, log: silentLog })
      const told = Promise.withResolvers<string>()
      informer.on({ deleted: ({ metadata }) => told.resolve(metadata.name) })
      const running = informer.start()
      await informer.synced()
      expect(informer.lister.size).toBe(1)
      await client.create(configMap, settings(where, 'b'))
      await client.delete(configMap, { namespace: where, name: 'b' })
      expect(await told.promise).toBe('b')
      await running.dispose()
    })
  })
}
