import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openClusterServers, type ClusterServers } from '../../../test/support/cluster-servers.ts'
import { aCronTab, aDefinition, aVersion, cronTabsPath, establish } from '../../../test/support/custom-resources.ts'
import { openWebhookLab, patched, type WebhookLab } from '../../../test/support/webhook-lab.ts'
import { deployment } from '../../api/kinds/apps/deployment.ts'
import { node } from '../../api/kinds/core/node.ts'
import { pod } from '../../api/kinds/core/pod.ts'
import { serviceAccount } from '../../api/kinds/core/service-account.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { MutatingWebhook } from '../../api/types/admissionregistration-v1.ts'

let servers: ClusterServers
let lab: WebhookLab
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const serviceAccountKeys = {
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
}
beforeAll(async () => {
  servers = await openClusterServers(['hook.default.svc'])
})
afterAll(() => servers.dispose())

const podPath = '/api/v1/namespaces/default/pods/web'
const mergePatch = 'application/merge-patch+json'
const about = (apiGroup: string, ...resources: string[]): Partial<MutatingWebhook> => ({
  rules: [{ apiGroups: [apiGroup], apiVersions: ['*'], operations: ['*'], resources }],
})
const gvk = (group: string, version: string, kind: string) => ({ group, version, kind })

beforeEach(async () => {
  lab = await openWebhookLab(servers, { serviceAccountKeys })
  lab.at('/see', () => ({ allowed: true }))
  await lab.client.create(node, { metadata: { name: 'n1' } })
  await lab.client.create(serviceAccount, { metadata: { name: 'default', namespace: 'default' } })
  await lab.client.create(pod, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'x' }] },
  })
})

/** What the webhook was told of, without what is the same in all of them. */
const seen = () =>
  lab.asked.map(({ request }) => {
    const { operation, name, kind, requestKind, resource, subResource, object, oldObject } = request
    expect(requestKind).toEqual(kind)
    const [now, before] = [object, oldObject].map((one) => one?.['kind'])
    return { operation, name, kind, resource: `${resource.resource}/${subResource ?? ''}`, now, before }
  })
const bind = () =>
  lab.send('POST', `${podPath}/binding`, { body: { metadata: { name: 'web' }, target: { kind: 'Node', name: 'n1' } } })

