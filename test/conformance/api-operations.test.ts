import 'reflect-metadata'
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resourceFacts, type ResourceFact } from '../../src-main/api/kinds/resource-facts.ts'
import { startTestServer, type TestServer } from '../support/api-server.ts'
import { directDoor, framesOf, jsonType, protobufType, tlsDoor, type Content, type Door } from '../support/api-door.ts'
import { minimalName, minimalObject, minimalStatus, type MinimalObjects } from '../support/minimal-objects.ts'
import { openTlsLab, type TlsLab } from '../support/tls-lab.ts'

/** What is stored and can be written by everybody: all but reviews, bindings and what is computed. */
const stored = resourceFacts.filter(
  ({ verbs, group }) => verbs.includes('post') && verbs.includes('list') && !group.endsWith('orrery.dev'),
)
const nameOf = ({ group, version, resource }: ResourceFact): string =>
  [group, version, resource].filter((part) => part !== '').join('/')

let lab: TlsLab
let given: MinimalObjects
beforeAll(async () => {
  lab = await openTlsLab()
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=somebody',
    keys,
    signingAlgorithm: algorithm,
  })
  given = { certificate: lab.pki.ca, certificateRequest: `${request.toString('pem')}\n` }
})
afterAll(() => lab.dispose())

const ways = ['JSON, through the chain', 'protobuf, through the chain', 'JSON, over TLS', 'protobuf, over TLS'] as const

