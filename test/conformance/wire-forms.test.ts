import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../support/api-server.ts'
import { directDoor, framesOf, protobufType, type Asked, type Content, type Door } from '../support/api-door.ts'
import { aDefinition, cronTabsPath, definitionsPath, establish } from '../support/custom-resources.ts'

/** The forms that answers take, and what is said when there is none: what each Go client relies on. */
let server: TestServer
let door: Door
const maps = '/api/v1/namespaces/default/configmaps'
const meta = (as: string, form = protobufType): string => `${form};as=${as};g=meta.k8s.io;v=v1`
/** What the metadata client of Go asks for. */
const metadataClient = (as: string): string => `${meta(as)},${meta(as, 'application/json')},application/json`
const allForms = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'

const ask = (method: string, target: string, asked?: Asked) => door.ask(method, target, asked)

beforeAll(async () => {
  server = await startTestServer()
  door = directDoor(server)
  await establish(server, aDefinition())
  await ask('POST', maps, { body: { metadata: { name: 'a', labels: { l: 'x' } }, data: { k: 'v' } } })
  await ask('POST', cronTabsPath, {
    body: { apiVersion: 'stable.example.com/v1', kind: 'CronTab', metadata: { name: 'c' }, spec: { replicas: 1 } },
  })
})
afterAll(() => server.server.dispose())

describe('metadata alone', () => {
  it.each([
    ['a built-in object', `${maps}/a`, 'PartialObjectMetadata'],
    ['a custom object', `${cronTabsPath}/c`, 'PartialObjectMetadata'],
  ])('comes in protobuf, of %s', async (_what, path, as) => {
    const reply = await ask('GET', path, { accept: metadataClient(as) })
    expect([reply.code, reply.contentType]).toEqual([200, protobufType])
    expect(reply.object).toMatchObject({
      kind: as,
      apiVersion: 'meta.k8s.io/v1',
      metadata: { uid: expect.any(String) },
    })
    expect(Object.keys(reply.object)).not.toContain('data')
  })

  it.each([maps, cronTabsPath])('comes in protobuf, of the list %s', async (path) => {
    const { object, contentType } = await ask('GET', path, { accept: metadataClient('PartialObjectMetadataList') })
    expect(contentType).toBe(protobufType)
    expect(object).toMatchObject({
      kind: 'PartialObjectMetadataList',
      metadata: { resourceVersion: expect.any(String) },
    })
    expect(object.items.map((item: Content) => item.metadata.name)).toEqual([path === maps ? 'a' : 'c'])
  })

  it('comes in protobuf, of each event of a watch', async () => {
    const watch = await door.watch(`${cronTabsPath}?watch=1`, meta('PartialObjectMetadata'))
    expect(watch.contentType).toBe('application/vnd.kubernetes.protobuf;stream=watch')
    const { value } = await framesOf(watch).next()
    watch.close()
    expect(value).toMatchObject({ type: 'ADDED', object: { kind: 'PartialObjectMetadata', metadata: { name: 'c' } } })
  })
})

describe('negotiation', () => {
  it.each([
    ['a Status of a failure', 'GET', `${maps}/none`, protobufType, 404],
    ['a Status of a deletion', 'DELETE', `${maps}/a?dryRun=All`, protobufType, 200],
  ])('gives %s in protobuf', async (_what, method, path, accept, code) => {
    const reply = await ask(method, path, { accept })
    expect([reply.code, reply.contentType]).toEqual([code, protobufType])
    expect(reply.object).toMatchObject({ kind: 'Status', apiVersion: 'v1' })
  })

  it('gives a failure in YAML, and in JSON where nothing else fits', async () => {
    expect((await ask('GET', `${maps}/none`, { accept: 'application/yaml' })).object).toContain('reason: NotFound')
    for (const accept of ['text/html', meta('Table', 'application/json')])
      expect((await ask('GET', `${maps}/none`, { accept })).object).toMatchObject({ kind: 'Status', code: 404 })
  })

  it('takes the best of several alternatives that there is', async () => {
    const table = meta('Table', 'application/json')
    const kindFor = async (accept: string): Promise<string> => (await ask('GET', maps, { accept })).object.kind
    expect(await kindFor(`${table.replace('v1', 'v9')},${table},application/json`)).toBe('Table')
    expect(await kindFor(`application/json;q=0.5,${table};q=0.4`)).toBe('ConfigMapList')
    expect(await kindFor(`*/*,${table}`)).toBe('Table')
    expect(await kindFor(`${meta('Table')},application/json`)).toBe('ConfigMapList')
  })

  it.each([
    ['GET', `${maps}/a`, 'text/html', allForms],
    ['GET', `${maps}/a`, meta('Table'), allForms],
    ['GET', `${cronTabsPath}/c`, protobufType, allForms],
  ])('of %s %s for %s is refused with what there is', async (method, path, accept, forms) => {
    const { code, object } = await ask(method, path, { accept })
    expect(code).toBe(406)
    expect(object).toMatchObject({
      reason: 'NotAcceptable',
      message: `only the following media types are accepted: ${forms}`,
    })
  })

  it('gives no watch in YAML, which has no frames', async () => {
    const { code, object } = await ask('GET', `${maps}?watch=1`, { accept: 'application/yaml' })
    expect(code).toBe(406)
    expect(object).toContain('application/vnd.kubernetes.protobuf;stream=watch')
  })

  it('happens before anything is written', async () => {
    const body = { metadata: { name: 'unwanted' } }
    expect((await ask('POST', maps, { accept: 'text/html', body })).code).toBe(406)
    expect((await ask('GET', `${maps}/unwanted`)).code).toBe(404)
  })
})

