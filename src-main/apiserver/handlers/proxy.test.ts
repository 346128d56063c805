import { once } from 'node:events'
import { request as httpsRequest } from 'node:https'
import type { IncomingMessage, RequestListener } from 'node:http'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocketServer, WebSocket } from 'ws'
import { startTestServer, type TestServer } from '../../../test/support/api-server.ts'
import {
  openClusterServers,
  publish,
  type ClusterServers,
  type PodServer,
} from '../../../test/support/cluster-servers.ts'
import { kubectlVersions } from '../../../test/support/kubectl.ts'
import { openTlsLab, type TlsLab } from '../../../test/support/tls-lab.ts'
import { validatingWebhookConfiguration } from '../../api/kinds/admissionregistration/webhook-configurations.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { parseProxyName } from '../proxy/proxy-target.ts'

let servers: ClusterServers
let lab: TlsLab
let test: TestServer
let plain: PodServer
let url: string
const page =
  '<html><a class=x href="/rewriteme">test</a><img src=/i.png><a href="rel">r</a><a href="//e/x">e</a></html>'

const listener: RequestListener = (request, response) => {
  const [path] = (request.url ?? '').split('?')
  if (path === '/page') return void response.setHeader('content-type', 'text/html').end(page)
  if (path === '/moved') return void response.writeHead(302, { location: '/elsewhere?x=1' }).end()
  if (path === '/dies') {
    response.writeHead(200, { 'content-type': 'text/plain' }).write('half', () => request.socket.destroy())
    return
  }
  if (path === '/hangs') return
  const { method, url: asked, headers } = request
  response.writeHead(path === '/missing' ? 404 : 200, { 'content-type': 'application/json', 'x-own': 'yes' })
  let bytes = 0
  request.on('data', (chunk: Buffer) => (bytes += chunk.length))
  request.on('end', () => response.end(JSON.stringify({ method, url: asked, headers, bytes })))
}

/** What the last WebSocket was asked to speak. */
let protocols: string | undefined

const base = '/api/v1/namespaces/default'
beforeAll(async () => {
  servers = await openClusterServers(['web.default.svc'])
  lab = await openTlsLab()
  test = await startTestServer({ nodeAgents: servers.nodeAgents })
  plain = await servers.start(listener, { plain: true })
  const sockets = new WebSocketServer({ noServer: true })
  plain.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    protocols = request.headers['sec-websocket-protocol']
    sockets.handleUpgrade(request, socket, head, (client) => client.on('message', (data) => client.send(data)))
  })
  const secure = await servers.start(listener)
  await publish(test.client, { namespace: 'default', name: 'web' }, plain, { name: 'http', port: 80 })
  await publish(test.client, { namespace: 'default', name: 'tls' }, secure, { name: 'https', port: 443 })
  await publish(test.client, { namespace: 'default', name: 'dead' }, { address: '10.244.0.99', port: 1 }, { port: 80 })
  const pod = { metadata: { namespace: 'default', name: 'web-1' } }
  await test.client.create(podKind, {
    ...pod,
    spec: { nodeName: 'worker', containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 8443 }] }] },
  })
  await setIp(plain.address)
  url = (await lab.start(test.server.handler)).url
})
afterAll(async () => {
  await lab.dispose()
  await servers.dispose()
})

async function setIp(podIP: string): Promise<void> {
  const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }] }
  const name = { namespace: 'default', name: 'web-1' }
  await test.client.patch(podKind, name, { type: 'merge', patch: { status } }, { subresource: 'status' })
}

interface Got {
  readonly code: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

function ask(method: string, path: string, body = '', headers: Record<string, string> = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const { certificate: cert, key } = lab.pki.admin
    const message = httpsRequest(`${url}${path}`, { method, headers, ca: lab.pki.ca, cert, key, agent: false })
    message.on('error', reject)
    message.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject)
      response.on('end', () =>
        resolve({
          code: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      )
    })
    message.end(body)
  })
}

