import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openClusterServers, type ClusterServers } from '../../../test/support/cluster-servers.ts'
import { openWebhookLab, patched, type WebhookLab } from '../../../test/support/webhook-lab.ts'
import {
  mutatingWebhookConfiguration,
  validatingWebhookConfiguration,
} from '../../api/kinds/admissionregistration/webhook-configurations.ts'
import { horizontalPodAutoscaler } from '../../api/kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { configMap } from '../../api/kinds/core/config-map.ts'
import { namespace } from '../../api/kinds/core/namespace.ts'
import { pod } from '../../api/kinds/core/pod.ts'
import type { AuditEvent } from '../audit/trail.ts'
import { MetricRegistry } from '../metrics.ts'

let servers: ClusterServers
let lab: WebhookLab
const audit: AuditEvent[] = []
const policy = { rules: [{ level: 'Metadata' as const }], omitStages: ['RequestReceived' as const] }
const metrics = new MetricRegistry()
beforeAll(async () => {
  servers = await openClusterServers(['hook.default.svc'])
})
afterAll(() => servers.dispose())
beforeEach(async () => {
  lab = await openWebhookLab(servers, { audit: { policy, sink: (event) => audit.push(event) }, metrics })
})

const aMap = (name: string, data: Record<string, string> = {}, labels?: Record<string, string>) => ({
  metadata: { name, namespace: 'default', ...(labels === undefined ? {} : { labels }) },
  data,
})
const create = (name: string, data?: Record<string, string>, labels?: Record<string, string>) =>
  lab.client.create(configMap, aMap(name, data, labels))
const addKey = (key: string) => patched({ op: 'add', path: `/data/${key}`, value: 'yes' })
const denied = { allowed: false, status: { message: 'the reason', code: 422, reason: 'Invalid' } }
const anyPod = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['pods', 'pods/*'] }]
const aPod = { metadata: { name: 'web', namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'x' }] } }

