import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../src-main/lib/random.ts'
import { startTestServer, type TestServer } from '../support/api-server.ts'
import { directDoor, type Asked, type Content, type Door } from '../support/api-door.ts'

let server: TestServer
let door: Door
const root = '/api/v1/namespaces/default'
const maps = `${root}/configmaps`

beforeAll(async () => {
  server = await startTestServer()
  door = directDoor(server)
})
afterAll(() => server.server.dispose())

const ask = (method: string, target: string, asked?: Asked) => door.ask(method, target, asked)
const codeAndMessage = async (method: string, target: string, body?: unknown): Promise<[number, string]> => {
  const { code, object } = await ask(method, target, body === undefined ? {} : { body })
  return [code, object.message]
}

const policyBinding = { spec: { policyName: 'p', validationActions: ['Deny'] } }

describe('an update', () => {
  beforeAll(async () => {
    await ask('POST', maps, { body: { metadata: { name: 'here' } } })
  })

  it.each([
    [{}, 'the name of the object (here based on URL) was undeterminable: name must be provided'],
    [{ name: 'there' }, 'the name of the object (there) does not match the name on the URL (here)'],
    [
      { name: 'here', namespace: 'other' },
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
  ])('of %j belongs to another URL', async (metadata, message) => {
    expect(await codeAndMessage('PUT', `${maps}/here`, { metadata })).toEqual([400, message])
  })

  it('of a name that does not fit is refused before anybody looks whether it is there', async () => {
    expect((await codeAndMessage('PUT', `${maps}/nowhere`, { metadata: { name: 'here' } }))[0]).toBe(400)
  })

  it.each([
    [`${root}/endpoints/made`, {}],
    [`${root}/events/made`, { involvedObject: { namespace: 'default' }, reason: 'Tried', type: 'Normal' }],
    [`${root}/limitranges/made`, { spec: { limits: [] } }],
    [`${root}/services/made`, { spec: { ports: [{ port: 80 }] } }],
    ['/apis/coordination.k8s.io/v1/namespaces/default/leases/made', { spec: { holderIdentity: 'me' } }],
    ['/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles/made', { rules: [] }],
    ['/apis/rbac.authorization.k8s.io/v1/clusterroles/made', { rules: [] }],
  ])('of %s makes it where it is missing', async (path, content) => {
    const body = { ...content, metadata: { name: 'made', resourceVersion: '7' } }
    const made = await ask('PUT', path, { body })
    expect(made.code).toBe(201)
    expect((await ask('GET', path)).object.metadata.uid).toBe(made.object.metadata.uid)
    const again = await ask('PUT', path, { body: { ...content, metadata: made.object.metadata } })
    expect(again.code).toBe(200)
  })

  it('makes nothing for whoever may only update', async () => {
    const only = { name: 'updater', groups: [] }
    const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/default'
    const rules = [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['update'] }]
    await ask('POST', `${roles}/roles`, { body: { metadata: { name: 'updates' }, rules } })
    const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'updater' }]
    const roleRef = { kind: 'Role', apiGroup: 'rbac.authorization.k8s.io', name: 'updates' }
    await ask('POST', `${roles}/rolebindings`, { body: { metadata: { name: 'updates' }, subjects, roleRef } })
    const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases/forbidden'
    const sent = server.send('PUT', path, { body: { metadata: { name: 'forbidden' } }, peer: only })
    await expect(sent).rejects.toMatchObject({ code: 403 })
  })

  it('of all other kinds finds nothing', async () => {
    expect((await codeAndMessage('PUT', `${maps}/made`, { metadata: { name: 'made' } }))[0]).toBe(404)
  })

  it.each<[string, string, object]>([
    ['webhooks', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {}],
    ['policies', '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings', policyBinding],
    ['leases', '/apis/coordination.k8s.io/v1/namespaces/default/leases', {}],
    ['disruption budgets', '/apis/policy/v1/namespaces/default/poddisruptionbudgets', { spec: {} }],
    ['runtime classes', '/apis/node.k8s.io/v1/runtimeclasses', { handler: 'x' }],
    ['drivers', '/apis/storage.k8s.io/v1/csidrivers', { spec: {} }],
    ['nodes of drivers', '/apis/storage.k8s.io/v1/csinodes', { spec: { drivers: [] } }],
  ])('of %s names the version that it has seen', async (_, path, object) => {
    const body = { metadata: { name: 'seen' }, ...object }
    const { code: made, object: created } = await ask('POST', path, { body })
    expect(made, String(created.message)).toBe(201)
    const [code, message] = await codeAndMessage('PUT', `${path}/seen`, body)
    expect(code).toBe(422)
    expect(message).toContain('metadata.resourceVersion: Invalid value: 0x0: must be specified for an update')
    expect((await codeAndMessage('PUT', `${path}/seen`, created))[0]).toBe(200)
  })
})

