import { beforeEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../../test/support/api-server.ts'
import {
  aCronTab,
  aDefinition,
  aSpec,
  aVersion,
  cronTabsPath,
  definitionsPath,
  establish,
} from '../../../test/support/custom-resources.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { WatchItem } from '../request.ts'

interface Review {
  readonly request: {
    readonly uid: string
    readonly desiredAPIVersion: string
    readonly objects: readonly DynamicObject[]
  }
}

let lab: TestServer
let reviews: Review[]
let fails: string | undefined

/** v1 has `host: "a:1"`, v2 has `host: "a"` and `port: "1"`. */
function convert(object: DynamicObject, apiVersion: string): DynamicObject {
  const spec = object['spec'] as Record<string, string>
  if (apiVersion.endsWith('v2')) {
    const [host = '', port = ''] = (spec['host'] ?? '').split(':')
    return { ...object, apiVersion, spec: { host, port } }
  }
  return { ...object, apiVersion, spec: { host: `${spec['host']}:${spec['port']}` } }
}

const text = { type: 'string' }
const versions = (storage: 'v1' | 'v2') => [
  aVersion('v1', { ...aSpec({ host: text }), storage: storage === 'v1' }),
  aVersion('v2', {
    ...aSpec({ host: text, port: text }),
    storage: storage === 'v2',
    selectableFields: [{ jsonPath: '.spec.port' }],
  }),
]
const conversion = {
  strategy: 'Webhook',
  webhook: { clientConfig: { url: 'https://hook.example.com/convert' }, conversionReviewVersions: ['v1'] },
}
const v2Path = cronTabsPath.replace('/v1/', '/v2/')

async function list(path: string): Promise<unknown[]> {
  const answer = await lab.send('GET', path)
  if (answer.type !== 'list') throw new Error('no list')
  return answer.items.map(({ object }) => object['spec'])
}
async function get(path: string): Promise<DynamicObject> {
  const answer = await lab.send('GET', path)
  if (answer.type !== 'object') throw new Error('no object')
  return answer.stored.object
}

beforeEach(async () => {
  reviews = []
  fails = undefined
  lab = await startTestServer({
    webhookClient: {
      async post(_config, body) {
        const review = body as Review
        reviews.push(review)
        const { uid, desiredAPIVersion, objects } = review.request
        const result = fails === undefined ? { status: 'Success' } : { status: 'Failed', message: fails }
        const convertedObjects = objects.map((object) => convert(object, desiredAPIVersion))
        return {
          kind: 'ConversionReview',
          apiVersion: 'apiextensions.k8s.io/v1',
          response: { uid, result, convertedObjects },
        }
      },
      dispose: () => undefined,
    },
  })
  await establish(lab, aDefinition(versions('v1'), { conversion }))
  for (const [name, host] of [
    ['a', 'one:1'],
    ['b', 'two:2'],
  ] as const)
    await lab.send('POST', cronTabsPath, { body: aCronTab(name, { host }) })
})

describe('a conversion webhook', () => {
  it('is not asked about objects in the version in which they are stored', async () => {
    expect(await list(cronTabsPath)).toEqual([{ host: 'one:1' }, { host: 'two:2' }])
    expect(reviews).toEqual([])
  })

  it('makes one version readable as the other, a list in one review, each object once', async () => {
    expect(await list(v2Path)).toEqual([
      { host: 'one', port: '1' },
      { host: 'two', port: '2' },
    ])
    expect(reviews).toHaveLength(1)
    expect((await get(`${v2Path}/a`))['spec']).toEqual({ host: 'one', port: '1' })
    expect(reviews).toHaveLength(1)
  })

  it('takes writes in either version to the stored one', async () => {
    await lab.send('PATCH', `${v2Path}/a`, {
      contentType: 'application/merge-patch+json',
      body: { spec: { port: '9' } },
    })
    expect((await get(`${cronTabsPath}/a`))['spec']).toEqual({ host: 'one:9' })
    await lab.send('POST', v2Path, {
      body: { ...aCronTab('c', { host: 'three', port: '3' }), apiVersion: 'stable.example.com/v2' },
    })
    expect((await get(`${cronTabsPath}/c`))['spec']).toEqual({ host: 'three:3' })
  })

  it('converts a list of objects that are stored in different versions', async () => {
    const patch = [
      { op: 'replace', path: '/spec/versions/0/storage', value: false },
      { op: 'replace', path: '/spec/versions/1/storage', value: true },
    ]
    await lab.send('PATCH', `${definitionsPath}/crontabs.stable.example.com`, {
      contentType: 'application/json-patch+json',
      body: patch,
    })
    await lab.send('POST', v2Path, {
      body: { ...aCronTab('c', { host: 'three', port: '3' }), apiVersion: 'stable.example.com/v2' },
    })
    expect(await list(v2Path)).toEqual([
      { host: 'one', port: '1' },
      { host: 'two', port: '2' },
      { host: 'three', port: '3' },
    ])
    expect((await get(`${definitionsPath}/crontabs.stable.example.com`))['status']).toMatchObject({
      storedVersions: ['v1', 'v2'],
    })
  })

  it('is asked before fields are selected', async () => {
    expect(await list(`${v2Path}?fieldSelector=spec.port%3D2`)).toEqual([{ host: 'two', port: '2' }])
  })

  it('shows watchers the version that they asked for, and only what they selected', async () => {
    const stop = new AbortController()
    const answer = await lab.send('GET', `${v2Path}?watch=1&fieldSelector=spec.port%3D2`, { signal: stop.signal })
    if (answer.type !== 'watch') throw new Error('no watch')
    const events = answer.events[Symbol.asyncIterator]()
    const next = async (): Promise<unknown> => {
      const { value } = (await events.next()) as { value: WatchItem }
      return [value.type, value.stored.object.metadata?.name, value.stored.object['spec']]
    }
    expect(await next()).toEqual(['ADDED', 'b', { host: 'two', port: '2' }])
    await lab.send('PATCH', `${v2Path}/a`, {
      contentType: 'application/merge-patch+json',
      body: { spec: { port: '2' } },
    })
    expect(await next()).toEqual(['ADDED', 'a', { host: 'one', port: '2' }])
    await lab.send('PATCH', `${v2Path}/b`, {
      contentType: 'application/merge-patch+json',
      body: { spec: { port: '7' } },
    })
    expect(await next()).toEqual(['DELETED', 'b', { host: 'two', port: '2' }])
    await lab.send('DELETE', `${v2Path}/a`)
    expect(await next()).toEqual(['DELETED', 'a', { host: 'one', port: '2' }])
    stop.abort()
  })

  it('that fails fails the request with its words', async () => {
    fails = 'no idea'
    await expect(lab.send('GET', `${v2Path}/a`)).rejects.toMatchObject({
      code: 500,
      message: 'conversion webhook for stable.example.com/v1, Kind=CronTab failed: no idea',
    })
  })
})