describe.each(ways)('in %s', (way) => {
  const media = way.startsWith('JSON') ? jsonType : protobufType
  let server: TestServer
  let door: Door
  let collection: (resource: ResourceFact) => string
  beforeAll(async () => {
    server = await startTestServer()
    door = way.endsWith('TLS') ? tlsDoor(await lab.start(server.server.handler), lab.pki) : directDoor(server)
    for (const name of ['operations', 'elsewhere'])
      await door.ask('POST', '/api/v1/namespaces', { body: { metadata: { name } } })
    for (const namespace of ['operations', 'elsewhere'])
      await door.ask('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, {
        body: { metadata: { name: 'default' } },
      })
    collection = (resource) => pathOf(resource, 'operations')
  })
  afterAll(async () => {
    door.dispose()
    await server.server.dispose()
  })

  it.each(stored.map((fact) => [nameOf(fact), fact] as const))('%s has every operation', async (_, fact) => {
    const all = pathOf(fact, '')
    const path = collection(fact)
    const ask = (method: string, target: string, body?: unknown, contentType = media) =>
      door.ask(method, target, { accept: media, contentType, ...(body === undefined ? {} : { body }) })
    const ok = async (method: string, target: string, body?: unknown, contentType?: string): Promise<Content> => {
      const { code, object } = await ask(method, target, body, contentType)
      if (code >= 300) throw new Error(`${method} ${target}: ${code} ${JSON.stringify(object)}`)
      return object
    }
    const sample = (index: number): Content => {
      const object = minimalObject(fact, index, given)
      if (object === undefined) throw new Error(`nobody has written down a minimal ${nameOf(fact)}`)
      object.metadata = { ...object.metadata, labels: { suite: 'operations' } } as never
      return object
    }
    const name = minimalName(fact, 1)
    const one = `${path}/${name}`

    await expectDiscovered(door, fact)

    const before = await ok('GET', path)
    expect(before.kind).toBe(`${fact.kind}List`)
    const watch = await door.watch(`${path}?watch=true&resourceVersion=${before.metadata.resourceVersion}`, media)
    expect(watch.code).toBe(200)
    const seen = eventsOf(watch, name)

    const created = await ask('POST', path, sample(1))
    expect(created.object, JSON.stringify(created.object)).toMatchObject({ kind: fact.kind, metadata: { name } })
    expect(created.code).toBe(201)
    expect(created.contentType).toBe(media)
    expect(created.object.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
    expect(created.object.metadata.creationTimestamp).toBeDefined()
    expect(created.object.metadata.selfLink).toBeUndefined()
    expect((await ask('POST', path, sample(1))).object).toMatchObject({
      kind: 'Status',
      code: 409,
      reason: 'AlreadyExists',
    })

    const got = await ok('GET', one)
    expect(got.metadata.uid).toBe(created.object.metadata.uid)
    for (const target of [path, all]) {
      const list = await ok('GET', `${target}?labelSelector=suite%3Doperations`)
      expect(list.items.map((item: Content) => item.metadata.name)).toEqual([name])
      expect((await ok('GET', `${target}?labelSelector=suite%3Dother`)).items).toEqual([])
    }

    await expectShapes(door, path, name)

    const annotated = (key: string): object => ({ metadata: { annotations: { [key]: 'yes' } } })
    await ok('PATCH', one, JSON.stringify(annotated('merge')), 'application/merge-patch+json')
    await ok('PATCH', one, JSON.stringify(annotated('strategic')), 'application/strategic-merge-patch+json')
    const jsonPatch = [{ op: 'add', path: '/metadata/annotations/json', value: 'yes' }]
    await ok('PATCH', one, JSON.stringify(jsonPatch), 'application/json-patch+json')
    const { apiVersion, kind } = created.object
    const applied = { apiVersion, kind, metadata: { name, annotations: { apply: 'yes' } }, ...requiredOf(sample(1)) }
    await ok('PATCH', `${one}?fieldManager=suite&force=true`, JSON.stringify(applied), 'application/apply-patch+yaml')
    const patched = await ok('GET', one)
    expect(patched.metadata.annotations).toMatchObject({ merge: 'yes', strategic: 'yes', json: 'yes', apply: 'yes' })

    const written = {
      ...patched,
      metadata: { ...patched.metadata, annotations: { ...patched.metadata.annotations, put: 'yes' } },
    }
    const updated = await ok('PUT', one, written)
    expect(updated.metadata.annotations.put).toBe('yes')
    expect(updated.metadata.resourceVersion).not.toBe(patched.metadata.resourceVersion)
    if (fact.verbs.includes('put'))
      expect((await ask('PUT', one, written)).object).toMatchObject({ code: 409, reason: 'Conflict' })

    if ('status' in fact.subresources) {
      const status = minimalStatus(fact)
      const current = await ok('GET', `${one}/status`)
      const set = await ok('PUT', `${one}/status`, { ...current, status: { ...current.status, ...status } })
      expect(set.status).toMatchObject(holds(status))
      const byPatch = { ...annotated('status'), status }
      const changed = await ok('PATCH', `${one}/status`, JSON.stringify(byPatch), 'application/merge-patch+json')
      expect(changed.status).toMatchObject(holds(status))
      expect((await ok('GET', one)).status).toMatchObject(holds(status))
    }
    if ('scale' in fact.subresources) {
      const scale = await ok('GET', `${one}/scale`)
      expect(scale).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 1 } })
      const larger = await ok('PUT', `${one}/scale`, { ...scale, spec: { replicas: 2 } })
      expect(larger.spec.replicas).toBe(2)
      await ok('PATCH', `${one}/scale`, '{"spec":{"replicas":3}}', 'application/merge-patch+json')
      expect((await ok('GET', one)).spec.replicas).toBe(3)
    }

    const removed = await ok('DELETE', one, {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
    })
    expect([fact.kind, 'Status']).toContain(removed.kind)
    await release(ok, fact, one)
    const types = await seen
    expect(types[0]).toBe('ADDED')
    expect(types.at(-1)).toBe('DELETED')
    expect(types.filter((type) => type === 'MODIFIED').length).toBeGreaterThanOrEqual(5)
    expect((await ask('GET', one)).object).toMatchObject({
      ...{ kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 },
      details: { name, kind: fact.resource },
    })

    if (!fact.verbs.includes('deletecollection')) return
    for (const index of [2, 3]) await ok('POST', path, sample(index))
    expect((await ok('GET', `${path}?labelSelector=suite%3Doperations`)).items).toHaveLength(2)
    await ok('DELETE', `${path}?labelSelector=suite%3Doperations`)
    for (const index of [2, 3]) await release(ok, fact, `${path}/${minimalName(fact, index)}`)
    expect((await ok('GET', `${path}?labelSelector=suite%3Doperations`)).items).toEqual([])
  })
})

