import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../support/api-server.ts'
import { directDoor, framesOf, jsonType, type Asked, type Content, type Door } from '../support/api-door.ts'

let server: TestServer
let door: Door
const root = '/api/v1/namespaces/default'
const maps = `${root}/configmaps`
const deployments = '/apis/apps/v1/namespaces/default/deployments'

beforeAll(async () => {
  server = await startTestServer()
  door = directDoor(server)
})
afterAll(() => server.server.dispose())

const ask = (method: string, target: string, asked?: Asked) => door.ask(method, target, asked)
const aMap = (name: string, more: object = {}): object => ({ metadata: { name, ...more }, data: { a: 'b' } })
const create = async (name: string, more: object = {}): Promise<Content> =>
  (await ask('POST', maps, { body: aMap(name, more) })).object

async function eventsOf(target: string, count: number): Promise<Content[]> {
  const watch = await door.watch(target, jsonType)
  expect(watch.code).toBe(200)
  const events: Content[] = []
  for await (const event of framesOf(watch)) {
    events.push(event)
    if (events.length === count) break
  }
  watch.close()
  return events
}

describe('lists', () => {
  beforeAll(async () => {
    for (const name of ['l1', 'l2', 'l3', 'l4', 'l5']) await create(name, { labels: { of: 'lists' } })
  })

  it('come in chunks of one revision, and say how many are left', async () => {
    const first = (await ask('GET', `${maps}?limit=2`)).object
    expect(first.items).toHaveLength(2)
    expect(first.metadata.remainingItemCount).toBeGreaterThanOrEqual(3)
    await create('l0')
    const second = (await ask('GET', `${maps}?limit=500&continue=${first.metadata.continue}`)).object
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
    expect(second.metadata.continue).toBeUndefined()
    expect(second.metadata.remainingItemCount).toBeUndefined()
    expect(second.items.map((item: Content) => item.metadata.name)).not.toContain('l0')
    const selected = (await ask('GET', `${maps}?limit=2&labelSelector=of%3Dlists`)).object
    expect(selected.metadata.continue).toBeDefined()
    expect(selected.metadata.remainingItemCount).toBeUndefined()
  })

  it.each([
    [
      'resourceVersionMatch=Exact',
      422,
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    [
      'resourceVersion=0&resourceVersionMatch=Exact',
      422,
      'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    [
      'resourceVersion=1&resourceVersionMatch=Odd',
      422,
      'resourceVersionMatch: Unsupported value: "Odd": supported values: "Exact", "NotOlderThan", ""',
    ],
    ['sendInitialEvents=true', 422, 'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'],
    [
      'resourceVersionMatch=Odd&continue=x',
      422,
      '[resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided, ' +
        'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided, ' +
        'resourceVersionMatch: Unsupported value: "Odd": supported values: "Exact", "NotOlderThan", ""]',
    ],
    [
      'resourceVersion=x',
      400,
      'invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    ],
    ['continue=nonsense', 400, 'invalid continue token: continue key is not valid'],
    ['continue=nonsense&resourceVersion=5', 400, 'specifying resource version is not allowed when using continue'],
    ['limit=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['watch=1&resourceVersion=x', 422, 'configmaps "" is invalid: resourceVersion: Invalid value: "x": strconv.'],
    [
      'watch=1&sendInitialEvents=true&resourceVersionMatch=Exact',
      422,
      '[resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, ' +
        'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]',
    ],
    [
      'fieldSelector=data.a%3Db',
      400,
      '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ],
    ['labelSelector=a%20in', 400, 'unable to parse requirement'],
    ['resourceVersion=99999999', 504, 'Too large resource version: 99999999'],
  ])('with %s are refused: %i', async (query, code, message) => {
    const reply = await ask('GET', `${maps}?${query}`)
    expect(reply.object).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code })
    expect(reply.object.message).toContain(message)
    expect(reply.code).toBe(code)
  })

  it.each([
    'resourceVersion=0',
    'resourceVersion=1&resourceVersionMatch=NotOlderThan',
    'resourceVersion=0&resourceVersionMatch=NotOlderThan',
    'resourceVersion=1',
  ])('with %s are what is here', async (query) => {
    expect((await ask('GET', `${maps}?${query}`)).object.items.length).toBeGreaterThanOrEqual(5)
  })
})

describe('watches', () => {
  it('begin with what is there, and say when they have it', async () => {
    await create('w1', { labels: { of: 'watches' } })
    const query =
      'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=of%3Dwatches'
    const [added, bookmark] = await eventsOf(`${maps}?${query}`, 2)
    expect(added).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'w1' } } })
    expect(bookmark.type).toBe('BOOKMARK')
    expect(bookmark.object).toMatchObject({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: {
        annotations: { 'k8s.io/initial-events-end': 'true' },
        resourceVersion: expect.stringMatching(/^\d+$/) as string,
      },
    })
  })

  it('of one name tell of that alone', async () => {
    const before = (await ask('GET', maps)).object.metadata.resourceVersion
    await create('w2')
    await create('w3')
    const target = `${maps}?watch=true&resourceVersion=${before}&fieldSelector=metadata.name%3Dw3`
    expect(await eventsOf(target, 1)).toMatchObject([{ type: 'ADDED', object: { metadata: { name: 'w3' } } }])
    const old = `/api/v1/watch/namespaces/default/configmaps/w3?resourceVersion=${before}`
    expect(await eventsOf(old, 1)).toMatchObject([{ type: 'ADDED', object: { metadata: { name: 'w3' } } }])
  })

  it('tell of an object that no longer matches as deleted', async () => {
    const made = await create('w4', { labels: { look: 'yes' } })
    const from = made.metadata.resourceVersion
    await ask('PATCH', `${maps}/w4`, {
      contentType: 'application/merge-patch+json',
      body: '{"metadata":{"labels":{"look":"no"}}}',
    })
    await ask('PATCH', `${maps}/w4`, {
      contentType: 'application/merge-patch+json',
      body: '{"metadata":{"labels":{"look":"yes"}}}',
    })
    const events = await eventsOf(`${maps}?watch=1&resourceVersion=${from}&labelSelector=look%3Dyes`, 2)
    expect(events.map(({ type }) => type)).toEqual(['DELETED', 'ADDED'])
  })
})

