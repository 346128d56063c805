import type { RequestListener } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../../test/support/api-server.ts'
import {
  openClusterServers,
  publish,
  type ClusterServers,
  type PodServer,
} from '../../../test/support/cluster-servers.ts'
import { until } from '../../../test/support/until.ts'
import { apiService } from '../../api/kinds/apiregistration/api-service.ts'
import { configMap } from '../../api/kinds/core/config-map.ts'
import { endpointSlice } from '../../api/kinds/discovery/endpoint-slice.ts'
import { findCondition } from '../../api/meta/conditions.ts'
import type { Answer } from '../request.ts'

const group = 'wardle.example.com'
const base = `/apis/${group}/v1alpha1`
const name = `v1alpha1.${group}`

/** What the last request for a flunder has shown of its sender. */
let sender: { readonly certificate: string; readonly headers: Record<string, unknown> } | undefined
const listener: RequestListener = (request, response) => {
  const [path = ''] = (request.url ?? '').split('?')
  const json = (content: object): void => void response.end(JSON.stringify(content))
  const verbs = ['create', 'get', 'list']
  if (path === base)
    return json({
      ...{ kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${group}/v1alpha1` },
      resources: [
        { name: 'flunders', singularName: 'flunder', namespaced: true, kind: 'Flunder', verbs, shortNames: ['fl'] },
        { name: 'flunders/status', singularName: '', namespaced: true, kind: 'Flunder', verbs: ['get'] },
      ],
    })
  if (path === '/openapi/v3')
    return json({ paths: { [`apis/${group}/v1alpha1`]: { serverRelativeURL: '/doc?hash=1' } } })
  if (path.endsWith('/dies')) {
    response.writeHead(200).write('{"half":', () => request.socket.destroy())
    return
  }
  if (!path.includes('/flunders')) return void response.writeHead(404).end('{}')
  const { subject } = (request.socket as TLSSocket).getPeerCertificate()
  sender = { certificate: String(subject?.CN), headers: request.headers }
  json({ kind: 'Flunder', path: request.url, method: request.method })
}

let servers: ClusterServers
let test: TestServer
let remote: PodServer
beforeAll(async () => {
  servers = await openClusterServers(['api.default.svc'])
  const { pki } = servers
  const extension = { clientCa: pki.ca, requestHeaderCa: pki.frontProxy.ca, proxyClient: pki.frontProxy.client }
  test = await startTestServer({ nodeAgents: servers.nodeAgents, extension })
  remote = await servers.start(listener, { asksForCertificate: pki.frontProxy.ca })
})
afterAll(async () => {
  await test.server.dispose()
  await servers.dispose()
})

const available = async (what: string): Promise<string> => {
  const { status } = await test.client.get(apiService, { name: what })
  const { status: is = 'Unknown', reason = '' } = findCondition(status?.conditions, 'Available') ?? {}
  return `${is} ${reason}`
}
const becomes = (expected: string): Promise<true> =>
  until(
    `${name} ${expected}`,
    async () => {
      await test.clock.advance(1000)
      return (await available(name)) === expected
    },
    10_000,
    5,
  ) as Promise<true>
const bytesOf = async (answer: Answer): Promise<string> => {
  if (answer.type === 'bytes') return Buffer.from(answer.bytes).toString()
  if (answer.type !== 'relay') throw new Error(`answered with ${answer.type}`)
  const chunks: Buffer[] = []
  for await (const chunk of answer.stream as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
const getJson = async (path: string, headers: Record<string, string> = {}): Promise<unknown> =>
  JSON.parse(await bytesOf(await test.send('GET', path, { headers })))

describe('the groups of this server', () => {
  it('are listed as APIServices that are always available', async () => {
    const { items } = await test.client.list(apiService)
    const names = items.map(({ metadata }) => metadata.name)
    expect(names).toEqual(expect.arrayContaining(['v1.', 'v1.apps', 'v1.apiregistration.k8s.io', 'v2.autoscaling']))
    for (const one of names) expect(await available(one)).toBe('True Local')
  })
})

describe('an aggregated API server', () => {
  const service = { namespace: 'default', name: 'api', port: 443 }

  it('keeps what others say of it', async () => {
    const spec = { group: 'others.example.com', version: 'v1', groupPriorityMinimum: 10, versionPriority: 10, service }
    const said = { type: 'Tested', status: 'True', reason: 'Test', message: 'said by a test' }
    await test.client.create(apiService, { metadata: { name: 'v1.others.example.com' }, spec })
    const place = { name: 'v1.others.example.com' }
    const patch = { status: { conditions: [said] } }
    await test.client.patch(apiService, place, { type: 'merge', patch }, { subresource: 'status' })
    const conditions = await until('it is found to be missing', async () => {
      const { status } = await test.client.get(apiService, place)
      return findCondition(status?.conditions, 'Available') === undefined ? undefined : status?.conditions
    })
    expect(conditions).toContainEqual(said)
    await test.client.delete(apiService, place)
  })

  it('is not available before there is somebody behind its service', async () => {
    await test.client.create(apiService, {
      metadata: { name },
      spec: {
        ...{ group, version: 'v1alpha1', groupPriorityMinimum: 2000, versionPriority: 200 },
        ...{ service, caBundle: servers.caBundle },
      },
    })
    await becomes('False ServiceNotFound')
    await expect(test.send('GET', `${base}/namespaces/default/flunders`)).rejects.toMatchObject({
      ...{ code: 503, message: 'service unavailable' },
    })
    await publish(test.client, service, { address: '10.244.0.99', port: 8443 })
    await becomes('False FailedDiscoveryCheck')
    const slice = { namespace: 'default', name: 'api-1' }
    const endpoints = [{ addresses: [remote.address], conditions: { ready: true }, nodeName: 'worker' }]
    await test.client.patch(endpointSlice, slice, { type: 'merge', patch: { endpoints } })
    await becomes('True Passed')
  })

  it('gets requests in the name of whoever asks, with the proof that they come from this server', async () => {
    const peer = { name: 'alice', groups: ['system:masters', 'b c'], uid: '7', extra: { 'Scope/X': ['one', 'two'] } }
    const headers = { 'x-remote-user': 'mallory', authorization: 'Bearer secret' }
    const path = `${base}/namespaces/default/flunders/one?watch=false&x=a%2Fb`
    const answer = await test.send('POST', path, { peer, headers, body: { kind: 'Flunder' } })
    expect(JSON.parse(await bytesOf(answer))).toMatchObject({ path, method: 'POST' })
    expect(sender?.certificate).toBe('front-proxy-client')
    expect(sender?.headers).toMatchObject({
      ...{ 'x-remote-user': 'alice', 'x-remote-uid': '7', 'x-remote-extra-scope%2fx': 'one, two' },
      'x-remote-group': 'system:masters, b c, system:authenticated',
    })
    expect(sender?.headers).not.toHaveProperty('authorization')
  })

  it('is asked only what the user may do', async () => {
    const peer = { name: 'nobody', groups: [] }
    const asked = test.send('GET', `${base}/namespaces/default/flunders`, { peer })
    await expect(asked).rejects.toMatchObject({ code: 403 })
  })

  it('is a part of discovery', async () => {
    expect(await getJson('/apis')).toMatchObject({
      groups: expect.arrayContaining([expect.objectContaining({ name: group })]),
    })
    expect(await getJson(`/apis/${group}`)).toMatchObject({ preferredVersion: { version: 'v1alpha1' } })
    expect(await getJson(base)).toMatchObject({ kind: 'APIResourceList' })
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const { items } = (await getJson('/apis', { accept })) as { items: { metadata: { name: string } }[] }
    expect(items.find(({ metadata }) => metadata.name === group)).toMatchObject({
      versions: [
        {
          version: 'v1alpha1',
          resources: [{ resource: 'flunders', shortNames: ['fl'], subresources: [{ subresource: 'status' }] }],
        },
      ],
    })
    expect(await getJson('/openapi/v3')).toMatchObject({
      paths: { [`apis/${group}/v1alpha1`]: { serverRelativeURL: '/doc?hash=1' } },
    })
  })

  it('that dies in the middle of an answer breaks it', async () => {
    await expect(bytesOf(await test.send('GET', `${base}/namespaces/default/dies`))).rejects.toThrow()
  })

  it('must be the one that its bundle vouches for', async () => {
    const spec = { caBundle: Buffer.from(servers.pki.frontProxy.ca).toString('base64') }
    await test.client.patch(apiService, { name }, { type: 'merge', patch: { spec } })
    remote.cut()
    await becomes('False FailedDiscoveryCheck')
    const trusting = { caBundle: null, insecureSkipTLSVerify: true }
    await test.client.patch(apiService, { name }, { type: 'merge', patch: { spec: trusting } })
    await becomes('True Passed')
  })

  it('leaves with its APIService', async () => {
    await test.client.delete(apiService, { name })
    await until('forgotten', async () => !JSON.stringify(await getJson('/apis')).includes(group), 10_000, 5)
    await expect(test.send('GET', `${base}/namespaces/default/flunders`)).rejects.toMatchObject({ code: 404 })
  })
})

describe('what aggregated servers must know', () => {
  it('stands in a ConfigMap', async () => {
    const found = await test.client.get(configMap, {
      namespace: 'kube-system',
      name: 'extension-apiserver-authentication',
    })
    expect(found.data).toMatchObject({
      'client-ca-file': servers.pki.ca,
      'requestheader-client-ca-file': servers.pki.frontProxy.ca,
      'requestheader-allowed-names': '["front-proxy-client"]',
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    })
  })
})
