import { beforeEach, describe, expect, it } from 'vitest'
import { startTestServer, type SendOptions, type TestServer } from '../../../test/support/api-server.ts'
import {
  aCronTab,
  aDefinition,
  aSpec,
  aVersion,
  cronTabsPath,
  definitionsPath,
  establish,
} from '../../../test/support/custom-resources.ts'
import { StatusError } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { encodeAnswer, type DataAnswer } from '../encode.ts'
import type { WatchItem } from '../request.ts'

let lab: TestServer
const mergePatch = 'application/merge-patch+json'
const jsonPatch = 'application/json-patch+json'
const applyPatch = 'application/apply-patch+yaml'
const definitionPath = `${definitionsPath}/crontabs.stable.example.com`

async function object(method: string, target: string, options?: SendOptions): Promise<DynamicObject> {
  const answer = await lab.send(method, target, options)
  if (answer.type === 'object') return answer.stored.object
  if (answer.type === 'plain') return answer.object as DynamicObject
  throw new Error(`${answer.type} is no object`)
}
async function refusal(method: string, target: string, options?: SendOptions): Promise<StatusError> {
  const error: unknown = await lab.send(method, target, options).catch((failure: unknown) => failure)
  expect(error).toBeInstanceOf(StatusError)
  return error as StatusError
}
async function json(target: string, headers: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const answer = await lab.send('GET', target, { headers })
  if (answer.type === 'bytes') return JSON.parse(new TextDecoder().decode(answer.bytes)) as Record<string, unknown>
  const url = new URL(target, 'http://localhost')
  const request = { headers, query: url.searchParams } as Parameters<typeof encodeAnswer>[1]
  const { body } = encodeAnswer(answer as DataAnswer, request, lab.clock)
  if (body.type !== 'chunks') throw new Error('no complete answer')
  return JSON.parse(Buffer.concat(body.chunks).toString()) as Record<string, unknown>
}
const patchDefinition = (body: unknown): Promise<DynamicObject> =>
  object('PATCH', definitionPath, { contentType: jsonPatch, body })

beforeEach(async () => {
  lab = await startTestServer()
})

describe('subresources of a custom resource', () => {
  beforeEach(() =>
    establish(
      lab,
      aDefinition([
        aVersion('v1', {
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.replicas',
              statusReplicasPath: '.status.replicas',
              labelSelectorPath: '.status.selector',
            },
          },
        }),
      ]),
    ),
  )

  it('keep status and wishes apart', async () => {
    const created = await object('POST', cronTabsPath, {
      body: { ...aCronTab('a', { replicas: 1 }), status: { replicas: 9 } },
    })
    expect(created['status']).toBeUndefined()
    const body = { status: { replicas: 1, selector: 'a=b' }, spec: { replicas: 5 }, metadata: { labels: { x: 'y' } } }
    const changed = await object('PATCH', `${cronTabsPath}/a/status`, { contentType: mergePatch, body })
    expect(changed).toMatchObject({ spec: { replicas: 1 }, status: body.status, metadata: { generation: 1 } })
    expect(changed.metadata?.labels).toBeUndefined()
    const main = await object('PATCH', `${cronTabsPath}/a`, {
      contentType: mergePatch,
      body: { status: { replicas: 7 }, spec: { replicas: 2 } },
    })
    expect(main).toMatchObject({ spec: { replicas: 2 }, status: { replicas: 1 }, metadata: { generation: 2 } })
  })

  it('scale by the paths that the definition names', async () => {
    await lab.send('POST', cronTabsPath, { body: aCronTab('a', { replicas: 1 }) })
    await lab.send('PATCH', `${cronTabsPath}/a/status`, {
      contentType: mergePatch,
      body: { status: { replicas: 1, selector: 'a=b' } },
    })
    const scaled = await object('PATCH', `${cronTabsPath}/a/scale`, {
      contentType: mergePatch,
      body: { spec: { replicas: 4 } },
    })
    expect(scaled).toMatchObject({ kind: 'Scale', spec: { replicas: 4 }, status: { replicas: 1, selector: 'a=b' } })
    expect(await object('GET', `${cronTabsPath}/a`)).toMatchObject({
      spec: { replicas: 4 },
      metadata: { generation: 2 },
    })
    await lab.send('POST', cronTabsPath, { body: aCronTab('b', {}) })
    expect(await refusal('GET', `${cronTabsPath}/b/scale`)).toMatchObject({ code: 500 })
  })
})