describe('a write', () => {
  const strict = `${deployments}?fieldValidation=Strict`
  const deployment = (more: object): object => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
      ...more,
    },
  })

  it('names unknown and doubled fields as Kubernetes does', async () => {
    const unknown = await ask('POST', strict, { body: deployment({ foo: 1 }) })
    expect(unknown.object).toMatchObject({
      code: 400,
      reason: 'BadRequest',
      message:
        'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.foo"',
    })
    const text = JSON.stringify(deployment({ foo: 1, replicas: 1 })).replace(
      '"replicas":1',
      '"replicas":1,"replicas":2',
    )
    const doubled = await ask('POST', strict, { body: text })
    expect(doubled.object.message).toContain('duplicate field "spec.replicas"')
    expect(doubled.object.message).toContain('unknown field "spec.foo"')
    const inYaml = await ask('POST', strict, {
      contentType: 'application/yaml',
      body: 'apiVersion: v1\nkind: Deployment\nspec:\n  replicas: 1\n  replicas: 2\n',
    })
    expect(inYaml.code).toBe(400)
    const inMeta = { ...deployment({}), metadata: { name: 'web', unknownMeta: 'x' } }
    expect((await ask('POST', strict, { body: inMeta })).object.message).toContain(
      'unknown field "metadata.unknownMeta"',
    )
    expect(
      (await ask('POST', `${deployments}?fieldValidation=Odd`, { body: deployment({}) })).code,
    ).toBeGreaterThanOrEqual(400)
  })

  it('of a generated name gets one, and none that was given', async () => {
    const made = (await ask('POST', maps, { body: { metadata: { generateName: 'gen-' } } })).object
    expect(made.metadata.name).toMatch(/^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    expect(made.metadata.generateName).toBe('gen-')
    const none = await ask('POST', maps, { body: { metadata: {} } })
    expect(none.object).toMatchObject({ code: 422, reason: 'Invalid' })
    expect(none.object.message).toContain('name or generateName is required')
  })

  it('that is a dry run leaves nothing behind', async () => {
    expect((await ask('POST', `${maps}?dryRun=All`, { body: aMap('dry') })).code).toBe(201)
    expect((await ask('GET', `${maps}/dry`)).code).toBe(404)
    await create('wet')
    await ask('DELETE', `${maps}/wet?dryRun=All`)
    await ask('DELETE', `${maps}?dryRun=All`)
    const body = '{"data":{"a":"c"}}'
    const patched = await ask('PATCH', `${maps}/wet?dryRun=All`, { contentType: 'application/merge-patch+json', body })
    expect(patched.object.data.a).toBe('c')
    expect((await ask('GET', `${maps}/wet`)).object.data.a).toBe('b')
    expect((await ask('POST', `${maps}?dryRun=Some`, { body: aMap('dry') })).code).toBe(422)
  })

  it('to something that is missing: apply creates it, all others find nothing', async () => {
    for (const contentType of ['merge-patch', 'strategic-merge-patch'])
      expect(
        (await ask('PATCH', `${maps}/none`, { contentType: `application/${contentType}+json`, body: '{}' })).object,
      ).toMatchObject({
        code: 404,
        message: 'configmaps "none" not found',
      })
    const applied = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'none' } }
    const contentType = 'application/apply-patch+yaml'
    expect(
      (await ask('PATCH', `${maps}/none?fieldManager=x`, { contentType, body: JSON.stringify(applied) })).code,
    ).toBe(201)
    expect((await ask('PUT', `${maps}/never`, { body: aMap('never') })).code).toBe(404)
  })

  it('by apply that conflicts says with whom and where', async () => {
    const contentType = 'application/apply-patch+yaml'
    const body = JSON.stringify(deployment({ replicas: 1 }))
    await ask('PATCH', `${deployments}/web?fieldManager=kubectl`, { contentType, body })
    const other = JSON.stringify(deployment({ replicas: 2 }))
    expect(
      (await ask('PATCH', `${deployments}/web?fieldManager=other`, { contentType, body: other })).object,
    ).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas',
      details: {
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl"', field: '.spec.replicas' }],
      },
    })
  })

  it('raises the generation for a wish and for nothing else', async () => {
    const at = `${deployments}/web`
    const contentType = 'application/merge-patch+json'
    const before = (await ask('GET', at)).object.metadata.generation
    await ask('PATCH', at, { contentType, body: '{"metadata":{"labels":{"x":"y"}}}' })
    await ask('PATCH', `${at}/status`, { contentType, body: '{"status":{"replicas":1}}' })
    expect((await ask('GET', at)).object.metadata.generation).toBe(before)
    const after = await ask('PATCH', at, { contentType, body: '{"spec":{"paused":true}}' })
    expect(after.object.metadata.generation).toBe(before + 1)
  })
})