describe('webhooks hear of subresources as what they are', () => {
  it('of a Binding and an Eviction of a pod, and of nothing that follows from them', async () => {
    await lab.validating('see', about('', 'pods', 'pods/*'))
    await bind()
    await lab.send('PATCH', `${podPath}/status`, {
      contentType: mergePatch,
      body: { status: { phase: 'Running' } },
    })
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'web' } }
    await lab.send('POST', `${podPath}/eviction`, { body: eviction })
    expect(seen()).toEqual([
      {
        ...{ operation: 'CREATE', name: 'web', kind: gvk('', 'v1', 'Binding') },
        ...{ resource: 'pods/binding', now: 'Binding', before: undefined },
      },
      {
        ...{ operation: 'UPDATE', name: 'web', kind: gvk('', 'v1', 'Pod') },
        ...{ resource: 'pods/status', now: 'Pod', before: 'Pod' },
      },
      {
        ...{ operation: 'CREATE', name: 'web', kind: gvk('policy', 'v1', 'Eviction') },
        ...{ resource: 'pods/eviction', now: 'Eviction', before: undefined },
      },
    ])
  })

  it('of a Binding that is posted as an object of its own', async () => {
    await lab.validating('see', about('', 'bindings'))
    await lab.send('POST', '/api/v1/namespaces/default/bindings', {
      body: { metadata: { name: 'web' }, target: { kind: 'Node', name: 'n1' } },
    })
    expect(seen()).toMatchObject([{ name: 'web', kind: gvk('', 'v1', 'Binding'), resource: 'bindings/' }])
  })

  it('of the pod that is resized or debugged, and of a Namespace that is finalized', async () => {
    await lab.validating('see', about('', 'pods/resize', 'pods/ephemeralcontainers', 'namespaces/finalize'))
    const spec = { ephemeralContainers: [{ name: 'debug', image: 'x' }] }
    await lab.send('PATCH', `${podPath}/ephemeralcontainers`, { contentType: mergePatch, body: { spec } })
    const resources = { requests: { cpu: '1' }, limits: { cpu: '1' } }
    await lab
      .send('PATCH', `${podPath}/resize`, {
        contentType: 'application/strategic-merge-patch+json',
        body: { spec: { containers: [{ name: 'c', resources }] } },
      })
      .catch((error: unknown) => error)
    const namespace = { metadata: { name: 'default' }, spec: { finalizers: ['kubernetes'] } }
    await lab.send('PUT', '/api/v1/namespaces/default/finalize', { body: namespace })
    expect(seen().map(({ resource, now, before }) => [resource, now, before])).toEqual([
      ['pods/ephemeralcontainers', 'Pod', 'Pod'],
      ['namespaces/finalize', 'Namespace', 'Namespace'],
    ])
  })

  it('of the Scale of a Deployment and of a custom resource, as it was and as it is to be', async () => {
    const labels = { app: 'a' }
    await lab.client.create(deployment, {
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        ...{ replicas: 1, selector: { matchLabels: labels } },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'x' }] } },
      },
    })
    const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' }
    await establish(lab, aDefinition([aVersion('v1', { subresources: { scale } })]))
    await lab.send('POST', cronTabsPath, { body: aCronTab('a', { replicas: 1 }) })
    await lab.validating('see', about('*', 'deployments', 'deployments/scale', 'crontabs', 'crontabs/scale'))
    const body = { spec: { replicas: 3 } }
    for (const path of ['/apis/apps/v1/namespaces/default/deployments/web', `${cronTabsPath}/a`])
      await lab.send('PATCH', `${path}/scale`, { contentType: mergePatch, body })
    const kind = gvk('autoscaling', 'v1', 'Scale')
    expect(seen()).toEqual([
      { operation: 'UPDATE', name: 'web', kind, resource: 'deployments/scale', now: 'Scale', before: 'Scale' },
      { operation: 'UPDATE', name: 'a', kind, resource: 'crontabs/scale', now: 'Scale', before: 'Scale' },
    ])
    expect(lab.asked[0]?.request).toMatchObject({
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      ...{ object: { spec: { replicas: 3 } }, oldObject: { spec: { replicas: 1 } } },
    })
  })

  it('of tokens that are asked for and of questions about rights', async () => {
    await lab.validating('see', about('*', 'serviceaccounts/token', 'subjectaccessreviews', 'tokenreviews'))
    const account = '/api/v1/namespaces/default/serviceaccounts'
    await lab.send('POST', account, { body: { metadata: { name: 'robot' } } })
    await lab.send('POST', `${account}/robot/token`, { body: { spec: { audiences: ['here'] } } })
    const review = { spec: { user: 'x', nonResourceAttributes: { path: '/', verb: 'get' } } }
    await lab.send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { body: review })
    await lab.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body: { spec: { token: 'x' } } })
    expect(seen().map(({ operation, kind, resource }) => [operation, kind, resource])).toEqual([
      ['CREATE', gvk('authentication.k8s.io', 'v1', 'TokenRequest'), 'serviceaccounts/token'],
      ['CREATE', gvk('authorization.k8s.io', 'v1', 'SubjectAccessReview'), 'subjectaccessreviews/'],
      ['CREATE', gvk('authentication.k8s.io', 'v1', 'TokenReview'), 'tokenreviews/'],
    ])
  })

  it('of connections, which have no options but those that they are', async () => {
    await lab.validating('see', about('', 'pods/*', 'services/proxy', 'nodes/proxy'))
    lab.at('/see', () => ({ allowed: false }))
    const paths = [
      `${podPath}/exec?command=ls&command=-l&stdout=true`,
      `${podPath}/attach?stdout=true`,
      `${podPath}/portforward`,
      `${podPath}/proxy/x`,
      '/api/v1/namespaces/default/services/hook/proxy/y',
      '/api/v1/nodes/n1/proxy/z',
    ]
    for (const path of paths) await expect(lab.send('GET', path)).rejects.toMatchObject({ code: 403 })
    expect(seen().map(({ operation, kind, resource, now }) => [operation, kind.kind, resource, now])).toEqual([
      ['CONNECT', 'PodExecOptions', 'pods/exec', 'PodExecOptions'],
      ['CONNECT', 'PodAttachOptions', 'pods/attach', 'PodAttachOptions'],
      ['CONNECT', 'PodPortForwardOptions', 'pods/portforward', 'PodPortForwardOptions'],
      ['CONNECT', 'PodProxyOptions', 'pods/proxy', 'PodProxyOptions'],
      ['CONNECT', 'ServiceProxyOptions', 'services/proxy', 'ServiceProxyOptions'],
      ['CONNECT', 'NodeProxyOptions', 'nodes/proxy', 'NodeProxyOptions'],
    ])
    expect(lab.asked.map(({ request }) => request.options)).toEqual(paths.map(() => null))
    expect(lab.asked[0]?.request.object).toMatchObject({ command: ['ls', '-l'], stdout: true })
  })
})