describe('writes to a custom resource', () => {
  const ports = {
    ports: {
      ...{ type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, port: { type: 'integer' } },
      },
    },
    maximal: { type: 'integer' },
  }
  beforeEach(() => establish(lab, aDefinition([aVersion('v1', aSpec(ports))])))

  it('are merged by the keys of its lists when they are applied, and owned', async () => {
    const apply = (manager: string, spec: object) =>
      object('PATCH', `${cronTabsPath}/a?fieldManager=${manager}`, {
        contentType: applyPatch,
        body: aCronTab('a', spec),
      })
    await apply('one', { ports: [{ name: 'http', port: 80 }] })
    const both = await apply('two', { ports: [{ name: 'https', port: 443 }] })
    expect(both['spec']).toEqual({
      ports: [
        { name: 'http', port: 80 },
        { name: 'https', port: 443 },
      ],
    })
    expect(both.metadata?.managedFields?.map(({ manager }) => manager)).toEqual(['one', 'two'])
    const contested = { contentType: applyPatch, body: aCronTab('a', { ports: [{ name: 'http', port: 81 }] }) }
    expect(await refusal('PATCH', `${cronTabsPath}/a?fieldManager=two`, contested)).toMatchObject({
      reason: 'Conflict',
    })
  })

  it('know merge and JSON patches, and no strategic ones', async () => {
    await lab.send('POST', cronTabsPath, { body: aCronTab('a', { maximal: 1 }) })
    const body = [{ op: 'replace', path: '/spec/maximal', value: 2 }]
    expect((await object('PATCH', `${cronTabsPath}/a`, { contentType: jsonPatch, body }))['spec']).toEqual({
      maximal: 2,
    })
    const strategic = { contentType: 'application/strategic-merge-patch+json', body: {} }
    expect(await refusal('PATCH', `${cronTabsPath}/a`, strategic)).toMatchObject({ code: 415 })
  })

  it('say which version they have seen when they replace', async () => {
    await lab.send('POST', cronTabsPath, { body: aCronTab('a', {}) })
    const { message } = await refusal('PUT', `${cronTabsPath}/a`, { body: aCronTab('a', {}) })
    expect(message).toContain('metadata.resourceVersion: Invalid value: 0x0: must be specified for an update')
  })

  it('are neither read nor answered in protobuf', async () => {
    const contentType = 'application/vnd.kubernetes.protobuf'
    expect(await refusal('POST', cronTabsPath, { contentType, body: 'k8s' })).toMatchObject({ code: 415 })
    await expect(json(cronTabsPath, { accept: contentType })).rejects.toMatchObject({ code: 406 })
  })

  it('may forbid, tell of, or ignore unknown and repeated fields', async () => {
    const body =
      '{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"a","x":1},"spec":{"maximal":1,"maximal":2,"y":1}}'
    const strict = await refusal('POST', `${cronTabsPath}?fieldValidation=Strict`, { body })
    expect(strict.code).toBe(400)
    for (const text of [
      'strict decoding error',
      'duplicate field "spec.maximal"',
      'unknown field "metadata.x"',
      'unknown field "spec.y"',
    ])
      expect(strict.message).toContain(text)
    await lab.send('POST', `${cronTabsPath}?fieldValidation=Ignore&dryRun=All`, { body })
    expect(lab.warnings).toEqual([])
    await lab.send('POST', cronTabsPath, { body })
    expect(lab.warnings).toEqual([
      'duplicate field "spec.maximal"',
      'unknown field "metadata.x"',
      'unknown field "spec.y"',
    ])
  })

  it('may leave alone what an older schema allowed', async () => {
    await lab.send('POST', cronTabsPath, { body: aCronTab('a', { maximal: 50 }) })
    await patchDefinition([
      {
        op: 'add',
        path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/maximal/maximum',
        value: 10,
      },
    ])
    const labels = { metadata: { labels: { x: 'y' } } }
    await lab.send('PATCH', `${cronTabsPath}/a`, { contentType: mergePatch, body: labels })
    const worse = { contentType: mergePatch, body: { spec: { maximal: 51 } } }
    expect(await refusal('PATCH', `${cronTabsPath}/a`, worse)).toMatchObject({ code: 422 })
  })
})