describe('what a server does not do', () => {
  it.each([
    ['GET', maps, { accept: 'application/unknown' }, 406, 'NotAcceptable'],
    ['POST', maps, { contentType: 'text/plain', body: 'x' }, 415, 'UnsupportedMediaType'],
    ['PATCH', `${maps}/x`, { contentType: 'text/plain', body: 'x' }, 415, 'UnsupportedMediaType'],
    ['POST', `${maps}/x`, { body: {} }, 405, 'MethodNotAllowed'],
    ['PUT', maps, { body: {} }, 405, 'MethodNotAllowed'],
    ['DELETE', '/api/v1/namespaces', {}, 405, 'MethodNotAllowed'],
    ['GET', '/api/v1/things', {}, 404, 'NotFound'],
    ['FOO', '/api/v1/namespaces', {}, 405, 'MethodNotAllowed'],
    ['GET', `${maps}/missing`, {}, 404, 'NotFound'],
    ['OPTIONS', maps, {}, 405, 'MethodNotAllowed'],
  ] as const)('%s %s %j: %i %s', async (method, target, asked, code, reason) => {
    const reply = await ask(method, target, asked)
    expect(reply.object).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      reason,
      code,
    })
    expect(reply.code).toBe(code)
  })
})

describe('a deletion', () => {
  beforeEach(() => create('gone'))

  it('answers with a Status that names what is gone, or with the object', async () => {
    const { uid } = (await ask('GET', `${maps}/gone`)).object.metadata
    expect((await ask('DELETE', `${maps}/gone`)).object).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'gone', kind: 'configmaps', uid },
    })
    await ask('POST', `${root}/serviceaccounts`, { body: { metadata: { name: 'one' } } })
    expect((await ask('DELETE', `${root}/serviceaccounts/one`)).object).toMatchObject({ kind: 'ServiceAccount' })
  })

  it('under a precondition that does not hold is a conflict', async () => {
    const uid = '00000000-0000-0000-0000-000000000000'
    const reply = await ask('DELETE', `${maps}/gone`, { body: { preconditions: { uid } } })
    expect(reply.object).toMatchObject({ code: 409, reason: 'Conflict' })
    expect(reply.object.message).toContain(`the UID in the precondition (${uid}) does not match the UID in record (`)
    await ask('DELETE', `${maps}/gone`)
  })
})