describe('webhooks may change', () => {
  it('a Binding: the annotations go to the pod, and the node is the one that the webhook names', async () => {
    await lab.client.create(node, { metadata: { name: 'n2' } })
    await lab.mutating('change', about('', 'pods/binding'))
    lab.at('/change', () =>
      patched(
        { op: 'add', path: '/metadata/annotations', value: { by: 'webhook' } },
        { op: 'replace', path: '/target/name', value: 'n2' },
      ),
    )
    await bind()
    const { metadata, spec } = await lab.client.get(pod, { namespace: 'default', name: 'web' })
    expect([metadata.annotations?.['by'], spec?.nodeName]).toEqual(['webhook', 'n2'])
  })

  it('a Scale, and no other kind of object of it', async () => {
    const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' }
    await establish(lab, aDefinition([aVersion('v1', { subresources: { scale } })]))
    await lab.send('POST', cronTabsPath, { body: aCronTab('a', { replicas: 1 }) })
    await lab.mutating('change', about('*', 'crontabs/scale'))
    lab.at('/change', () => patched({ op: 'replace', path: '/spec/replicas', value: 7 }))
    const body = { contentType: mergePatch, body: { spec: { replicas: 3 } } }
    const answer = await lab.send('PATCH', `${cronTabsPath}/a/scale`, body)
    expect(answer.type === 'object' && answer.stored.object).toMatchObject({ spec: { replicas: 7 } })
    lab.at('/change', () => patched({ op: 'replace', path: '/kind', value: 'CronTab' }))
    await expect(lab.send('PATCH', `${cronTabsPath}/a/scale`, body)).rejects.toThrow('makes a CronTab of a Scale')
  })

  it('of an object no more than the request itself may', async () => {
    await lab.mutating('change', about('', 'pods', 'pods/status'))
    lab.at('/change', ({ subResource }) =>
      subResource === 'status'
        ? patched({ op: 'add', path: '/spec/nodeSelector', value: { a: 'b' } })
        : patched({ op: 'replace', path: '/status/phase', value: 'Failed' }),
    )
    const change = async (path: string, body: object): Promise<DynamicObject> => {
      const answer = await lab.send('PATCH', path, { contentType: mergePatch, body })
      if (answer.type !== 'object') throw new Error('no object')
      return answer.stored.object
    }
    const running = await change(`${podPath}/status`, { status: { phase: 'Running' } })
    expect(running).toMatchObject({ status: { phase: 'Running' } })
    expect(running['spec']).not.toHaveProperty('nodeSelector')
    const labelled = await change(podPath, { metadata: { labels: { a: 'b' } } })
    expect(labelled).toMatchObject({ metadata: { labels: { a: 'b' } }, status: { phase: 'Running' } })
  })
})

describe('the versions of a custom resource that a conversion webhook translates', () => {
  it('are what admission webhooks see when their rules name another one, before and after each other', async () => {
    const text = { type: 'string' }
    const schema = (properties: object) => ({
      openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } } as const,
    })
    const versions = [
      aVersion('v1', { schema: schema({ hostPort: text }) as never }),
      aVersion('v2', { schema: schema({ host: text, port: text, by: text }) as never, storage: false }),
    ]
    const clientConfig = { url: 'https://hook.example.com/convert' }
    const convert = (one: DynamicObject, apiVersion: string): DynamicObject => {
      const spec = one['spec'] as Record<string, string>
      if (!apiVersion.endsWith('v2'))
        return { ...one, apiVersion, spec: { hostPort: `${spec['host']}:${spec['port']}` } }
      const [host = '', port = ''] = (spec['hostPort'] ?? '').split(':')
      return { ...one, apiVersion, spec: { host, port } }
    }
    type Review = {
      request: { uid: string; desiredAPIVersion: string; objects: DynamicObject[]; object: DynamicObject }
    }
    const admissions: DynamicObject[] = []
    lab = await openWebhookLab(servers, {
      webhookClient: {
        async post(config, body) {
          const { request } = body as Review
          if (config.url !== clientConfig.url) {
            admissions.push(request.object)
            const patch = patched({ op: 'replace', path: '/spec/port', value: `${admissions.length}` })
            const response = { uid: request.uid, ...patch }
            return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }
          }
          const convertedObjects = request.objects.map((one) => convert(one, request.desiredAPIVersion))
          const response = { uid: request.uid, result: { status: 'Success' }, convertedObjects }
          return { kind: 'ConversionReview', apiVersion: 'apiextensions.k8s.io/v1', response }
        },
        dispose: () => undefined,
      },
    })
    const conversion = { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } }
    await establish(lab, aDefinition(versions, { conversion }))
    const rules = [
      { apiGroups: ['stable.example.com'], apiVersions: ['v2'], operations: ['*'], resources: ['crontabs'] },
    ]
    await lab.mutating(
      'both',
      { rules },
      { rules, matchConditions: [{ name: 'c', expression: 'object.spec.port == "1"' }] },
    )
    const answer = await lab.send('POST', cronTabsPath, { body: aCronTab('a', { hostPort: 'h:0' }) })
    expect(admissions.map((one) => [one.apiVersion, one['spec']])).toEqual([
      ['stable.example.com/v2', { host: 'h', port: '0' }],
      ['stable.example.com/v2', { host: 'h', port: '1' }],
    ])
    expect(answer.type === 'object' && answer.stored.object['spec']).toEqual({ hostPort: 'h:2' })
  })
})