describe('the body of a request', () => {
  const accepted = `the body of the request was in an unknown format - accepted media types include: `
  it.each(['text/plain', 'text/yaml', 'application/x-www-form-urlencoded'])('in %s is refused', async (contentType) => {
    const { code, object } = await ask('POST', maps, { contentType, body: '{}' })
    expect([code, object.reason, object.message]).toEqual([415, 'UnsupportedMediaType', accepted + allForms])
  })

  it('of a patch is refused when it is no patch', async () => {
    const patches = 'application/json-patch+json, application/merge-patch+json'
    const { code, object } = await ask('PATCH', `${maps}/a`, { body: {} })
    expect([code, object.message]).toEqual([
      415,
      `${accepted}${patches}, application/strategic-merge-patch+json, application/apply-patch+yaml`,
    ])
    const strategic = { contentType: 'application/strategic-merge-patch+json', body: {} }
    expect((await ask('PATCH', `${cronTabsPath}/c`, strategic)).object.message).toBe(
      `${accepted}${patches}, application/apply-patch+yaml`,
    )
  })

  const unrecognized = 'the object provided is unrecognized (must be of type ConfigMap): '
  it.each([
    ['', `${unrecognized}couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)`],
    ['{"a":', `${unrecognized}couldn't get version/kind; json parse error: unexpected end of JSON input ({"a":)`],
    [
      'hello',
      `${unrecognized}couldn't get version/kind; json parse error: invalid character 'h' looking for beginning of value (68656c6c6f)`,
    ],
    [
      '{"kind":"Pod"}',
      'Pod in version "v1" cannot be handled as a ConfigMap: converting (v1.Pod) to (core.ConfigMap): unknown conversion',
    ],
    [
      '{"kind":"Cat"}',
      'Cat in version "v1" cannot be handled as a ConfigMap: no kind "Cat" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    ],
  ])('%j is refused in the words of the API server', async (body, message) => {
    const { code, object } = await ask('POST', maps, { body })
    expect([code, object.reason, object.message]).toEqual([400, 'BadRequest', message])
  })
})

describe('a kind on its way out', () => {
  it.each([
    ['endpoints', 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
    ['componentstatuses', 'v1 ComponentStatus is deprecated in v1.19+'],
  ])('comes with a warning: %s', async (plural, text) => {
    expect((await ask('GET', `/api/v1/${plural}`)).headers['warning']).toEqual([`299 - "${text}"`])
    expect((await ask('GET', maps)).headers['warning']).toBeUndefined()
  })
})

describe('the text of an answer', () => {
  const textOf = async (path: string, headers: Record<string, string> = {}): Promise<string> =>
    Buffer.from((await ask('GET', path, { headers })).bytes).toString()

  it('ends its line, unless it is laid out for people', async () => {
    expect(await textOf(`${maps}/a`)).toMatch(/^\{"kind":"ConfigMap".*\}\n$/)
    for (const agent of ['curl/8.1', 'Wget/1.21', 'Mozilla/5.0 (X11)'])
      expect(await textOf(`${maps}/a`, { 'user-agent': agent })).toMatch(/^\{\n {2}"kind": "ConfigMap",[^]*\n\}$/)
    expect(await textOf(`${maps}/a?pretty=false`, { 'user-agent': 'curl/8.1' })).not.toContain('\n ')
  })

  it('says the kind of a list once, and of custom objects each time', async () => {
    const [item] = JSON.parse(await textOf(maps)).items
    expect(Object.keys(item)).toEqual(['metadata', 'data'])
    expect(JSON.parse(await textOf(cronTabsPath)).items[0]).toMatchObject({ kind: 'CronTab' })
    expect(JSON.parse(await textOf(definitionsPath)).items[0].kind).toBeUndefined()
  })
})