describe.each([
  'pods/web-1',
  'services/web:http',
  'services/http:web:80',
  'services/https:tls:443',
  'pods/http:web-1:8443',
])('the proxy of %s', (object) => {
  it.each(['DELETE', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'GET'])(
    'passes on %s with path, query and headers',
    async (method) => {
      const path = `${base}/${object}/proxy/some/pa%20th/?method=${method}&q=a%2Fb`
      const sent = method === 'GET' || method === 'OPTIONS' ? '' : 'body'
      const { code, text, headers } = await ask(method, path, sent, {
        ...(sent === '' ? {} : { 'content-length': String(sent.length) }),
        'x-mine': '1',
        authorization: 'Bearer secret',
      })
      const seen = JSON.parse(text) as { headers: Record<string, string> }
      expect({ code, own: headers['x-own'] }).toEqual({ code: 200, own: 'yes' })
      expect(seen).toMatchObject({ method, url: `/some/pa%20th/?method=${method}&q=a%2Fb`, bytes: sent.length })
      expect(seen.headers['x-mine']).toBe('1')
      expect(seen.headers).not.toHaveProperty('authorization')
    },
  )

  it.each(['DELETE', 'OPTIONS', 'PATCH', 'POST', 'PUT'])('passes on %s without a path', async (method) => {
    const { code, text } = await ask(method, `${base}/${object}/proxy?method=${method}`)
    expect({ code, seen: JSON.parse(text) as object }).toMatchObject({
      code: 200,
      seen: { method, url: `/?method=${method}` },
    })
  })

  it.each(['GET', 'HEAD'])('sends %s without a path to the slash', async (method) => {
    const { code, headers } = await ask(method, `${base}/${object}/proxy?method=${method}`)
    expect({ code, to: headers.location }).toEqual({ code: 301, to: `${base}/${object}/proxy/?method=${method}` })
  })

  it('leads the links of pages and redirects through itself', async () => {
    const prefix = `${base}/${object}/proxy`
    expect((await ask('GET', `${prefix}/page`)).text).toBe(
      `<html><a class=x href="${prefix}/rewriteme">test</a><img src=${prefix}/i.png><a href="rel">r</a><a href="//e/x">e</a></html>`,
    )
    expect((await ask('GET', `${prefix}/moved`)).headers.location).toBe(`${prefix}/elsewhere?x=1`)
  })
})

describe('a proxied server', () => {
  it('may refuse', async () => {
    expect((await ask('GET', `${base}/pods/web-1/proxy/missing`)).code).toBe(404)
  })

  it('takes bodies of any size as they come', async () => {
    const { text } = await ask('POST', `${base}/pods/web-1/proxy/`, 'z'.repeat(8_000_000))
    expect(JSON.parse(text)).toMatchObject({ bytes: 8_000_000 })
  })

  it('that dies in the middle of its answer breaks the client’s as well', async () => {
    await expect(ask('GET', `${base}/pods/web-1/proxy/dies`)).rejects.toThrow()
  })

  it('is left when the client leaves', async () => {
    const left = new Promise<unknown>((resolve) =>
      plain.server.once('request', (request) => request.on('error', () => undefined).once('close', resolve)),
    )
    const gone = new AbortController()
    const asked = test.send('GET', `${base}/pods/web-1/proxy/hangs`, { signal: gone.signal })
    await once(plain.server, 'request')
    gone.abort()
    await expect(asked).rejects.toMatchObject({ code: 503 })
    await left
  })

  it('speaks over a WebSocket', async () => {
    const { certificate: cert, key } = lab.pki.admin
    const socket = new WebSocket(`${url.replace('https', 'wss')}${base}/services/web:http/proxy/ws`, {
      ...{ ca: lab.pki.ca, cert, key },
    })
    await once(socket, 'open')
    socket.send('hello')
    const [data] = (await once(socket, 'message')) as [Buffer]
    expect(data.toString()).toBe('hello')
    socket.close()
    await once(socket, 'close')
  })

  it('keeps the token that a browser has put among the protocols of a WebSocket', async () => {
    const { certificate: cert, key } = lab.pki.admin
    const socket = new WebSocket(
      `${url.replace('https', 'wss')}${base}/services/web:http/proxy/ws`,
      ['base64url.bearer.authorization.k8s.io.c2VjcmV0', 'chat'],
      { ca: lab.pki.ca, cert, key },
    )
    await once(socket, 'open')
    expect([protocols, socket.protocol]).toEqual(['chat', 'chat'])
    socket.close()
    await once(socket, 'close')
  })

  it.each([
    ['services/dead:80', 503, 'dial tcp 10.244.0.99:1: connect: connection refused'],
    ['services/web:443', 503, 'no service port 443 found for service "web"'],
    ['services/web', 503, 'no endpoints available for service "web"'],
    ['services/nope:80', 404, 'services "nope" not found'],
    ['pods/nope', 404, 'pods "nope" not found'],
    ['pods/web-1:x', 400, '"x" is not a port'],
    ['pods/ftp:web-1:21', 400, 'invalid proxy request'],
  ])('cannot be reached as %s', async (object, code, message) => {
    const got = await ask('GET', `${base}/${object}/proxy/`)
    expect(JSON.parse(got.text)).toMatchObject({ code, message: expect.stringContaining(message) })
  })

  it('may not have the address of the machine that connects', async () => {
    for (const address of ['127.0.0.1', '169.254.169.254', '::1']) {
      await setIp(address)
      expect((await ask('GET', `${base}/pods/web-1/proxy/`)).code).toBe(400)
    }
    await setIp(plain.address)
  })
})

