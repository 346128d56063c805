import { describe, expect, it } from 'vitest'
import { configMap } from '../../api/kinds/core/config-map.ts'
import { pod } from '../../api/kinds/core/pod.ts'
import type { Client } from '../../client/client.ts'
import { settle } from '../../lib/virtual-clock.ts'
import type { WatchItem } from '../request.ts'
import { startTestServer, type TestServer } from '../../../test/support/api-server.ts'

const path = '/api/v1/namespaces/default/configmaps?watch=true'

/** What a watch has said so far, as `TYPE name`. */
async function watching({ send }: TestServer, target: string) {
  const ended = new AbortController()
  const answer = await send('GET', target, { signal: ended.signal })
  if (answer.type !== 'watch') throw new Error(`not a watch but ${answer.type}`)
  const seen: string[] = []
  const items: WatchItem[] = []
  const done = (async () => {
    for await (const item of answer.events) {
      items.push(item)
      seen.push(`${item.type} ${item.stored.object.metadata?.name ?? ''}`.trim())
    }
    seen.push('end')
  })()
  return { seen, items, done, stop: () => ended.abort() }
}

const settings = (client: Client, name: string, app = 'x') =>
  client.create(configMap, { metadata: { name, namespace: 'default', labels: { app } } })

describe('a watch', () => {
  it('without a revision says first what is there', async () => {
    const lab = await startTestServer()
    await settings(lab.client, 'a')
    const watch = await watching(lab, path)
    await settings(lab.client, 'b')
    await settle()
    expect(watch.seen).toEqual(['ADDED a', 'ADDED b'])
  })

  it('from a revision says everything after it, and nothing twice', async () => {
    const lab = await startTestServer()
    const { metadata } = await settings(lab.client, 'a')
    await settings(lab.client, 'b')
    const watch = await watching(lab, `${path}&resourceVersion=${metadata.resourceVersion}`)
    await settings(lab.client, 'c')
    await settle()
    expect(watch.seen).toEqual(['ADDED b', 'ADDED c'])
  })

  it('with a selector sees objects come into view and leave it', async () => {
    const lab = await startTestServer()
    const ref = { namespace: 'default', name: 'a' }
    await settings(lab.client, 'a', 'x')
    const watch = await watching(lab, `${path}&labelSelector=app%3Dy`)
    const label = (app: string) =>
      lab.client.patch(configMap, ref, { type: 'merge', patch: { metadata: { labels: { app } } } })
    await label('y')
    await label('z')
    await settle()
    expect(watch.seen).toEqual(['ADDED a', 'DELETED a'])
    // What left the view is shown as it was, under the revision at which it left.
    expect(watch.items[1]?.stored.object.metadata).toMatchObject({
      labels: { app: 'y' },
      resourceVersion: String(lab.store.revision),
    })
  })

  it('of the pods of one node hears nothing of others', async () => {
    const lab = await startTestServer()
    const watch = await watching(lab, '/api/v1/pods?watch=true&fieldSelector=spec.nodeName%3Dn1')
    for (const name of ['p', 'q']) {
      const spec = { containers: [{ name: 'c', image: 'x' }] }
      await lab.client.create(pod, { metadata: { name, namespace: 'default' }, spec })
    }
    await lab.client.post(pod, { namespace: 'default', name: 'q' }, 'binding', { target: { name: 'n1' } })
    await settle()
    expect(watch.seen).toEqual(['ADDED q'])
  })

  it('says when it has told everything that is there, if it is asked to', async () => {
    const lab = await startTestServer()
    await settings(lab.client, 'a')
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
    const watch = await watching(lab, `${path}&${query}`)
    await settle()
    expect(watch.seen).toEqual(['ADDED a', 'BOOKMARK'])
    expect(watch.items[1]?.stored.object.metadata?.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
  })

  it('sends bookmarks only to those who want them', async () => {
    const lab = await startTestServer()
    const silent = await watching(lab, `${path}&resourceVersion=${lab.store.revision}`)
    const marked = await watching(lab, `${path}&allowWatchBookmarks=true&resourceVersion=${lab.store.revision}`)
    await lab.clock.advance(60_000)
    expect(silent.seen).toEqual([])
    expect(marked.seen).toEqual(['BOOKMARK'])
    expect(marked.items[0]?.stored.object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' })
  })

  it('ends after its time, and when its client goes', async () => {
    const lab = await startTestServer()
    const timed = await watching(lab, `${path}&timeoutSeconds=5`)
    const left = await watching(lab, path)
    left.stop()
    await lab.clock.advance(5000)
    await Promise.all([timed.done, left.done])
    expect([timed.seen, left.seen]).toEqual([['end'], ['end']])
  })

  it('of a consumer that does not keep up ends instead of skipping', async () => {
    const lab = await startTestServer()
    const answer = await lab.send('GET', path)
    if (answer.type !== 'watch') throw new Error('not a watch')
    const { metadata } = await settings(lab.client, 'a')
    for (let count = 0; count < 4200; count++)
      await lab.client.patch(
        configMap,
        { namespace: 'default', name: 'a' },
        { type: 'merge', patch: { data: { count: String(count) } } },
      )
    let last = Number(metadata.resourceVersion) - 1
    for await (const { stored } of answer.events) {
      expect(stored.revision).toBe(last + 1)
      last = stored.revision
    }
    expect(last).toBeLessThan(lab.store.revision)
    const rest = await watching(lab, `${path}&resourceVersion=${last}`)
    await settle()
    expect(rest.seen.length).toBe(lab.store.revision - last)
  })
})
