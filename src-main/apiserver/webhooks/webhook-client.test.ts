import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer } from '../../../test/support/api-server.ts'
import {
  openClusterServers,
  publish,
  type ClusterServers,
  type PodServer,
} from '../../../test/support/cluster-servers.ts'
import { openTlsLab, type TlsLab } from '../../../test/support/tls-lab.ts'
import { seededRandom } from '../../lib/random.ts'
import { VirtualClock } from '../../lib/virtual-clock.ts'
import { silentLog } from '../../lib/log.ts'
import { WatchCache } from '../cache/watch-cache.ts'
import { createDialer } from '../outbound/dialer.ts'
import { createWebhookClient, type WebhookClient } from './webhook-client.ts'

const hook = { namespace: 'default', name: 'hook' }
const ok: RequestListener = (_request, response) => response.end('{"fine":true}')
const seen: IncomingMessage[] = []

let servers: ClusterServers
let lab: TlsLab
let client: WebhookClient
let clock: VirtualClock
beforeAll(async () => {
  servers = await openClusterServers(['hook.default.svc'])
  lab = await openTlsLab()
})
afterEach(() => client.dispose())
afterAll(async () => {
  await lab.dispose()
  await servers.dispose()
})

/** A client in a cluster whose service `hook` leads to the server. */
async function calling(server: Pick<PodServer, 'address' | 'port'>): Promise<WebhookClient> {
  const test = await startTestServer({ nodeAgents: servers.nodeAgents })
  await publish(test.client, hook, server)
  clock = new VirtualClock()
  const cache = await WatchCache.start({ store: test.store, clock, log: silentLog, indexedFields: {} })
  const dialer = createDialer({ cache, nodeAgents: servers.nodeAgents, random: seededRandom(1) })
  client = createWebhookClient({ dialer, clock })
  return client
}
const service = { ...hook, path: '/check' }
const post = (signal?: AbortSignal): Promise<unknown> =>
  client.post({ service, caBundle: servers.caBundle }, { question: 1 }, 10_000, signal)
const url = 'https://hook.default.svc:443/check?timeout=10s'