describe('a validating webhook', () => {
  it('is told everything about the request', async () => {
    await lab.validating('all', {})
    lab.at('/all', () => ({ allowed: true }))
    await create('a', { k: 'v' })
    expect(lab.asked[0]?.request).toMatchObject({
      operation: 'CREATE',
      ...{ name: 'a', namespace: 'default', dryRun: false, oldObject: null },
      kind: { group: '', version: 'v1', kind: 'ConfigMap' },
      resource: { group: '', version: 'v1', resource: 'configmaps' },
      requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
      requestResource: { group: '', version: 'v1', resource: 'configmaps' },
      userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      object: { apiVersion: 'v1', kind: 'ConfigMap', data: { k: 'v' } },
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    })
  })

  it('denies creations, updates, patches and deletions with its own words and code', async () => {
    await create('old', { good: 'yes' })
    await lab.validating('deny', {})
    lab.at('/deny', () => denied)
    const refusal = {
      ...{ code: 422, reason: 'Invalid' },
      message: 'admission webhook "w0.deny.example.com" denied the request: the reason',
    }
    const old = { namespace: 'default', name: 'old' }
    await expect(create('new')).rejects.toMatchObject(refusal)
    await expect(lab.client.update(configMap, aMap('old', { bad: 'yes' }))).rejects.toMatchObject(refusal)
    const patch = { type: 'merge', patch: { data: { bad: 'yes' } } } as const
    await expect(lab.client.patch(configMap, old, patch)).rejects.toMatchObject(refusal)
    await expect(lab.client.delete(configMap, old)).rejects.toMatchObject(refusal)
    expect(lab.asked.map(({ request }) => [request.operation, request.object?.data, request.oldObject?.data])).toEqual([
      ['CREATE', undefined, undefined],
      ['UPDATE', { bad: 'yes' }, { good: 'yes' }],
      ['UPDATE', { good: 'yes', bad: 'yes' }, { good: 'yes' }],
      ['DELETE', undefined, { good: 'yes' }],
    ])
    expect(await lab.client.get(configMap, old)).toMatchObject({ data: { good: 'yes' } })
  })

  it.each([
    [{}, 403, 'denied the request without explanation'],
    [{ status: { reason: 'NotToday' } }, 403, 'denied the request: NotToday'],
    [{ status: { message: 'no', code: 200 } }, 403, 'denied the request: no'],
  ])('that denies with %j', async (answer, code, words) => {
    await lab.validating('deny', {})
    lab.at('/deny', () => ({ allowed: false, ...answer }))
    await expect(create('new')).rejects.toMatchObject({
      code,
      message: `admission webhook "w0.deny.example.com" ${words}`,
    })
  })

  it('is not asked about what its selectors leave out', async () => {
    await lab.client.create(namespace, { metadata: { name: 'free', labels: { skip: 'yes' } } })
    const namespaceSelector = { matchExpressions: [{ key: 'skip', operator: 'DoesNotExist' }] }
    await lab.validating('deny', { namespaceSelector, objectSelector: { matchLabels: { strict: 'yes' } } })
    lab.at('/deny', () => denied)
    await create('plain')
    await lab.client.create(configMap, { metadata: { name: 'm', namespace: 'free', labels: { strict: 'yes' } } })
    expect(lab.asked).toEqual([])
    await expect(create('labelled', {}, { strict: 'yes' })).rejects.toMatchObject({ code: 422 })
  })

  it('is asked only when its conditions hold, and refuses when they cannot be told unless it may fail', async () => {
    const conditions = (expression: string) => [{ name: 'c', expression }]
    await lab.validating('deny', { matchConditions: conditions('object.metadata.name != "skip-me"') })
    lab.at('/deny', () => denied)
    await create('skip-me')
    await expect(create('other')).rejects.toMatchObject({ code: 422 })
    const change = async (path: string, value: string): Promise<void> => {
      const operations = [{ op: 'replace', path: `/webhooks/0/${path}`, value }]
      await lab.client.patch(validatingWebhookConfiguration, { name: 'deny' }, { type: 'json', operations })
    }
    await change('matchConditions/0/expression', 'object.data.absent == "x"')
    await expect(create('unclear')).rejects.toMatchObject({ code: 403 })
    await change('failurePolicy', 'Ignore')
    await create('unclear')
    const stored = await lab.client.get(validatingWebhookConfiguration, { name: 'deny' })
    expect(stored.webhooks?.[0]?.matchConditions).toEqual(conditions('object.data.absent == "x"'))
    await expect(lab.mutating('wrong', { matchConditions: conditions('...') })).rejects.toMatchObject({
      ...{ code: 422, reason: 'Invalid' },
      message: expect.stringContaining('compilation failed'),
    })
  })

  it('hears of a dry run', async () => {
    await lab.validating('see', {})
    lab.at('/see', () => ({ allowed: true }))
    await lab.send('POST', '/api/v1/namespaces/default/configmaps?dryRun=All', { body: { metadata: { name: 'd' } } })
    expect(lab.asked[0]?.request).toMatchObject({ dryRun: true, options: { dryRun: ['All'] } })
  })

  it('warns the client, and leaves its notes in the audit record', async () => {
    await lab.validating('warn', {})
    lab.at('/warn', () => ({ allowed: true, warnings: ['mind the gap'], auditAnnotations: { seen: 'today' } }))
    const path = '/api/v1/namespaces/default/configmaps'
    await lab.send('POST', path, { body: { metadata: { name: 'w' } } })
    expect(lab.warnings).toEqual(['mind the gap'])
    expect(audit.findLast((event) => event['requestURI'] === path)).toMatchObject({
      annotations: { 'w0.warn.example.com/seen': 'today' },
    })
  })

  it('is asked at the same time as all others', async () => {
    await lab.validating('first', {})
    await lab.validating('second', {})
    const waits: (() => void)[] = []
    lab.at('/first', () => undefined)
    lab.at('/second', () => (waits.forEach((go) => go()), denied))
    await expect(
      Promise.all([create('x'), new Promise<void>((go) => waits.push(go)).then(() => lab.clock.advance(10_000))]),
    ).rejects.toThrow('context deadline exceeded')
  })

  it('is counted', async () => {
    await lab.validating('count', {})
    lab.at('/count', () => denied)
    await create('x').catch(() => undefined)
    const labels = 'name="w0.count.example.com",type="validating",operation="CREATE"'
    expect(metrics.text()).toContain(
      `apiserver_admission_webhook_rejection_count{${labels},error_type="no_error",rejection_code="422"} 1`,
    )
    expect(metrics.text()).toContain(
      `apiserver_admission_webhook_request_total{${labels},rejected="true",code="200"} 1`,
    )
  })
})