describe('the proxy of a node', () => {
  const node = '/api/v1/nodes/worker/proxy'

  it('reads what the kubelet knows', async () => {
    expect((await ask('GET', `${node}/healthz`)).text).toBe('ok')
    expect(JSON.parse((await ask('GET', `/api/v1/nodes/worker:10250/proxy/pods`)).text)).toMatchObject({
      kind: 'PodList',
      items: [{ metadata: { name: 'web-1' } }],
    })
    expect(JSON.parse((await ask('GET', `${node}/stats/summary`)).text)).toMatchObject({ node: { nodeName: 'worker' } })
    expect((await ask('GET', `${node}/nothing`)).code).toBe(404)
  })
})

describe('admission', () => {
  it('is asked about connections', async () => {
    const asked: unknown[] = []
    const hook = await servers.start((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const review = JSON.parse(Buffer.concat(chunks).toString()) as { request: { uid: string } }
        asked.push(review.request)
        const answer = { uid: review.request.uid, allowed: false, status: { message: 'no attaching' } }
        response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }))
      })
    })
    const address = hook.server.address() as { port: number }
    await test.client.create(validatingWebhookConfiguration, {
      metadata: { name: 'connections' },
      webhooks: [
        {
          name: 'connect.example.com',
          clientConfig: { url: `https://127.0.0.1:${address.port}/`, caBundle: servers.caBundle },
          rules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CONNECT'], resources: ['pods/attach', 'pods/proxy'] },
          ],
          ...{ sideEffects: 'None', admissionReviewVersions: ['v1'] },
        },
      ],
    })
    const refused = { code: 403, message: 'admission webhook "connect.example.com" denied the request: no attaching' }
    const attach = await ask('POST', `${base}/pods/web-1/attach?container=c&stdout=true`)
    expect(JSON.parse(attach.text)).toMatchObject(refused)
    expect(JSON.parse((await ask('GET', `${base}/pods/web-1/proxy/x`)).text)).toMatchObject(refused)
    const connect = { operation: 'CONNECT', name: 'web-1', resource: { resource: 'pods' }, oldObject: null }
    expect(asked).toMatchObject([
      { ...connect, subResource: 'attach', object: { kind: 'PodAttachOptions', container: 'c', stdout: true } },
      { ...connect, subResource: 'proxy', object: { kind: 'PodProxyOptions', path: '/x' } },
    ])
    await test.client.delete(validatingWebhookConfiguration, { name: 'connections' })
  })
})

const kubectl = [...kubectlVersions().keys()].at(-1)
describe.skipIf(kubectl === undefined)(`kubectl ${kubectl ?? '(not on this machine)'}`, () => {
  it('gets a path of a service', async () => {
    const text = await lab.kubectl(kubectl ?? '').run(['get', '--raw', `${base}/services/http:web:80/proxy/hello`])
    expect(JSON.parse(text)).toMatchObject({ method: 'GET', url: '/hello' })
  })
})

describe('the name in a proxied path', () => {
  it.each([
    ['web', { scheme: 'http', name: 'web', port: '' }],
    ['web:80', { scheme: 'http', name: 'web', port: '80' }],
    ['https:web:', { scheme: 'https', name: 'web', port: '' }],
    [':web:http', { scheme: 'http', name: 'web', port: 'http' }],
  ])('%s', (text, expected) => expect(parseProxyName(text)).toEqual(expected))
})