function pathOf({ group, version, resource, namespaced }: ResourceFact, namespace: string): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  return namespaced && namespace !== '' ? `${root}/namespaces/${namespace}/${resource}` : `${root}/${resource}`
}

async function expectDiscovered(door: Door, { group, version, resource, ...fact }: ResourceFact): Promise<void> {
  if (group !== '') {
    const groups = (await door.ask('GET', '/apis')).object.groups
    const groupVersion = `${group}/${version}`
    expect(groups.find(({ name }: Content) => name === group).versions).toContainEqual({ groupVersion, version })
    expect((await door.ask('GET', `/apis/${group}`)).object.versions).toContainEqual({ groupVersion, version })
  }
  const listed = (await door.ask('GET', group === '' ? `/api/${version}` : `/apis/${group}/${version}`)).object
    .resources
  const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']
  const own = listed.find(({ name }: Content) => name === resource)
  expect(own).toMatchObject({ kind: fact.kind, namespaced: fact.namespaced })
  expect(own.verbs).toEqual(expect.arrayContaining(verbs))
  const names = listed.map(({ name }: Content) => name)
  for (const subresource of Object.keys(fact.subresources)) expect(names).toContain(`${resource}/${subresource}`)
}

async function expectShapes(door: Door, path: string, name: string): Promise<void> {
  const as = (shape: string): string => `application/json;as=${shape};g=meta.k8s.io;v=v1`
  const table = (await door.ask('GET', path, { accept: as('Table') })).object
  expect(table).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' })
  const row = table.rows.find(({ object }: Content) => object.metadata.name === name)
  expect(row.cells).toHaveLength(table.columnDefinitions.length)
  expect(row.object.kind).toBe('PartialObjectMetadata')
  const one = (await door.ask('GET', `${path}/${name}`, { accept: as('PartialObjectMetadata') })).object
  expect(one).toMatchObject({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name } })
  expect(Object.keys(one).toSorted()).toEqual(['apiVersion', 'kind', 'metadata'])
  const list = (await door.ask('GET', path, { accept: as('PartialObjectMetadataList') })).object
  expect(list.kind).toBe('PartialObjectMetadataList')
  expect(list.items.map((item: Content) => item.metadata.name)).toContain(name)
}

/** The kinds of events of one object, up to the one that it is gone. */
async function eventsOf(watch: Parameters<typeof framesOf>[0] & { close(): void }, name: string): Promise<string[]> {
  const types: string[] = []
  for await (const { type, object } of framesOf(watch)) {
    if (object.metadata?.name !== name) continue
    types.push(type)
    if (type === 'DELETED') break
  }
  watch.close()
  return types
}

/** Conditions of others may stand beside those that are looked for. */
function holds(status: object): object {
  const { conditions, ...rest } = status as { conditions?: object[] }
  const among = conditions?.map((one) => expect.objectContaining(one) as object)
  return among === undefined ? rest : { ...rest, conditions: expect.arrayContaining(among) as object }
}

/** What an apply of this kind cannot do without, though it changes nothing. */
function requiredOf({ apiVersion: _a, kind: _k, metadata: _m, stringData: _s, ...rest }: Content): object {
  return rest
}

type Ok = (method: string, target: string, body?: unknown, contentType?: string) => Promise<Content>

/** Does what the controllers do for objects whose deletion waits for them. */
async function release(ok: Ok, { resource }: ResourceFact, one: string): Promise<void> {
  const left = await ok('GET', one).catch(() => undefined)
  if (left === undefined) return
  if (resource === 'namespaces') await ok('PUT', `${one}/finalize`, { ...left, spec: { finalizers: [] } })
  else await ok('PATCH', one, '{"metadata":{"finalizers":null}}', 'application/merge-patch+json').catch(() => undefined)
}