describe('a webhook that does not answer as it must', () => {
  const review = (response: object, more: object = {}) =>
    JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', ...more, response })
  const answers: [string, string | object, RegExp][] = [
    ['nonsense', 'junk', /failed to call webhook: couldn't decode/],
    ['for another question', { uid: 'other', allowed: true }, /expected response\.uid="[-0-9a-f]{36}", got "other"/],
    ['in an old version', review({ allowed: true }, { apiVersion: 'admission.k8s.io/v1beta1' }), /expected webhook/],
    ['without a response', '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}', /response was absent/],
    ['with a patch that it may not give', addKey('k'), /validating webhook may not return response\.patch/],
  ]
  it.each(answers)(
    'answers %s: the request fails, or passes where that is the policy',
    async (_what, answer, words) => {
      await lab.validating('bad', {})
      lab.at('/bad', () => answer)
      await expect(create('x')).rejects.toMatchObject({
        ...{ code: 500, reason: 'InternalError' },
        message: expect.stringMatching(words),
      })
      await expect(create('x')).rejects.toThrow(
        'Internal error occurred: failed calling webhook "w0.bad.example.com": ',
      )
      const ignore = {
        type: 'json',
        operations: [{ op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' }],
      } as const
      await lab.client.patch(validatingWebhookConfiguration, { name: 'bad' }, ignore)
      await create('x')
    },
  )

  it('is waited for as long as its configuration says', async () => {
    await lab.validating('slow', { timeoutSeconds: 1 })
    const asked = Promise.withResolvers<undefined>()
    lab.at('/slow', () => void asked.resolve(undefined))
    const creation = create('x')
    await asked.promise
    await Promise.all([
      expect(creation).rejects.toThrow(
        'failed to call webhook: Post "https://hook.default.svc:443/slow?timeout=1s": context deadline exceeded',
      ),
      lab.clock.advance(1000),
    ])
  })

  it('cannot be called without being trusted: everything that needs it is refused', async () => {
    const service = { namespace: 'default', name: 'hook', path: '/closed' }
    await lab.validating('closed', { clientConfig: { service } })
    await expect(create('x')).rejects.toMatchObject({
      ...{ code: 500, reason: 'InternalError' },
      message: expect.stringContaining('certificate signed by unknown authority'),
    })
  })
})

describe('mutating webhooks', () => {
  it('change the object one after the other, each seeing what the one before has done', async () => {
    const staged = (needs: string, adds: string) => (request: { object: { data?: object } | null }) =>
      needs in (request.object?.data ?? {}) ? addKey(adds) : { allowed: true }
    await lab.mutating('stage-2', {})
    await lab.mutating('stage-1', {})
    lab.at('/stage-1', staged('start', 'one'))
    lab.at('/stage-2', staged('one', 'two'))
    expect(await create('m', { start: 'yes' })).toMatchObject({ data: { start: 'yes', one: 'yes', two: 'yes' } })
    expect(await create('n', { other: 'yes' })).toMatchObject({ data: { other: 'yes' } })
  })

  it('leave it to the server to complete and check what they add', async () => {
    await lab.mutating('init', { rules: anyPod })
    lab.at('/init', () =>
      patched({ op: 'add', path: '/spec/initContainers', value: [{ name: 'i', image: 'x', unknown: 1 }] }),
    )
    const { spec } = await lab.client.create(pod, aPod)
    expect(spec?.initContainers?.[0]).toMatchObject({ name: 'i', terminationMessagePolicy: 'File' })
    expect(spec?.initContainers?.[0]).not.toHaveProperty('unknown')
    lab.at('/init', () => patched({ op: 'add', path: '/spec/initContainers', value: [{ name: 'Not A Name' }] }))
    const other = { ...aPod, metadata: { ...aPod.metadata, name: 'other' } }
    await expect(lab.client.create(pod, other)).rejects.toMatchObject({ code: 422, reason: 'Invalid' })
  })

  it('are not asked about a creation when their rules leave it out, until they are changed', async () => {
    const only = (operation: string) => [
      { apiGroups: [''], apiVersions: ['v1'], operations: [operation], resources: ['configmaps'] },
    ]
    await lab.mutating('some', { rules: only('UPDATE') })
    lab.at('/some', () => addKey('added'))
    expect((await create('a', { k: 'v' })).data).toEqual({ k: 'v' })
    const operations = [{ op: 'replace', path: '/webhooks/0/rules/0/operations/0', value: 'CREATE' }]
    await lab.client.patch(mutatingWebhookConfiguration, { name: 'some' }, { type: 'json', operations })
    expect((await create('b', { k: 'v' })).data).toEqual({ k: 'v', added: 'yes' })
    await lab.client.delete(mutatingWebhookConfiguration, { name: 'some' })
    expect((await create('c', { k: 'v' })).data).toEqual({ k: 'v' })
  })

  it('are called again when they wish to see what came after them', async () => {
    await lab.mutating('a-counter', { reinvocationPolicy: 'IfNeeded' })
    await lab.mutating('b-changer', { reinvocationPolicy: 'IfNeeded' })
    await lab.mutating('c-once', {})
    lab.at('/a-counter', ({ object }) =>
      patched({ op: 'add', path: '/data/keys', value: String(Object.keys(object?.data ?? {}).length) }),
    )
    lab.at('/b-changer', () => addKey('changed'))
    lab.at('/c-once', () => ({ allowed: true }))
    expect(await create('m', { k: 'v' })).toMatchObject({ data: { keys: '3', changed: 'yes' } })
    const first = ['/a-counter', '/b-changer', '/c-once']
    expect(lab.asked.map(({ path }) => path)).toEqual([...first, '/a-counter', '/b-changer'])
  })

  const bad: [string, object, RegExp][] = [
    ['does not fit', patched({ op: 'remove', path: '/spec/nothing' }), /there is nothing at/],
    ['is no patch', patched({ op: 'frobnicate', path: '/data' }), /Unexpected kind of operation/],
    ['leaves no object', patched({ op: 'replace', path: '', value: [7] }), /leaves no object/],
    [
      'makes something else of it',
      patched({ op: 'replace', path: '/kind', value: 'Pod' }),
      /makes a Pod of a ConfigMap/,
    ],
    ['has fields of the wrong type', patched({ op: 'replace', path: '/data', value: 7 }), /cannot be handled/],
    ['is not base64 of JSON', { allowed: true, patchType: 'JSONPatch', patch: 'e' }, /base64/],
    ['is of another type', { allowed: true, patchType: 'Merge', patch: 'e30=' }, /invalid response\.patchType/],
    ['has no type', { allowed: true, patch: 'e30=' }, /patch but not response\.patchType/],
    ['renames it', patched({ op: 'replace', path: '/metadata/name', value: 'z' }), /name of the provided object/],
  ]
  it.each(bad)('may not send a patch that %s', async (_what, answer, words) => {
    await lab.mutating('bad', {})
    lab.at('/bad', () => answer)
    await expect(create('x', { k: 'v' })).rejects.toThrow(words)
    await expect(lab.client.get(configMap, { namespace: 'default', name: 'x' })).rejects.toMatchObject({ code: 404 })
  })

  it('cannot change what is the server’s to say', async () => {
    await lab.mutating('forge', {})
    lab.at('/forge', () =>
      patched(
        { op: 'replace', path: '/metadata/uid', value: 'forged' },
        { op: 'add', path: '/metadata/labels', value: { a: 'b' } },
      ),
    )
    const { metadata } = await create('m')
    expect(metadata.uid).toMatch(/^[-0-9a-f]{36}$/)
    expect(metadata.labels).toEqual({ a: 'b' })
  })

  it('may refuse a deletion, but have nothing to change in it', async () => {
    await create('m')
    await lab.mutating('del', { rules: [{ ...anyPod[0], operations: ['DELETE'], resources: ['configmaps'] }] })
    lab.at('/del', () => addKey('x'))
    const m = { namespace: 'default', name: 'm' }
    await expect(lab.client.delete(configMap, m)).rejects.toThrow(/attempted to modify the object/)
    lab.at('/del', () => denied)
    await expect(lab.client.delete(configMap, m)).rejects.toMatchObject({ code: 422 })
    lab.at('/del', () => ({ allowed: true }))
    await lab.client.delete(configMap, m)
  })

  it('see and change another version of the resource when their rules name that one', async () => {
    const rules = [
      { apiGroups: ['autoscaling'], apiVersions: ['v1'], operations: ['*'], resources: ['horizontalpodautoscalers'] },
    ]
    await lab.mutating('old', { rules })
    lab.at('/old', () => patched({ op: 'add', path: '/spec/targetCPUUtilizationPercentage', value: 70 }))
    const created = await lab.client.create(horizontalPodAutoscaler, {
      metadata: { name: 'h', namespace: 'default' },
      spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' } },
    })
    expect(lab.asked[0]?.request).toMatchObject({
      kind: { group: 'autoscaling', version: 'v1', kind: 'HorizontalPodAutoscaler' },
      requestKind: { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' },
      object: { apiVersion: 'autoscaling/v1' },
    })
    expect(created).toMatchObject({
      spec: { metrics: [{ type: 'Resource', resource: { target: { averageUtilization: 70 } } }] },
    })
    await lab.mutating('exact', { rules, matchPolicy: 'Exact' })
    await lab.client.delete(mutatingWebhookConfiguration, { name: 'old' })
    await lab.client.delete(horizontalPodAutoscaler, { namespace: 'default', name: 'h' })
    expect(lab.asked.filter(({ path }) => path === '/exact')).toEqual([])
  })
})

describe('webhook configurations', () => {
  it('are never shown to webhooks: a wrong one can always be mended', async () => {
    const rules = [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] }]
    await lab.validating('everything', { rules })
    await lab.mutating('everything', { rules })
    lab.at('/everything', () => denied)
    await lab.validating('another', {})
    const found = await lab.client.get(validatingWebhookConfiguration, { name: 'another' })
    expect(found.metadata.labels).toBeUndefined()
    for (const name of ['another', 'everything']) await lab.client.delete(validatingWebhookConfiguration, { name })
    expect(lab.asked).toEqual([])
  })

  it('are listed by label and removed together', async () => {
    const labels = { group: 'ten' }
    for (let index = 0; index < 10; index++) {
      await lab.validating(`v${index}`, {})
      lab.at(`/v${index}`, () => denied)
      const patch = { metadata: { labels } }
      await lab.client.patch(validatingWebhookConfiguration, { name: `v${index}` }, { type: 'merge', patch })
    }
    const { items } = await lab.client.list(validatingWebhookConfiguration, { labelSelector: 'group=ten' })
    expect(items).toHaveLength(10)
    await expect(create('x')).rejects.toMatchObject({ code: 422 })
    const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
    await lab.send('DELETE', `${path}?labelSelector=group%3Dten`)
    await create('x')
  })
})
