/** What the conformance entries of custom resource definitions describe, sentence by sentence. */
import { beforeEach, describe, expect, it } from 'vitest'
import { Informer } from '../../src-main/client/informer.ts'
import { customResourceDefinition } from '../../src-main/api/kinds/apiextensions/custom-resource-definition.ts'
import type { Kind } from '../../src-main/api/define-kind.ts'
import type { DynamicObject, Live } from '../../src-main/api/meta/object.ts'
import type { CustomResourceDefinition } from '../../src-main/api/types/apiextensions-v1.ts'
import type { WatchItem } from '../../src-main/apiserver/request.ts'
import { silentLog } from '../../src-main/lib/log.ts'
import { seededRandom } from '../../src-main/lib/random.ts'
import { startTestServer, type SendOptions, type TestServer } from '../support/api-server.ts'
import {
  aCronTab,
  aDefinition,
  aSpec,
  aVersion,
  cronTabsPath,
  definitionsPath,
  establish,
} from '../support/custom-resources.ts'
import { until } from '../support/until.ts'

let lab: TestServer
beforeEach(async () => {
  lab = await startTestServer()
})

const jsonPatch = 'application/json-patch+json'
const mergePatch = 'application/merge-patch+json'
const definitionPath = `${definitionsPath}/crontabs.stable.example.com`

async function object<T = DynamicObject>(method: string, target: string, options?: SendOptions): Promise<T> {
  const answer = await lab.send(method, target, options)
  if (answer.type === 'object') return answer.stored.object as T
  throw new Error(`${answer.type} is no object`)
}
async function document(path: string, accept = 'application/json'): Promise<Record<string, unknown>> {
  const answer = await lab.send('GET', path, { headers: { accept } })
  if (answer.type === 'bytes') return JSON.parse(new TextDecoder().decode(answer.bytes)) as Record<string, unknown>
  if (answer.type === 'plain') return answer.object as Record<string, unknown>
  throw new Error(`${answer.type} is no document`)
}

