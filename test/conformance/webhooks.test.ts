/** What the conformance entries of admission webhooks describe, sentence by sentence; the webhook is behind a Service. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  mutatingWebhookConfiguration,
  validatingWebhookConfiguration,
} from '../../src-main/api/kinds/admissionregistration/webhook-configurations.ts'
import { configMap } from '../../src-main/api/kinds/core/config-map.ts'
import { namespace } from '../../src-main/api/kinds/core/namespace.ts'
import { pod } from '../../src-main/api/kinds/core/pod.ts'
import type { DynamicObject } from '../../src-main/api/meta/object.ts'
import type { RuleWithOperations } from '../../src-main/api/types/admissionregistration-v1.ts'
import type { SendOptions } from '../support/api-server.ts'
import { openClusterServers, type ClusterServers } from '../support/cluster-servers.ts'
import {
  aCronTab,
  aDefinition,
  aSpec,
  aVersion,
  cronTabsPath,
  definitionsPath,
  establish,
  served,
} from '../support/custom-resources.ts'
import { openWebhookLab, patched, type ReviewRequest, type WebhookLab } from '../support/webhook-lab.ts'

let servers: ClusterServers
let lab: WebhookLab
beforeAll(async () => {
  servers = await openClusterServers(['hook.default.svc'])
})
afterAll(() => servers.dispose())
beforeEach(async () => {
  lab = await openWebhookLab(servers)
})

const mutatingPath = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'
const mergePatch = 'application/merge-patch+json'
const inDefault = (name: string) => ({ namespace: 'default', name })
const aMap = (name: string, data: Record<string, string> = {}, where = 'default') => ({
  metadata: { name, namespace: where },
  data,
})
const createMap = (name: string, data?: Record<string, string>) => lab.client.create(configMap, aMap(name, data))
const aPod = (name: string, labels: Record<string, string> = {}) => ({
  metadata: { name, namespace: 'default', labels },
  spec: { containers: [{ name: 'c', image: 'x' }] },
})
const addKey = (key: string) => patched({ op: 'add', path: `/data/${key}`, value: 'yes' })
const rule = (resources: string[], operations = ['*'], changes: Partial<RuleWithOperations> = {}) => [
  { apiGroups: [''], apiVersions: ['v1'], operations, resources, ...changes },
]
const ofCronTabs = (operations = ['*'], apiVersions = ['*']) =>
  rule(['crontabs'], operations, { apiGroups: ['stable.example.com'], apiVersions })
const deny = { allowed: false, status: { message: 'this webhook denies all requests' } }
const denial = { code: 403, message: expect.stringContaining('denied the request: this webhook denies all requests') }

async function object(method: string, target: string, options?: SendOptions): Promise<DynamicObject> {
  const answer = await lab.send(method, target, options)
  if (answer.type === 'object') return answer.stored.object
  throw new Error(`${answer.type} is no object`)
}
const setOperation = (operation: string) =>
  ({
    type: 'json',
    operations: [{ op: 'replace', path: '/webhooks/0/rules/0/operations/0', value: operation }],
  }) as const

describe('webhook configurations', () => {
  it('of ten mutating webhooks are listed by label, and removed together', async () => {
    const labelSelector = 'e2e=ten'
    for (let index = 0; index < 10; index++) {
      await lab.mutating(`m${index}`, {})
      lab.at(`/m${index}`, () => addKey(`k${index}`))
      const patch = { metadata: { labels: { e2e: 'ten' } } }
      await lab.client.patch(mutatingWebhookConfiguration, { name: `m${index}` }, { type: 'merge', patch })
    }
    const { items } = await lab.client.list(mutatingWebhookConfiguration, { labelSelector })
    expect(items.map(({ metadata }) => metadata.name)).toEqual(Array.from({ length: 10 }, (_, index) => `m${index}`))
    expect(Object.keys((await createMap('a', { k: 'v' })).data ?? {})).toHaveLength(11)
    await lab.send('DELETE', `${mutatingPath}?labelSelector=${encodeURIComponent(labelSelector)}`)
    expect((await lab.client.list(mutatingWebhookConfiguration, { labelSelector })).items).toEqual([])
    expect((await createMap('b', { k: 'v' })).data).toEqual({ k: 'v' })
  })

  it('of a validating webhook may be updated and patched', async () => {
    await lab.validating('deny', { rules: rule(['configmaps'], ['CREATE']) })
    lab.at('/deny', () => deny)
    const registered = await lab.client.get(validatingWebhookConfiguration, { name: 'deny' })
    const webhooks = registered.webhooks?.map((one) => ({ ...one, rules: rule(['configmaps'], ['UPDATE']) })) ?? []
    await lab.client.update(validatingWebhookConfiguration, { ...registered, webhooks })
    await createMap('a')
    await lab.client.patch(validatingWebhookConfiguration, { name: 'deny' }, setOperation('CREATE'))
    await expect(createMap('b')).rejects.toMatchObject(denial)
  })

  it('of a mutating webhook keep their match conditions, before and after an update', async () => {
    const conditions = [{ name: 'not-leases', expression: '!(request.resource.group == "coordination.k8s.io")' }]
    await lab.mutating('some', { matchConditions: conditions })
    const created = await lab.client.get(mutatingWebhookConfiguration, { name: 'some' })
    expect(created.webhooks?.[0]?.matchConditions).toEqual(conditions)
    const more = [
      ...conditions,
      { name: 'not-rbac', expression: 'request.resource.group != "rbac.authorization.k8s.io"' },
    ]
    const webhooks = created.webhooks?.map((one) => ({ ...one, matchConditions: more })) ?? []
    await lab.client.update(mutatingWebhookConfiguration, { ...created, webhooks })
    const updated = await lab.client.get(mutatingWebhookConfiguration, { name: 'some' })
    expect(updated.webhooks?.[0]?.matchConditions).toEqual(more)
  })

  it('of a validating webhook cannot have a condition that does not compile', async () => {
    const matchConditions = [{ name: 'bad', expression: '... [] bad expression' }]
    await expect(lab.validating('bad', { matchConditions })).rejects.toMatchObject({
      ...{ code: 422, reason: 'Invalid' },
      message: expect.stringContaining('compilation failed'),
    })
  })

  it('are found in the discovery documents', async () => {
    const read = async (path: string): Promise<Record<string, unknown>> => {
      const answer = await lab.send('GET', path)
      if (answer.type === 'bytes') return JSON.parse(new TextDecoder().decode(answer.bytes)) as Record<string, unknown>
      if (answer.type === 'plain') return answer.object as Record<string, unknown>
      throw new Error(`${answer.type} is no document`)
    }
    const groupVersion = 'admissionregistration.k8s.io/v1'
    const offered = expect.objectContaining({ groupVersion, version: 'v1' })
    expect((await read('/apis'))['groups']).toContainEqual(
      expect.objectContaining({ name: 'admissionregistration.k8s.io', versions: expect.arrayContaining([offered]) }),
    )
    expect((await read('/apis/admissionregistration.k8s.io'))['versions']).toContainEqual(offered)
    const resources = (await read(`/apis/${groupVersion}`))['resources']
    for (const name of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'])
      expect(resources).toContainEqual(expect.objectContaining({ name }))
  })
})

describe('a webhook that admits pods and ConfigMaps', () => {
  const judge = ({ object: seen }: ReviewRequest): object | undefined => {
    if (seen?.metadata?.labels?.['webhook'] === 'hangs') return undefined
    const contrary = seen?.data?.['webhook'] === 'disallow' || seen?.metadata?.labels?.['webhook'] === 'disallow'
    return contrary ? { allowed: false, status: { message: 'it contains unwanted data' } } : { allowed: true }
  }
  const unwanted = { code: 403, message: expect.stringContaining('it contains unwanted data') }
  beforeEach(async () => {
    lab.at('/deny', judge)
    await lab.validating('deny', {
      rules: rule(['pods', 'configmaps'], ['CREATE', 'UPDATE']),
      namespaceSelector: { matchExpressions: [{ key: 'skip-webhook', operator: 'NotIn', values: ['yes'] }] },
    })
  })

  it('denies those that do not comply, and changes that make them so', async () => {
    await expect(lab.client.create(pod, aPod('bad', { webhook: 'disallow' }))).rejects.toMatchObject(unwanted)
    await expect(createMap('bad', { webhook: 'disallow' })).rejects.toMatchObject(unwanted)
    const good = await createMap('good', { webhook: 'allow' })
    await expect(lab.client.update(configMap, { ...good, data: { webhook: 'disallow' } })).rejects.toMatchObject(
      unwanted,
    )
    const patch = { type: 'merge', patch: { data: { webhook: 'disallow' } } } as const
    await expect(lab.client.patch(configMap, inDefault('good'), patch)).rejects.toMatchObject(unwanted)
    expect((await lab.client.get(configMap, inDefault('good'))).data).toEqual({ webhook: 'allow' })
  })

  it('is not waited for longer than it may take, and the pod is denied', async () => {
    const asked = Promise.withResolvers<undefined>()
    lab.at('/deny', (request) => (asked.resolve(undefined), judge(request) as object))
    const creation = lab.client.create(pod, aPod('hanging', { webhook: 'hangs' }))
    await asked.promise
    await Promise.all([
      expect(creation).rejects.toMatchObject({ code: 500, message: expect.stringContaining('deadline exceeded') }),
      lab.clock.advance(10_000),
    ])
    await expect(lab.client.get(pod, inDefault('hanging'))).rejects.toMatchObject({ code: 404 })
  })

  it('leaves alone the namespaces that its selector leaves out', async () => {
    await lab.client.create(namespace, { metadata: { name: 'free', labels: { 'skip-webhook': 'yes' } } })
    await lab.client.create(configMap, aMap('bad', { webhook: 'disallow' }, 'free'))
    expect(lab.asked).toEqual([])
  })
})

describe('a webhook that takes five seconds', () => {
  it.each([
    [1, 'Fail', 'is timed out'],
    [1, 'Ignore', 'passes'],
    [10, 'Fail', 'passes'],
    [undefined, 'Fail', 'passes'],
  ] as const)(
    'with a timeout of %s s and the policy %s: the request %s',
    async (timeoutSeconds, failurePolicy, end) => {
      const limit = timeoutSeconds === undefined ? {} : { timeoutSeconds }
      await lab.validating('slow', { ...limit, failurePolicy })
      const asked = Promise.withResolvers<undefined>()
      lab.at('/slow', () => {
        asked.resolve(undefined)
        return new Promise((resolve) => lab.clock.after(5000, () => resolve({ allowed: true })))
      })
      const creation = createMap('m')
      await asked.promise
      const outcome =
        end === 'passes'
          ? expect(creation).resolves.toMatchObject({ metadata: { name: 'm' } })
          : expect(creation).rejects.toMatchObject({ code: 500, message: expect.stringContaining('slow?timeout=1s') })
      await Promise.all([outcome, lab.clock.advance(5000)])
    },
  )
})

describe('a mutating webhook', () => {
  it('leaves out what its conditions name', async () => {
    await lab.mutating('most', {
      matchConditions: [{ name: 'skip-me', expression: "object.metadata.name != 'skip-me'" }],
    })
    lab.at('/most', () => addKey('mutated'))
    expect((await createMap('skip-me', { k: 'v' })).data).toEqual({ k: 'v' })
    expect((await createMap('other', { k: 'v' })).data).toEqual({ k: 'v', mutated: 'yes' })
  })
})

describe('custom resources', () => {
  const dataIn = (properties: string[]) =>
    aSpec(Object.fromEntries(properties.map((name) => [name, { type: 'string' }])))

  it('are not created, changed or deleted against the word of a webhook', async () => {
    await establish(lab, aDefinition([aVersion('v1', dataIn(['e2e']))]))
    await lab.send('POST', cronTabsPath, { body: aCronTab('old', { e2e: 'allow' }) })
    await lab.validating('deny', { rules: ofCronTabs(['CREATE', 'UPDATE', 'DELETE']) })
    lab.at('/deny', () => deny)
    await expect(lab.send('POST', cronTabsPath, { body: aCronTab('new', {}) })).rejects.toMatchObject(denial)
    const change = { contentType: mergePatch, body: { spec: { e2e: 'other' } } }
    await expect(lab.send('PATCH', `${cronTabsPath}/old`, change)).rejects.toMatchObject(denial)
    await expect(lab.send('DELETE', `${cronTabsPath}/old`)).rejects.toMatchObject(denial)
    expect((await object('GET', `${cronTabsPath}/old`))['spec']).toEqual({ e2e: 'allow' })
    expect(lab.asked.map(({ request }) => [request.operation, request.requestKind])).toEqual(
      ['CREATE', 'UPDATE', 'DELETE'].map((operation) => [
        operation,
        { group: 'stable.example.com', version: 'v1', kind: 'CronTab' },
      ]),
    )
  })

  it('are changed by webhooks', async () => {
    await establish(lab, aDefinition([aVersion('v1', dataIn(['start', 'one', 'two']))]))
    const stage = (adds: string) => patched({ op: 'add', path: `/spec/${adds}`, value: 'yes' })
    await lab.mutating('one', { rules: ofCronTabs(['CREATE']) })
    await lab.mutating('two', { rules: ofCronTabs(['CREATE']) })
    lab.at('/one', () => stage('one'))
    lab.at('/two', () => stage('two'))
    const created = await object('POST', cronTabsPath, { body: aCronTab('a', { start: 'yes' }) })
    expect(created['spec']).toEqual({ start: 'yes', one: 'yes', two: 'yes' })
  })

  it('keep of what webhooks add only what their schema has', async () => {
    await establish(lab, aDefinition([aVersion('v1', dataIn(['start', 'one']))]))
    await lab.mutating('both', { rules: ofCronTabs(['CREATE']) })
    lab.at('/both', () =>
      patched({ op: 'add', path: '/spec/one', value: 'yes' }, { op: 'add', path: '/spec/two', value: 'yes' }),
    )
    const created = await object('POST', cronTabsPath, { body: aCronTab('a', { start: 'yes' }) })
    expect(created['spec']).toEqual({ start: 'yes', one: 'yes' })
    expect((await object('GET', `${cronTabsPath}/a`))['spec']).toEqual({ start: 'yes', one: 'yes' })
  })

  it('are changed by webhooks also when they were stored in another version', async () => {
    const versions = (storage: string) =>
      ['v1', 'v2'].map((name) => aVersion(name, { ...dataIn(['start', 'dummy', 'one']), storage: name === storage }))
    const definition = aDefinition(versions('v1'))
    await establish(lab, definition)
    await lab.mutating('both', { rules: ofCronTabs(['CREATE', 'UPDATE']) })
    lab.at('/both', () => patched({ op: 'add', path: '/spec/one', value: 'yes' }))
    const created = await object('POST', cronTabsPath, { body: aCronTab('a', { start: 'yes' }) })
    expect(created).toMatchObject({ apiVersion: 'stable.example.com/v1', spec: { one: 'yes' } })
    await lab.send('PATCH', `${definitionsPath}/crontabs.stable.example.com`, {
      contentType: mergePatch,
      body: { spec: { versions: versions('v2') } },
    })
    await served(lab, definition)
    const changed = await object('PATCH', `${cronTabsPath}/a`, {
      contentType: mergePatch,
      body: { spec: { dummy: 'test' } },
    })
    expect(changed).toMatchObject({ spec: { start: 'yes', one: 'yes', dummy: 'test' } })
    expect((await object('GET', `${cronTabsPath.replace('/v1/', '/v2/')}/a`))['spec']).toEqual({
      ...{ start: 'yes', one: 'yes', dummy: 'test' },
    })
  })

  it('are not even defined against the word of a webhook', async () => {
    await lab.validating('deny', {
      rules: rule(['customresourcedefinitions'], ['CREATE'], {
        apiGroups: ['apiextensions.k8s.io'],
        apiVersions: ['*'],
      }),
    })
    lab.at('/deny', () => deny)
    await expect(lab.send('POST', definitionsPath, { body: aDefinition() })).rejects.toMatchObject(denial)
    await expect(lab.send('GET', `${definitionsPath}/crontabs.stable.example.com`)).rejects.toMatchObject({ code: 404 })
  })
})