describe('a field selector that there is not', () => {
  it.each([
    ['/api/v1/pods', 'field label not supported: spec.nope'],
    ['/api/v1/configmaps', '"spec.nope" is not a known field selector: only "metadata.name", "metadata.namespace"'],
    [
      '/apis/apps/v1/deployments',
      '"spec.nope" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ],
    ['/apis/batch/v1/jobs', 'field label "spec.nope" not supported for Job'],
    ['/apis/events.k8s.io/v1/events', 'field label not supported: spec.nope'],
    [
      '/apis/resource.k8s.io/v1/resourceslices',
      'field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: spec.nope',
    ],
  ])('of %s is told in the words of its kind', async (path, message) => {
    expect(await codeAndMessage('GET', `${path}?fieldSelector=spec.nope%3Dx`)).toEqual([400, message])
  })
})

describe('a deletion of many', () => {
  beforeAll(async () => {
    for (const name of ['d1', 'd2', 'd3'])
      await ask('POST', maps, { body: { metadata: { name, labels: { of: 'many' } } } })
  })
  const many = `${maps}?labelSelector=of%3Dmany`

  it('keeps to its page, and says where the next one begins', async () => {
    const first = (await ask('DELETE', `${many}&limit=2`)).object
    expect(first.items.map((item: Content) => item.metadata.name)).toEqual(['d1', 'd2'])
    expect((await ask('GET', many)).object.items).toHaveLength(1)
    const second = (await ask('DELETE', `${many}&limit=2&continue=${first.metadata.continue}`)).object
    expect(second.items.map((item: Content) => item.metadata.name)).toEqual(['d3'])
  })

  it.each([
    ['limit=x', 400],
    ['resourceVersionMatch=Exact', 422],
    ['sendInitialEvents=true', 422],
  ])('with %s is refused as a list is', async (query, code) => {
    expect((await ask('DELETE', `${many}&${query}`)).code).toBe(code)
  })
})

describe('a failure', () => {
  it('about no name in particular leaves it out', async () => {
    const { object } = await ask('POST', maps, { body: { metadata: {} } })
    expect(object.details).toMatchObject({ kind: 'ConfigMap' })
    expect(object.details).not.toHaveProperty('name')
  })

  it('of an owner without a uid is told by the validation', async () => {
    const metadata = { name: 'owned', ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p' }] }
    const { code, object } = await ask('POST', maps, { body: { metadata } })
    expect(code).toBe(422)
    expect(object.details.causes).toEqual([expect.objectContaining({ field: 'metadata.ownerReferences.uid' })])
  })

  it('of a table that includes what there is not', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    const { code, object } = await ask('GET', `${maps}?includeObject=Odd`, { accept })
    expect(code).toBe(400)
    expect(object.message).toBe(
      `Unable to convert to Table as requested: includeObject: Invalid value: "Odd": must be 'Metadata', 'Object', 'None', or empty`,
    )
  })
})

describe('the scale of an object', () => {
  it('is a table of the wanted and the available replicas to those who ask for one', async () => {
    const labels = { app: 'scaled' }
    const spec = { containers: [{ name: 'c', image: 'i' }] }
    const body = {
      metadata: { name: 'scaled' },
      spec: { replicas: 3, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    }
    const deployments = root.replace('/api/v1', '/apis/apps/v1') + '/deployments'
    expect((await ask('POST', deployments, { body })).code).toBe(201)
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
    const { object } = await ask('GET', `${deployments}/scaled/scale`, { accept })
    expect(object.columnDefinitions.map(({ name }: Content) => name)).toEqual(['Name', 'Desired', 'Available', 'Age'])
    expect(object.rows[0].cells.slice(0, 3)).toEqual(['scaled', 3, 0])
    expect((await ask('GET', `${deployments}/scaled/scale`)).object).toMatchObject({ kind: 'Scale' })
  })
})

describe('a write of what is odd but valid', () => {
  const env = [
    { name: 'A', value: '1' },
    { name: 'A', value: '2' },
  ]
  const warning = [
    '299 - "spec.containers[0].env[1]: hides previous definition of \\"A\\", which may be dropped when using apply"',
  ]
  const odd = { metadata: { name: 'odd' }, spec: { containers: [{ name: 'c', image: 'i', env }] } }

  it('is taken with a warning', async () => {
    const made = await ask('POST', `${root}/pods`, { body: odd })
    expect(made).toMatchObject({ code: 201, headers: { warning } })
  })

  it('is warned of in a dry run, and not where it is refused', async () => {
    const body = { ...odd, metadata: { name: 'odd-too' } }
    expect((await ask('POST', `${root}/pods?dryRun=All`, { body })).headers).toMatchObject({ warning })
    const invalid = await ask('POST', `${root}/pods`, { body: { ...body, metadata: { name: 'Odd' } } })
    expect(invalid.code).toBe(422)
    expect(invalid.headers).not.toHaveProperty('warning')
  })
})

describe('a request', () => {
  it.each([
    ['HEAD', maps],
    ['HEAD', `${maps}/here`],
    ['OPTIONS', maps],
    ['TRACE', maps],
    ['PUT', maps],
    ['POST', `${maps}/here`],
  ])('%s %s is none that the API knows', async (method, path) => {
    const { code, object, headers } = await ask(method, path, { body: {} })
    expect([code, object.reason, object.details]).toEqual([405, 'MethodNotAllowed', {}])
    expect(headers).not.toHaveProperty('allow')
  })

  it.each(['limit=-1', 'limit=0', 'timeoutSeconds=5', 'timeoutSeconds=-5'])(
    'for a list with %s is answered',
    async (query) => {
      expect((await ask('GET', `${maps}?${query}`)).code).toBe(200)
    },
  )

  it('for a list with no whole number of seconds is refused', async () => {
    expect(await codeAndMessage('GET', `${maps}?timeoutSeconds=x`)).toEqual([
      400,
      'strconv.ParseInt: parsing "x": invalid syntax',
    ])
  })

  it('with a JSON patch that is no list is refused in the words of its reader', async () => {
    const contentType = 'application/json-patch+json'
    const { code, object } = await ask('PATCH', `${maps}/here`, { contentType, body: { op: 'remove' } })
    expect([code, object.message]).toEqual([400, 'json: cannot unmarshal object into Go value of type jsonpatch.Patch'])
  })
})

describe('a name that is to be generated', () => {
  it('is told when all that were tried are taken', async () => {
    const random = Object.assign(Object.create(seededRandom(1)) as ReturnType<typeof seededRandom>, {
      suffix: () => 'aaaaa',
    })
    const other = await startTestServer({ random })
    const body = { metadata: { generateName: 'x-' } }
    const made = directDoor(other)
    expect((await made.ask('POST', maps, { body })).object.metadata.name).toBe('x-aaaaa')
    const { code, object, headers } = await made.ask('POST', maps, { body })
    expect([code, object.message, object.details.retryAfterSeconds, headers['retry-after']]).toEqual([
      409,
      'configmaps "x-aaaaa" already exists, the server was not able to generate a unique name for the object',
      1,
      '1',
    ])
    await other.server.dispose()
  })
})

describe('a configuration to apply', () => {
  const deployments = '/apis/apps/v1/namespaces/default/deployments'
  const container = { name: 'c', image: 'i' }
  const applied = async (containers: object[]): Promise<[number, string]> => {
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers } }
    const body = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: { selector: { matchLabels: { a: 'b' } }, template },
    }
    const asked = { contentType: 'application/apply-patch+yaml', body }
    const { code, object } = await ask('PATCH', `${deployments}/applied?fieldManager=me`, asked)
    return [code, object.message]
  }
  const list = '.spec.template.spec.containers'

  it.each<[string, object[], string]>([
    [
      'ports',
      [{ ...container, ports: [{ containerPort: 80 }, { containerPort: 80 }] }],
      `${list}[name="c"].ports: duplicate entries for key [containerPort=80,protocol="TCP"]`,
    ],
    [
      'variables',
      [{ ...container, env: [{ name: 'A' }, { name: 'A' }] }],
      `${list}[name="c"].env: duplicate entries for key [name="A"]`,
    ],
    ['containers', [container, container], `${list}: duplicate entries for key [name="c"]`],
    [
      'nothing that identifies it',
      [{ image: 'i' }],
      `${list}: element 0: associative list with keys has an element that omits all key fields ["name"] ` +
        `(and doesn't have default values for any key fields)`,
    ],
  ])('may not have the same %s twice, or none', async (_what, containers, problem) => {
    expect(await applied(containers)).toEqual([
      500,
      `failed to create typed patch object (default/applied; apps/v1, Kind=Deployment): ${problem}`,
    ])
  })
})

it('a binding binds the pod at its path, and no other', async () => {
  const spec = { containers: [{ name: 'c', image: 'i' }] }
  for (const name of ['bound', 'other']) await ask('POST', `${root}/pods`, { body: { metadata: { name }, spec } })
  const body = (name: string): object => ({ metadata: { name }, target: { kind: 'Node', name: 'n' } })
  expect(await codeAndMessage('POST', `${root}/pods/bound/binding`, body('other'))).toEqual([
    400,
    'name in URL does not match name in Binding object',
  ])
  expect((await codeAndMessage('POST', `${root}/pods/bound/binding`, body('bound')))[0]).toBe(201)
})