describe('custom resource definitions', () => {
  it('are watched from their creation to their end', async () => {
    const stop = new AbortController()
    const answer = await lab.send('GET', `${definitionsPath}?watch=1&resourceVersion=0`, { signal: stop.signal })
    if (answer.type !== 'watch') throw new Error('no watch')
    const seen: string[] = []
    const watching = (async () => {
      for await (const { type, stored } of answer.events as AsyncIterable<WatchItem>)
        seen.push(`${type} ${stored.object.metadata?.name}`)
    })()
    await establish(lab, aDefinition())
    await lab.send('PATCH', definitionPath, { contentType: mergePatch, body: { metadata: { labels: { a: 'b' } } } })
    await lab.send('DELETE', definitionPath)
    await until('the end is seen', async () => seen.includes('DELETED crontabs.stable.example.com'), 5000, 2)
    stop.abort()
    await watching
    expect([...new Set(seen)]).toEqual(
      ['ADDED', 'MODIFIED', 'DELETED'].map((type) => `${type} crontabs.stable.example.com`),
    )
  })

  it('have a status that is read, updated and patched by itself', async () => {
    await establish(lab, aDefinition())
    const statusPath = `${definitionPath}/status`
    const read = await object<Live<CustomResourceDefinition>>('GET', statusPath)
    expect(read.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Established', status: 'True' }))
    const condition = { type: 'StatusUpdate', status: 'True' as const, reason: 'E2E', message: 'Set from a test' }
    const conditions = [...(read.status?.conditions ?? []), condition]
    await lab.send('PUT', statusPath, { body: { ...read, status: { ...read.status, conditions } } })
    expect((await object<CustomResourceDefinition>('GET', statusPath)).status?.conditions).toContainEqual(
      expect.objectContaining(condition),
    )
    const patched = { ...condition, type: 'StatusPatched' }
    await lab.send('PATCH', statusPath, {
      contentType: jsonPatch,
      body: [{ op: 'add', path: '/status/conditions/-', value: patched }],
    })
    expect((await object<CustomResourceDefinition>('GET', definitionPath)).status?.conditions).toContainEqual(
      expect.objectContaining(patched),
    )
  })

  it('are listed by label and removed together, and no others', async () => {
    const labels = { e2e: 'ten' }
    const named = (plural: string, more: object = {}): CustomResourceDefinition => {
      const definition = aDefinition([aVersion('v1')], { names: { plural, kind: `K${plural}` } })
      return { ...definition, metadata: { ...definition.metadata, ...more } }
    }
    for (let index = 0; index < 10; index++)
      await lab.client.create(customResourceDefinition, named(`things${index}s`, { labels }))
    await lab.client.create(customResourceDefinition, named('others'))
    const list = async (): Promise<number> =>
      (await lab.client.list(customResourceDefinition, { labelSelector: 'e2e=ten' })).items.length
    expect(await list()).toBe(10)
    await lab.send('DELETE', `${definitionsPath}?labelSelector=e2e%3Dten`)
    await until('they are gone', async () => (await list()) === 0, 5000, 2)
    const { items } = await lab.client.list(customResourceDefinition)
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['others.stable.example.com'])
  })

  it('are found in the discovery documents', async () => {
    const groupVersion = 'apiextensions.k8s.io/v1'
    const offered = expect.objectContaining({ groupVersion, version: 'v1' })
    expect((await document('/apis'))['groups']).toContainEqual(
      expect.objectContaining({ name: 'apiextensions.k8s.io', versions: expect.arrayContaining([offered]) }),
    )
    expect((await document('/apis/apiextensions.k8s.io'))['versions']).toContainEqual(offered)
    expect((await document(`/apis/${groupVersion}`))['resources']).toContainEqual(
      expect.objectContaining({ name: 'customresourcedefinitions', kind: 'CustomResourceDefinition' }),
    )
  })

  it.each(['v2', 'v2beta1'])(
    'have their resources in the aggregated discovery document %s at once',
    async (version) => {
      const accept = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
      const group = async (): Promise<unknown> => {
        const { items } = (await document('/apis', accept)) as { items: { metadata: { name: string } }[] }
        return items.find(({ metadata }) => metadata.name === 'stable.example.com')
      }
      expect(await group()).toBeUndefined()
      await establish(lab, aDefinition())
      expect(await group()).toMatchObject({
        versions: [
          {
            version: 'v1',
            freshness: 'Current',
            resources: [
              {
                resource: 'crontabs',
                singularResource: 'crontab',
                scope: 'Namespaced',
                responseKind: { group: 'stable.example.com', version: 'v1', kind: 'CronTab' },
                shortNames: ['ct'],
                categories: ['all'],
                verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
              },
            ],
          },
        ],
      })
    },
  )

  it('complete requests and what is read from the store, and leave what is stored', async () => {
    const text = { type: 'string' }
    await establish(lab, aDefinition([aVersion('v1', aSpec({ a: text, b: text }))]))
    const specOf = async (name: string): Promise<unknown> => (await object('GET', `${cronTabsPath}/${name}`))['spec']
    const path = (property: string): string =>
      `/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/${property}/default`
    const redefine = (...body: object[]) => lab.send('PATCH', definitionPath, { contentType: jsonPatch, body })
    await lab.send('POST', cronTabsPath, { body: aCronTab('first', {}) })
    expect(await specOf('first')).toEqual({})
    await redefine({ op: 'add', path: path('a'), value: 'A' })
    expect(await specOf('first')).toEqual({ a: 'A' })
    await lab.send('POST', cronTabsPath, { body: aCronTab('second', {}) })
    expect(await specOf('second')).toEqual({ a: 'A' })
    await redefine({ op: 'remove', path: path('a') }, { op: 'add', path: path('b'), value: 'B' })
    // The default was stored with the second one alone.
    expect(await specOf('second')).toEqual({ a: 'A', b: 'B' })
    expect(await specOf('first')).toEqual({ b: 'B' })
  })
})