describe('a webhook behind a service', () => {
  it('is asked under the name of the service, with its path and its time, over one kept connection', async () => {
    const server = await servers.start((request, response) => {
      seen.push(request)
      request.pipe(response)
    })
    await calling(server)
    const before = servers.dials()
    for (let times = 0; times < 3; times++) expect(await post()).toEqual({ question: 1 })
    expect(servers.dials() - before).toBe(1)
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/check?timeout=10s' })
    expect(seen[0]?.headers).toMatchObject({ host: 'hook.default.svc', 'content-type': 'application/json' })
  })

  it('is asked over a new connection when the kept one is broken', async () => {
    const server = await servers.start(ok)
    await calling(server)
    await post()
    server.cut()
    expect(await post()).toEqual({ fine: true })
  })

  it('must have a certificate that the bundle vouches for', async () => {
    const stranger = await lab.strangers()
    await calling(await servers.start(ok, { pki: stranger }))
    await expect(post()).rejects.toMatchObject({
      code: 'Unreachable',
      message: `Post "${url}": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    })
  })

  it('must have a certificate that names the service', async () => {
    const other = { namespace: 'default', name: 'other' }
    const server = await servers.start(ok)
    const test = await startTestServer({ nodeAgents: servers.nodeAgents })
    await publish(test.client, other, server)
    const cache = await WatchCache.start({ store: test.store, clock, log: silentLog, indexedFields: {} })
    client = createWebhookClient({
      dialer: createDialer({ cache, nodeAgents: servers.nodeAgents, random: seededRandom(1) }),
      clock,
    })
    const asked = client.post({ service: other, caBundle: servers.caBundle }, {}, 1000)
    await expect(asked).rejects.toMatchObject({ code: 'Unreachable' })
    await expect(asked).rejects.toThrow(/x509: .*other\.default\.svc/)
  })

  it('may have no more time than it was given', async () => {
    const asked = Promise.withResolvers<undefined>()
    await calling(await servers.start(() => asked.resolve(undefined)))
    const answer = post()
    await asked.promise
    await Promise.all([
      expect(answer).rejects.toMatchObject({ code: 'Timeout', message: `Post "${url}": context deadline exceeded` }),
      clock.advance(10_000),
    ])
  })

  it('is asked no longer when the client is gone', async () => {
    const gone = new AbortController()
    await calling(await servers.start(() => gone.abort()))
    await expect(post(gone.signal)).rejects.toMatchObject({ code: 'Aborted' })
  })

  const bad: [string, RequestListener, object][] = [
    ['resets the connection', (request) => request.socket.destroy(), { code: 'Unreachable' }],
    ['answers junk', (_, response) => response.end('<html>'), { code: 'BadAnswer' }],
    ['answers nothing', (_, response) => response.end(), { code: 'BadAnswer' }],
    [
      'answers with a failure',
      (_, response) => response.writeHead(500).end('oops'),
      {
        ...{ code: 'BadStatus', status: 500 },
        message: 'the server responded with the status code 500 but did not return more information',
      },
    ],
    [
      'redirects',
      (_, response) => response.writeHead(307, { location: 'https://elsewhere' }).end(),
      { code: 'BadStatus', status: 307 },
    ],
    [
      'breaks off in the middle of its answer',
      (_, response) => {
        response.writeHead(200, { 'content-length': 1000 }).write('{"half":', () => response.socket?.destroy())
      },
      { code: 'Unreachable' },
    ],
    [
      'says that it sends 50 MB',
      (_, response) => response.writeHead(200, { 'content-length': 50_000_000 }).write('{'),
      { code: 'BadAnswer' },
    ],
    ['sends 50 MB', flood, { code: 'BadAnswer' }],
  ]
  it.each(bad)('that %s is an error', async (_what, listener, error) => {
    await calling(await servers.start(listener))
    await expect(post()).rejects.toMatchObject(error)
  })
})

function flood(_request: IncomingMessage, response: ServerResponse): void {
  const block = Buffer.alloc(1_000_000, ' ')
  Readable.from(Array.from({ length: 50 }, () => block))
    .on('error', () => undefined)
    .pipe(response)
}

describe('a webhook that cannot be reached', () => {
  it('has a service that is not there', async () => {
    await calling({ address: '10.244.0.99', port: 8443 })
    const asked = client.post({ service: { namespace: 'default', name: 'nope' } }, {}, 1000)
    await expect(asked).rejects.toThrow('services "nope" not found')
  })

  it('has a service without such a port', async () => {
    await calling({ address: '10.244.0.99', port: 8443 })
    const asked = client.post({ service: { ...hook, port: 8080 } }, {}, 1000)
    await expect(asked).rejects.toThrow('no service port 8080 found for service "hook"')
  })

  it('has nobody listening behind its service', async () => {
    await calling({ address: '10.244.0.99', port: 8443 })
    await expect(post()).rejects.toThrow(`Post "${url}": dial tcp 10.244.0.99:8443: connect: connection refused`)
  })

  it('has no usable address', async () => {
    await calling({ address: '10.244.0.99', port: 8443 })
    await expect(client.post({ url: 'http://plain.example' }, {}, 1000)).rejects.toMatchObject({ code: 'BadConfig' })
  })
})

describe('a webhook with a URL', () => {
  it('is asked from this computer', async () => {
    const { server } = await servers.start((request, response) => response.end(JSON.stringify({ url: request.url })))
    await calling({ address: '10.244.0.99', port: 8443 })
    const address = server.address() as { port: number }
    const config = { url: `https://127.0.0.1:${address.port}/hook?a=b`, caBundle: servers.caBundle }
    expect(await client.post(config, {}, 1500)).toEqual({ url: '/hook?a=b&timeout=2s' })
  })
})