describe('selectors of fields', () => {
  it.each([
    [
      '/api/v1/pods',
      [
        'metadata.name',
        'metadata.namespace',
        'spec.nodeName',
        'spec.restartPolicy',
        'spec.schedulerName',
        'spec.serviceAccountName',
        'spec.hostNetwork',
        'status.phase',
        'status.podIP',
        'status.podIPs',
        'status.nominatedNodeName',
      ],
    ],
    [
      '/api/v1/events',
      [
        'involvedObject.kind',
        'involvedObject.namespace',
        'involvedObject.name',
        'involvedObject.uid',
        'involvedObject.apiVersion',
        'involvedObject.resourceVersion',
        'involvedObject.fieldPath',
        'reason',
        'reportingComponent',
        'source',
        'type',
      ],
    ],
    [
      '/apis/events.k8s.io/v1/events',
      [
        'regarding.kind',
        'regarding.namespace',
        'regarding.name',
        'regarding.uid',
        'regarding.apiVersion',
        'regarding.resourceVersion',
        'regarding.fieldPath',
        'reason',
        'reportingController',
        'type',
      ],
    ],
    ['/api/v1/nodes', ['metadata.name', 'spec.unschedulable']],
    ['/api/v1/secrets', ['type']],
    ['/api/v1/namespaces', ['status.phase', 'metadata.name']],
    ['/api/v1/replicationcontrollers', ['status.replicas']],
    ['/apis/apps/v1/replicasets', ['status.replicas']],
    ['/api/v1/services', ['spec.clusterIP', 'spec.type']],
    ['/apis/batch/v1/jobs', ['status.successful']],
    ['/apis/certificates.k8s.io/v1/certificatesigningrequests', ['spec.signerName']],
    ['/apis/resource.k8s.io/v1/resourceslices', ['spec.nodeName', 'spec.driver']],
    ['/apis/certificates.k8s.io/v1beta1/clustertrustbundles', ['spec.signerName']],
    ['/apis/certificates.k8s.io/v1beta1/podcertificaterequests', ['spec.signerName', 'spec.podName', 'spec.nodeName']],
  ])('%s', async (path, fields) => {
    const missing: string[] = []
    for (const field of fields)
      if ((await ask('GET', `${path}?fieldSelector=${field}%3Dx`)).code !== 200) missing.push(field)
    expect(missing).toEqual([])
    expect((await ask('GET', `${path}?fieldSelector=spec.never%3Dx`)).code).toBe(400)
  })
})

describe('documents about the server', () => {
  it('are given once, and again only when they change', async () => {
    const index = (await ask('GET', '/openapi/v3')).object
    const url = index.paths['apis/apps/v1'].serverRelativeURL
    expect(url).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]+$/)
    const first = await ask('GET', url)
    expect(first.headers['cache-control']).toContain('immutable')
    const etag = String(first.headers['etag'])
    const again = await ask('GET', url, { headers: { 'if-none-match': etag } })
    expect(again.code).toBe(304)
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'
    const groups = await ask('GET', '/apis', { accept })
    expect(groups.contentType).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList')
    expect(groups.object.kind).toBe('APIGroupDiscoveryList')
    const tag = String(groups.headers['etag'])
    expect((await ask('GET', '/apis', { accept, headers: { 'if-none-match': tag } })).code).toBe(304)
    expect((await ask('GET', '/apis')).object.kind).toBe('APIGroupList')
  })

  it('prefer the first version of each group, which is one of its versions', async () => {
    const { groups } = (await ask('GET', '/apis')).object
    for (const { name, preferredVersion, versions } of groups) {
      expect(versions).toContainEqual(preferredVersion)
      const own = (await ask('GET', `/apis/${name}`)).object
      expect(own.preferredVersion).toEqual(preferredVersion)
      for (const { groupVersion } of versions) {
        const { groupVersion: told, resources } = (await ask('GET', `/apis/${groupVersion}`)).object
        expect(told).toBe(groupVersion)
        expect(resources.length).toBeGreaterThan(0)
      }
    }
  })

  it('name the version', async () => {
    expect((await ask('GET', '/version')).object).toMatchObject({
      major: '1',
      minor: '36',
      gitVersion: expect.stringMatching(/^v1\.36\./) as string,
    })
  })

  it('refuse a table of what has none', async () => {
    const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1'
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb: 'get' } },
    }
    const reply = await ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { accept, body })
    expect(reply.code).toBe(406)
  })
})