describe('field selectors of a custom resource with two versions and a conversion webhook', () => {
  /** v1 has `hostPort: "a:1"`, v2 has `host: "a"` and `port: "1"`. */
  function convert(one: DynamicObject, apiVersion: string): DynamicObject {
    const spec = one['spec'] as Record<string, string>
    if (one.apiVersion === apiVersion) return one
    if (!apiVersion.endsWith('v2')) return { ...one, apiVersion, spec: { hostPort: `${spec['host']}:${spec['port']}` } }
    const [host = '', port = ''] = (spec['hostPort'] ?? '').split(':')
    return { ...one, apiVersion, spec: { host, port } }
  }
  const text = { type: 'string' }
  const v2Path = cronTabsPath.replace('/v1/', '/v2/')
  const aV2 = (name: string, host: string, port: string) => ({
    ...aCronTab(name, { host, port }),
    apiVersion: 'stable.example.com/v2',
  })
  beforeEach(async () => {
    lab = await startTestServer({
      webhookClient: {
        async post(_config, body) {
          const { request } = body as {
            request: { uid: string; desiredAPIVersion: string; objects: DynamicObject[] }
          }
          const convertedObjects = request.objects.map((one) => convert(one, request.desiredAPIVersion))
          const response = { uid: request.uid, result: { status: 'Success' }, convertedObjects }
          return { kind: 'ConversionReview', apiVersion: 'apiextensions.k8s.io/v1', response }
        },
        dispose: () => undefined,
      },
    })
    const versions = [
      aVersion('v1', { ...aSpec({ hostPort: text }), selectableFields: [{ jsonPath: '.spec.hostPort' }] }),
      aVersion('v2', {
        ...aSpec({ host: text, port: text }),
        storage: false,
        selectableFields: [{ jsonPath: '.spec.host' }, { jsonPath: '.spec.port' }],
      }),
    ]
    const webhook = {
      clientConfig: { url: 'https://hook.example.com/convert' },
      conversionReviewVersions: ['v1'],
    }
    await establish(lab, aDefinition(versions, { conversion: { strategy: 'Webhook', webhook } }))
    for (const one of [aV2('a', 'host1', '80'), aV2('b', 'host1', '8080'), aV2('c', 'host2', '80')])
      await lab.send('POST', v2Path, { body: one })
  })

  const names = async (path: string, fieldSelector: string): Promise<(string | undefined)[]> => {
    const answer = await lab.send('GET', `${path}?fieldSelector=${encodeURIComponent(fieldSelector)}`)
    if (answer.type !== 'list') throw new Error('no list')
    return answer.items.map(({ object: one }) => one.metadata?.name)
  }
  /** An informer, and what its handlers were told. */
  const inform = async (version: string, fieldSelector: string) => {
    const kind = lab.server.kinds.find('stable.example.com', version, 'crontabs') as Kind
    const informer = new Informer(
      kind,
      { namespace: 'default', fieldSelector },
      {
        ...{ client: lab.client, clock: lab.clock, random: seededRandom(1), log: silentLog },
      },
    )
    const told: string[] = []
    informer.on({
      added: ({ metadata }) => void told.push(`added ${metadata.name}`),
      updated: (_previous, { metadata }) => void told.push(`updated ${metadata.name}`),
      deleted: ({ metadata }) => void told.push(`deleted ${metadata.name}`),
    })
    const running = informer.start()
    await informer.synced()
    return { informer, told, running }
  }
  const watch = async (path: string, fieldSelector: string, signal: AbortSignal) => {
    const target = `${path}?watch=1&fieldSelector=${encodeURIComponent(fieldSelector)}`
    const answer = await lab.send('GET', target, { signal })
    if (answer.type !== 'watch') throw new Error('no watch')
    const told: string[] = []
    const ended = (async () => {
      for await (const { type, stored } of answer.events as AsyncIterable<WatchItem>)
        told.push(`${type} ${stored.object.metadata?.name}`)
    })()
    return { told, ended }
  }

  it('choose what lists, watches and informers give, whatever becomes of the objects', async () => {
    expect(await names(v2Path, 'spec.host=host1')).toEqual(['a', 'b'])
    expect(await names(v2Path, 'spec.host=host1,spec.port=80')).toEqual(['a'])
    expect(await names(cronTabsPath, 'spec.hostPort=host1:80')).toEqual(['a'])

    const stop = new AbortController()
    const watchOld = await watch(cronTabsPath, 'spec.hostPort=host1:80', stop.signal)
    const watchNew = await watch(v2Path, 'spec.host=host1', stop.signal)
    const informOld = await inform('v1', 'spec.hostPort=host1:80')
    const informNew = await inform('v2', 'spec.host=host1')
    expect([informOld.told, informNew.told]).toEqual([['added a'], ['added a', 'added b']])

    await lab.send('PATCH', `${v2Path}/a`, { contentType: mergePatch, body: { spec: { host: 'host2' } } })
    await lab.send('PATCH', `${v2Path}/c`, { contentType: mergePatch, body: { spec: { host: 'host1' } } })
    await lab.send('DELETE', `${v2Path}/b`)
    const last = 'deleted b'
    await until(
      'all is told',
      async () => informNew.told.includes(last) && watchNew.told.includes('DELETED b'),
      5000,
      2,
    )

    expect(watchOld.told).toEqual(['ADDED a', 'DELETED a', 'ADDED c'])
    expect(watchNew.told).toEqual(['ADDED a', 'ADDED b', 'DELETED a', 'ADDED c', 'DELETED b'])
    expect(informOld.told).toEqual(['added a', 'deleted a', 'added c'])
    expect(informNew.told).toEqual(['added a', 'added b', 'deleted a', 'added c', 'deleted b'])
    expect(informNew.informer.lister.list().map(({ metadata }) => metadata.name)).toEqual(['c'])
    expect(await names(v2Path, 'spec.host=host1')).toEqual(['c'])
    expect(await names(cronTabsPath, 'spec.hostPort=host1:80')).toEqual(['c'])
    stop.abort()
    await Promise.all([watchOld.ended, watchNew.ended, informOld.running.dispose(), informNew.running.dispose()])
  })
})
