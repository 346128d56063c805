/** Official conformance entries that the API answers alone, sentence by sentence, through the chain of the server. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../support/api-server.ts'
import { directDoor, type Content, type Door } from '../support/api-door.ts'

let server: TestServer
let door: Door
beforeAll(async () => {
  server = await startTestServer()
  door = directDoor(server)
  for (const name of ['here', 'there']) {
    await ok('POST', '/api/v1/namespaces', { metadata: { name } })
    await ok('POST', `/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: 'default' } })
  }
})
afterAll(() => server.server.dispose())

const merge = 'application/merge-patch+json'
const ask = (method: string, target: string, body?: object, contentType?: string) =>
  door.ask(method, target, {
    ...(body === undefined ? {} : { body: contentType === undefined ? body : JSON.stringify(body) }),
    ...(contentType === undefined ? {} : { contentType }),
  })
async function ok(method: string, target: string, body?: object, contentType?: string): Promise<Content> {
  const { code, object } = await ask(method, target, body, contentType)
  if (code >= 300) throw new Error(`${method} ${target}: ${code} ${JSON.stringify(object)}`)
  return object
}
const core = '/api/v1/namespaces/here'
const names = (list: Content): string[] => list.items.map(({ metadata }: Content) => metadata.name).toSorted()
const container = { name: 'web', image: 'web:1' }
const labels = { app: 'web' }
const template = { metadata: { labels }, spec: { containers: [container] } }

describe.each(['configmaps', 'secrets'])('%s', (plural) => {
  it('have no empty key', async () => {
    const reply = await ask('POST', `${core}/${plural}`, { metadata: { name: 'empty-key' }, data: { '': 'dmFsdWU=' } })
    expect(reply).toMatchObject({ code: 422, object: { reason: 'Invalid' } })
  })

  it('keep their data once they are immutable', async () => {
    const one = `${core}/${plural}/fixed`
    const value = (text: string) => ({ data: { 'data-1': btoa(text) } })
    await ok('POST', `${core}/${plural}`, { metadata: { name: 'fixed' }, ...value('1') })
    expect((await ok('PUT', one, { metadata: { name: 'fixed' }, ...value('2') })).data).toEqual({ 'data-1': btoa('2') })
    const fixed = await ok('PUT', one, { ...(await ok('GET', one)), immutable: true })
    const words = 'Forbidden: field is immutable when `immutable` is set'
    expect((await ask('PUT', one, { ...fixed, ...value('3') })).object).toMatchObject({
      code: 422,
      details: { causes: [{ field: 'data', reason: 'FieldValueForbidden', message: words }] },
    })
    expect((await ask('PUT', one, { ...fixed, immutable: false })).object).toMatchObject({
      code: 422,
      details: { causes: [{ field: 'immutable', reason: 'FieldValueForbidden', message: words }] },
    })
    const labelled = await ok('PUT', one, { ...fixed, metadata: { ...fixed.metadata, labels } })
    expect(labelled.metadata.labels).toEqual(labels)
    await ok('DELETE', one)
    expect((await ask('GET', one)).code).toBe(404)
  })
})

it('a secret is patched, found by its label, and deleted by it', async () => {
  const path = `${core}/secrets`
  const selector = 'labelSelector=testsecret-constant%3Dtrue'
  expect(names(await ok('GET', `/api/v1/secrets?${selector}`))).toEqual([])
  const metadata = { name: 'patched', labels: { 'testsecret-constant': 'true' } }
  await ok('POST', path, { metadata, type: 'Opaque', data: { key: btoa('value') } })
  expect(names(await ok('GET', `/api/v1/secrets?${selector}`))).toEqual(['patched'])
  const patch = { metadata: { labels: { testsecret: 'true' } }, data: { key: btoa('value1') } }
  await ok('PATCH', `${path}/patched`, patch, 'application/strategic-merge-patch+json')
  expect(await ok('GET', `${path}/patched`)).toMatchObject(patch)
  await ok('DELETE', `${path}?${selector}`)
  expect(names(await ok('GET', `/api/v1/secrets?${selector}`))).toEqual([])
})

it('an update that only spells out what says nothing changes nothing', async () => {
  const path = '/apis/apps/v1/namespaces/here/deployments'
  const spec = { replicas: 0, selector: { matchLabels: labels }, template }
  const made = await ok('POST', path, { metadata: { name: 'same' }, spec })
  const spelt = {
    ...{ paused: false, minReadySeconds: 0 },
    template: { ...template, spec: { ...made.spec.template.spec, nodeSelector: {}, tolerations: [], nodeName: '' } },
  }
  const updated = await ok('PUT', `${path}/same`, { ...made, spec: { ...made.spec, ...spelt } })
  expect(updated.metadata.generation).toBe(1)
  expect(updated.metadata.resourceVersion).toBe(made.metadata.resourceVersion)
  expect(updated.spec).toEqual(made.spec)
})

it('limit ranges are listed across namespaces, patched, and deleted as a collection of one', async () => {
  const spec = { limits: [{ type: 'Container', max: { cpu: '500m' }, min: { cpu: '50m' } }] }
  const selector = 'labelSelector=e2e-test%3Dlimits'
  for (const namespace of ['here', 'there'])
    await ok('POST', `/api/v1/namespaces/${namespace}/limitranges`, {
      metadata: { name: `limits-${namespace}`, labels: { 'e2e-test': 'limits' } },
      spec,
    })
  expect(names(await ok('GET', `/api/v1/limitranges?${selector}`))).toEqual(['limits-here', 'limits-there'])
  const patch = {
    metadata: { labels: { patched: 'yes' } },
    spec: { limits: [{ type: 'Container', min: { cpu: '40m' }, max: { cpu: '450m' } }] },
  }
  await ok('PATCH', `${core}/limitranges/limits-here`, patch, merge)
  const patched = await ok('GET', `${core}/limitranges/limits-here`)
  expect(patched.metadata.labels).toMatchObject({ patched: 'yes' })
  expect(patched.spec.limits[0]).toMatchObject({ min: { cpu: '40m' }, max: { cpu: '450m' } })
  await ok('DELETE', `${core}/limitranges?labelSelector=patched%3Dyes`)
  expect(names(await ok('GET', `/api/v1/limitranges?${selector}`))).toEqual(['limits-there'])
  await ok('DELETE', '/api/v1/namespaces/there/limitranges/limits-there')
})

describe('pod templates', () => {
  it('are replaced with an annotation', async () => {
    const path = `${core}/podtemplates`
    const made = await ok('POST', path, { metadata: { name: 'replaced' }, template })
    await ok('PUT', `${path}/replaced`, { ...made, metadata: { ...made.metadata, annotations: { updated: 'true' } } })
    expect((await ok('GET', `${path}/replaced`)).metadata.annotations).toEqual({ updated: 'true' })
  })

  it('are deleted as a collection', async () => {
    const path = `${core}/podtemplates`
    const selector = 'labelSelector=podtemplate-set%3Dtrue'
    for (const name of ['t1', 't2', 't3'])
      await ok('POST', path, { metadata: { name, labels: { 'podtemplate-set': 'true' } }, template })
    expect(names(await ok('GET', `${path}?${selector}`))).toEqual(['t1', 't2', 't3'])
    await ok('DELETE', `${path}?${selector}`)
    expect(names(await ok('GET', `${path}?${selector}`))).toEqual([])
  })
})

it('of three services, two are deleted as a collection', async () => {
  const path = `${core}/services`
  const ports = [{ name: 'http', port: 80, targetPort: 80 }]
  for (const [name, kind] of [
    ['s1', 'set'],
    ['s2', 'set'],
    ['s3', 'other'],
  ])
    await ok('POST', path, { metadata: { name, labels: { kind } }, spec: { type: 'ClusterIP', ports } })
  expect(names(await ok('GET', path))).toEqual(['s1', 's2', 's3'])
  await ok('DELETE', `${path}?labelSelector=kind%3Dset`)
  expect(names(await ok('GET', path))).toEqual(['s3'])
})

it('the service of the API stands in the default namespace', async () => {
  const list = await ok('GET', '/api/v1/services')
  const found = list.items.filter(({ metadata }: Content) => metadata.name === 'kubernetes')
  expect(found.map(({ metadata }: Content) => metadata.namespace)).toEqual(['default'])
})

it('a service account is updated', async () => {
  const path = `${core}/serviceaccounts`
  const made = await ok('POST', path, { metadata: { name: 'robot' } })
  expect(made.automountServiceAccountToken).toBeUndefined()
  const updated = await ok('PUT', `${path}/robot`, { ...made, automountServiceAccountToken: true })
  expect(updated.automountServiceAccountToken).toBe(true)
  expect((await ok('GET', `${path}/robot`)).automountServiceAccountToken).toBe(true)
})

it('what a review says of a service account is what it may', async () => {
  await ok('POST', `${core}/serviceaccounts`, { metadata: { name: 'asked' } })
  const user = 'system:serviceaccount:here:asked'
  const attributes = { namespace: 'here', verb: 'list', resource: 'configmaps', version: 'v1' }
  const groups = ['system:authenticated', 'system:serviceaccounts', 'system:serviceaccounts:here']
  const verdicts = async (): Promise<boolean[]> => {
    const spec = { resourceAttributes: attributes, user, groups }
    const kinds = [
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      '/apis/authorization.k8s.io/v1/namespaces/here/localsubjectaccessreviews',
    ]
    const reviews = await Promise.all(
      kinds.map((path) =>
        ok('POST', path, { metadata: { namespace: path.includes('/here/') ? 'here' : undefined }, spec }),
      ),
    )
    const headers = { 'impersonate-user': user }
    const may = await server.send('GET', `${core}/configmaps`, { headers }).then(
      () => true,
      (error: { code?: number }) => error.code !== 403,
    )
    return [...reviews.map((review) => review.status.allowed as boolean), may]
  }
  expect(await verdicts()).toEqual([false, false, false])
  await ok('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/here/rolebindings', {
    metadata: { name: 'asked' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'ServiceAccount', name: 'asked', namespace: 'here' }],
  })
  expect(await verdicts()).toEqual([true, true, true])
})

describe('pods', () => {
  const pods = `${core}/pods`
  const aPod = (name: string, more: object = {}, metadata: object = {}) => ({
    metadata: { name, ...metadata },
    spec: { containers: [container], ...more },
  })

  it('of a runtime class that is not there, or not any more, are refused', async () => {
    const refused = async () =>
      expect((await ask('POST', pods, aPod('odd', { runtimeClassName: 'gone' }))).object).toMatchObject({
        code: 403,
        reason: 'Forbidden',
        message: expect.stringContaining('RuntimeClass "gone" not found'),
      })
    await refused()
    const classes = '/apis/node.k8s.io/v1/runtimeclasses'
    await ok('POST', classes, { metadata: { name: 'gone' }, handler: 'any' })
    await ok('POST', pods, aPod('fine', { runtimeClassName: 'gone' }))
    await ok('DELETE', `${classes}/gone`)
    await refused()
  })

  it('with sysctls that are none are refused, for those alone', async () => {
    const sysctls = ['foo-', 'kernel.shmmax', 'safe-and-unsafe', 'bar..'].map((name) => ({ name, value: '42' }))
    const { code, object } = await ask('POST', pods, aPod('sysctls', { securityContext: { sysctls } }))
    expect(code).toBe(422)
    expect(object.message).toContain('Invalid value: "foo-"')
    expect(object.message).toContain('Invalid value: "bar.."')
    expect(object.message).not.toContain('safe-and-unsafe')
    expect(object.message).not.toContain('kernel.shmmax')
  })

  it('with equal requests and limits are guaranteed', async () => {
    const resources = { requests: { cpu: '100m', memory: '100Mi' }, limits: { cpu: '100m', memory: '100Mi' } }
    const made = await ok('POST', pods, aPod('qos', { containers: [{ ...container, resources }] }))
    expect(made.status.qosClass).toBe('Guaranteed')
    expect((await ok('GET', `${pods}/qos`)).status.qosClass).toBe('Guaranteed')
  })

  it('with a volume of a driver in their spec are created, found, patched and deleted', async () => {
    const volumes = [{ name: 'csi', csi: { driver: 'e2e.example.com', volumeAttributes: { size: '1' } } }]
    const spec = { volumes, containers: [{ ...container, volumeMounts: [{ name: 'csi', mountPath: '/data' }] }] }
    const made = await ok('POST', `${core}/pods`, { metadata: { name: 'inline', labels: { inline: 'csi' } }, spec })
    expect(made.spec.volumes).toContainEqual(volumes[0])
    expect((await ok('GET', `${core}/pods/inline`)).spec.volumes).toContainEqual(volumes[0])
    expect(names(await ok('GET', '/api/v1/pods?labelSelector=inline%3Dcsi'))).toEqual(['inline'])
    const patched = await ok('PATCH', `${core}/pods/inline`, { metadata: { labels: { patched: 'yes' } } }, merge)
    expect(patched.metadata.labels).toEqual({ inline: 'csi', patched: 'yes' })
    await ok('DELETE', `${core}/pods/inline?gracePeriodSeconds=0`)
    expect((await ask('GET', `${core}/pods/inline`)).code).toBe(404)
  })

  it('are found by a label that an update has changed', async () => {
    const found = async (time: string) => names(await ok('GET', `${pods}?labelSelector=time%3D${time}`))
    const made = await ok('POST', pods, aPod('labelled', {}, { labels: { time: 'first' } }))
    expect(await found('first')).toEqual(['labelled'])
    await ok('PUT', `${pods}/labelled`, { ...made, metadata: { ...made.metadata, labels: { time: 'second' } } })
    expect(await found('second')).toEqual(['labelled'])
    expect(await found('first')).toEqual([])
  })

  it('are deleted as a collection', async () => {
    const selector = 'labelSelector=type%3Dcollected'
    for (const name of ['d1', 'd2', 'd3']) await ok('POST', pods, aPod(name, {}, { labels: { type: 'collected' } }))
    expect(names(await ok('GET', `${pods}?${selector}`))).toEqual(['d1', 'd2', 'd3'])
    await ok('DELETE', `${pods}?${selector}&gracePeriodSeconds=0`)
    expect(names(await ok('GET', `${pods}?${selector}`))).toEqual([])
  })

  it('count what is wished of them: in updates of the spec, resizes, debugging, and deletion', async () => {
    const one = `${pods}/counted`
    const generation = async () => (await ok('GET', one)).metadata.generation as number
    const made = await ok('POST', pods, aPod('counted', { nodeName: 'one', tolerations: [] }))
    expect(made.metadata.generation).toBe(1)
    await ok('PATCH', one, { metadata: { labels, generation: 100 } }, merge)
    expect(await generation()).toBe(1)
    await ok('PATCH', one, { spec: { activeDeadlineSeconds: 5000 } }, merge)
    expect(await generation()).toBe(2)
    const debug = { spec: { ephemeralContainers: [{ name: 'debug', image: 'debug:1' }] } }
    await ok('PATCH', `${one}/ephemeralcontainers`, debug, 'application/strategic-merge-patch+json')
    expect(await generation()).toBe(3)
    const status = { status: { phase: 'Running', observedGeneration: 3 } }
    expect(await ok('PATCH', `${one}/status`, status, merge)).toMatchObject({ metadata: { generation: 3 }, ...status })
    await ok('DELETE', `${one}?gracePeriodSeconds=30`)
    expect(await generation()).toBe(4)
  })

  it('come to generation 500 after 499 updates', async () => {
    const one = `${pods}/busy`
    await ok('POST', pods, aPod('busy', { activeDeadlineSeconds: 10_000 }))
    for (let update = 1; update < 500; update++)
      await ok('PATCH', one, { spec: { activeDeadlineSeconds: 10_000 - update } }, merge)
    expect((await ok('GET', one)).metadata.generation).toBe(500)
  })

  it('take a second debugging container beside the first, and keep both', async () => {
    const one = `${pods}/debugged`
    await ok('POST', pods, aPod('debugged', { nodeName: 'one' }))
    const add = (name: string) =>
      ok(
        'PATCH',
        `${one}/ephemeralcontainers`,
        { spec: { ephemeralContainers: [{ name, image: 'debug:1' }] } },
        'application/strategic-merge-patch+json',
      )
    expect((await add('first')).spec.ephemeralContainers).toHaveLength(1)
    expect((await add('second')).spec.ephemeralContainers.map(({ name }: Content) => name).toSorted()).toEqual([
      'first',
      'second',
    ])
    const removed = await ask('PATCH', `${one}/ephemeralcontainers`, { spec: { ephemeralContainers: [] } }, merge)
    expect(removed.code).toBe(422)
  })

  it('are resized through their subresource, which shows the same pod', async () => {
    const one = `${pods}/resized`
    const resources = (cpu: string) => ({ requests: { cpu }, limits: { cpu: '2' } })
    await ok(
      'POST',
      pods,
      aPod('resized', { nodeName: 'one', containers: [{ ...container, resources: resources('1') }] }),
    )
    const current = await ok('GET', `${one}/resize`)
    const wanted = {
      ...current,
      spec: { ...current.spec, containers: [{ ...current.spec.containers[0], resources: resources('1500m') }] },
    }
    const resized = await ok('PUT', `${one}/resize`, wanted)
    expect(resized.spec.containers[0].resources).toEqual(resources('1500m'))
    expect(resized.metadata.generation).toBe(current.metadata.generation + 1)
    expect(await ok('GET', `${one}/resize`)).toEqual(await ok('GET', one))
  })
})

it('a namespace takes a finalizer of its spec and lets it go', async () => {
  const one = '/api/v1/namespaces/finalized'
  const mine = 'example.com/fake-finalizer'
  const made = await ok('POST', '/api/v1/namespaces', { metadata: { name: 'finalized' } })
  const withMine = { ...made, spec: { finalizers: [...made.spec.finalizers, mine] } }
  expect((await ok('PUT', `${one}/finalize`, withMine)).spec.finalizers).toContain(mine)
  const current = await ok('GET', one)
  expect(current.spec.finalizers).toEqual(['kubernetes', mine])
  const without = await ok('PUT', `${one}/finalize`, { ...current, spec: { finalizers: ['kubernetes'] } })
  expect(without.spec.finalizers).toEqual(['kubernetes'])
  expect((await ask('PUT', `${one}/finalize`, { ...without, spec: { finalizers: ['odd'] } })).code).toBe(422)
})

describe('a service that changes its type', () => {
  const services = `${core}/services`
  const ports = [{ port: 80, protocol: 'TCP' }]
  const outside = { type: 'ExternalName', externalName: 'example.com' }

  it('from ClusterIP to ExternalName has no address any more', async () => {
    const made = await ok('POST', services, {
      metadata: { name: 'cluster-external' },
      spec: { type: 'ClusterIP', ports },
    })
    expect(made.spec.clusterIP).toMatch(/^10\.96\./)
    const changed = await ok('PUT', `${services}/cluster-external`, { ...made, spec: { ...made.spec, ...outside } })
    expect(changed.spec).toMatchObject(outside)
    expect(changed.spec).not.toHaveProperty('clusterIP')
    expect(changed.spec).not.toHaveProperty('clusterIPs')
    expect((await ask('GET', `/apis/networking.k8s.io/v1/ipaddresses/${made.spec.clusterIP}`)).code).toBe(404)
  })

  it.each(['ClusterIP', 'NodePort'])('from ExternalName to %s gets what that has', async (type) => {
    const name = `external-${type.toLowerCase()}`
    const made = await ok('POST', services, { metadata: { name }, spec: outside })
    expect(made.spec).not.toHaveProperty('clusterIP')
    const { externalName: _name, ...spec } = made.spec
    const changed = await ok('PUT', `${services}/${name}`, { ...made, spec: { ...spec, type, ports } })
    expect(changed.spec.clusterIP).toMatch(/^10\.96\./)
    expect(changed.spec.clusterIPs).toEqual([changed.spec.clusterIP])
    expect(changed.spec).not.toHaveProperty('externalName')
    if (type === 'NodePort') expect(changed.spec.ports[0].nodePort).toBeGreaterThanOrEqual(30_000)
    else expect(changed.spec.ports[0]).not.toHaveProperty('nodePort')
  })

  it('from NodePort to ExternalName gives back its port and its address', async () => {
    const made = await ok('POST', services, { metadata: { name: 'node-external' }, spec: { type: 'NodePort', ports } })
    const { nodePort } = made.spec.ports[0]
    const changed = await ok('PUT', `${services}/node-external`, { ...made, spec: { ...made.spec, ...outside } })
    expect(changed.spec).not.toHaveProperty('clusterIP')
    expect(changed.spec.ports?.[0] ?? {}).not.toHaveProperty('nodePort')
    const taken = await ok('POST', services, {
      metadata: { name: 'taker' },
      spec: { type: 'NodePort', ports: [{ port: 80, nodePort }] },
    })
    expect(taken.spec.ports[0].nodePort).toBe(nodePort)
  })
})

describe('metadata', () => {
  it('says when an object was made for good', async () => {
    const made = await ok('POST', `${core}/configmaps`, { metadata: { name: 'dated' } })
    const other = { ...made, metadata: { ...made.metadata, creationTimestamp: '2020-01-01T00:00:00Z' } }
    expect((await ask('PUT', `${core}/configmaps/dated`, other)).object).toMatchObject({
      code: 422,
      message:
        'ConfigMap "dated" is invalid: metadata.creationTimestamp: Invalid value: "2020-01-01T00:00:00Z": field is immutable',
    })
  })

  it('cannot gain a finalizer in words of its own, nor have an event for an owner', async () => {
    const owner = { apiVersion: 'v1', kind: 'Event', name: 'a', uid: 'u' }
    const metadata = { name: 'odd', finalizers: ['mine'], ownerReferences: [owner] }
    const { object } = await ask('POST', `${core}/configmaps`, { metadata })
    expect(object.details.causes.map(({ field }: Content) => field)).toEqual([
      'metadata.ownerReferences',
      'metadata.finalizers[0]',
    ])
  })
})