describe('reads of a custom resource', () => {
  it('select by fields that the definition names, in lists and watches', async () => {
    await establish(
      lab,
      aDefinition([
        aVersion('v1', { ...aSpec({ color: { type: 'string' } }), selectableFields: [{ jsonPath: '.spec.color' }] }),
      ]),
    )
    for (const [name, color] of [
      ['a', 'red'],
      ['b', 'blue'],
    ])
      await lab.send('POST', cronTabsPath, { body: aCronTab(name ?? '', { color }) })
    const answer = await lab.send('GET', `${cronTabsPath}?fieldSelector=spec.color%3Dblue`)
    expect(answer.type === 'list' && answer.items.map(({ object: one }) => one.metadata?.name)).toEqual(['b'])
    expect(await refusal('GET', `${cronTabsPath}?fieldSelector=spec.size%3D1`)).toMatchObject({ code: 400 })
    await lab.send('DELETE', `${cronTabsPath}?fieldSelector=spec.color%3Dblue`)
    const rest = await lab.send('GET', cronTabsPath)
    expect(rest.type === 'list' && rest.items.map(({ object: one }) => one.metadata?.name)).toEqual(['a'])
  })

  it('give tables with the columns of the definition, or metadata alone', async () => {
    const additionalPrinterColumns = [
      { name: 'Image', type: 'string', jsonPath: '.spec.image', description: 'What runs' },
      { name: 'Since', type: 'date', jsonPath: '.metadata.creationTimestamp', priority: 1 },
    ]
    await establish(lab, aDefinition([aVersion('v1', { additionalPrinterColumns })]))
    await lab.send('POST', cronTabsPath, { body: aCronTab('a', {}) })
    const table = await json(cronTabsPath, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
    expect(table).toMatchObject({
      columnDefinitions: [
        { name: 'Name' },
        { name: 'Image', description: 'What runs' },
        { name: 'Since', priority: 1 },
      ],
      rows: [{ cells: ['a', 'busybox', '0s'] }],
    })
    const partial = await json(cronTabsPath, {
      accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    })
    expect(partial).toMatchObject({ kind: 'PartialObjectMetadataList', items: [{ metadata: { name: 'a' } }] })
  })

  it('see a watch end when the definition changes', async () => {
    await establish(lab, aDefinition())
    const answer = await lab.send('GET', `${cronTabsPath}?watch=1`)
    if (answer.type !== 'watch') throw new Error('no watch')
    const events = answer.events[Symbol.asyncIterator]()
    await lab.send('POST', cronTabsPath, { body: aCronTab('a', {}) })
    const first = (await events.next()) as { value: WatchItem }
    expect(first.value.stored.object['spec']).toEqual({ image: 'busybox' })
    await patchDefinition([{ op: 'add', path: '/spec/versions/0/deprecated', value: true }])
    expect((await events.next()).done).toBe(true)
  })

  it('warn of a version that is deprecated', async () => {
    await establish(lab, aDefinition([aVersion('v1'), aVersion('v1beta1', { storage: false, deprecated: true })]))
    await lab.send('GET', cronTabsPath.replace('/v1/', '/v1beta1/'))
    expect(lab.warnings).toEqual([
      'stable.example.com/v1beta1 CronTab is deprecated; use stable.example.com/v1 CronTab',
    ])
  })
})

describe('the documents of the API', () => {
  const resources = async (): Promise<unknown> => (await json('/apis/stable.example.com/v1'))['resources']

  it('follow definitions at once', async () => {
    const before = await lab.send('GET', '/apis', {
      headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' },
    })
    await establish(lab, aDefinition([aVersion('v1'), aVersion('v2', { storage: false })]))
    expect(await resources()).toMatchObject([
      { name: 'crontabs', singularName: 'crontab', kind: 'CronTab', shortNames: ['ct'], categories: ['all'] },
    ])
    const after = await lab.send('GET', '/apis', {
      headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' },
    })
    expect(
      before.type === 'bytes' && after.type === 'bytes' && before.headers?.['etag'] !== after.headers?.['etag'],
    ).toBe(true)
    expect(await json('/apis/stable.example.com')).toMatchObject({ preferredVersion: { version: 'v2' } })

    const v3 = await json('/openapi/v3/apis/stable.example.com/v1')
    expect(v3).toMatchObject({
      components: {
        schemas: {
          'com.example.stable.v1.CronTab': { properties: { spec: { properties: { image: { default: 'busybox' } } } } },
        },
      },
    })
    expect(await json('/openapi/v2')).toMatchObject({
      definitions: { 'com.example.stable.v1.CronTab': {}, 'com.example.stable.v2.CronTab': {} },
    })

    await patchDefinition([{ op: 'replace', path: '/spec/versions/1/served', value: false }])
    expect(Object.keys((await json('/openapi/v2'))['definitions'] as object)).not.toContain(
      'com.example.stable.v2.CronTab',
    )
    expect(await refusal('GET', cronTabsPath.replace('/v1/', '/v2/'))).toMatchObject({ code: 404 })
  })
})
