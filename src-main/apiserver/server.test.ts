import { once } from 'node:events'
import { connect, type ClientHttp2Session } from 'node:http2'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { kubectlVersions } from '../../test/support/kubectl.ts'
import { aStoredPod, podKind, podServer, podsPath } from '../../test/support/pod-server.ts'
import { openTlsLab, type TlsLab } from '../../test/support/tls-lab.ts'
import { until } from '../../test/support/until.ts'
import { badRequest } from '../api/errors.ts'
import { BoundedQueue } from '../lib/bounded-queue.ts'
import { silentLog } from '../lib/log.ts'
import { systemClock } from '../lib/system-clock.ts'
import type { RunningServer } from './listen.ts'
import type { ServerRequest, WatchItem } from './request.ts'
import { listenTls } from './server.ts'

let lab: TlsLab
let seen: ServerRequest[] = []
let events = new BoundedQueue<WatchItem>(10)

const handler = podServer(['web-1', 'web-2'], async (request, context) => {
  seen.push(request)
  switch (request.path) {
    case '/warn':
      context.warn('this is "old"')
      return { type: 'plain', code: 200, object: {} }
    case '/fail':
      throw badRequest('no such thing')
    case '/body': {
      const bytes = request.body.type === 'bytes' ? await request.body.read() : new Uint8Array()
      return { type: 'plain', code: 200, object: { bytes: bytes.length } }
    }
    case podsPath:
      if (!request.query.has('watch')) return undefined
      events = new BoundedQueue<WatchItem>(10)
      request.signal.addEventListener('abort', () => events.close())
      return { type: 'watch', kind: podKind, events }
    default:
      return undefined
  }
})

beforeAll(async () => {
  lab = await openTlsLab()
})
afterAll(() => lab.dispose())
beforeEach(() => {
  seen = []
})
const start = (): Promise<RunningServer> => lab.start(handler)

interface Reply {
  readonly code: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
}

/** One request over HTTP/1.1. */
function ask(
  running: RunningServer,
  path: string,
  options: RequestOptions & { body?: Uint8Array } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      { host: '127.0.0.1', port: running.port, path, ca: lab.pki.ca, agent: false, ...options },
      (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () => resolve({ code: response.statusCode ?? 0, headers: response.headers, text }))
      },
    )
    request.on('error', reject)
    request.end(options.body)
  })
}

function session(running: RunningServer): ClientHttp2Session {
  return connect(running.url, { ca: lab.pki.ca, cert: lab.pki.admin.certificate, key: lab.pki.admin.key })
}

describe('the TLS server', () => {
  it('knows a client by its certificate, over both versions of HTTP', async () => {
    const running = await start()
    await ask(running, '/warn', { cert: lab.pki.admin.certificate, key: lab.pki.admin.key })
    const client = session(running)
    await new Promise<void>((resolve) => client.request({ ':path': '/warn' }).on('end', resolve).resume())
    client.close()
    expect(seen.map(({ peer }) => peer)).toMatchObject([
      { name: 'kubernetes-admin', groups: ['system:masters'] },
      { name: 'kubernetes-admin', groups: ['system:masters'] },
    ])
  })

  it('lets a client without a certificate in, as nobody', async () => {
    await ask(await start(), '/version')
    expect(seen[0]?.peer).toBeUndefined()
  })

  it('takes nobody’s word that a certificate of another authority is worth something', async () => {
    const other = await lab.strangers()
    await ask(await start(), '/version', { cert: other.admin.certificate, key: other.admin.key })
    expect(seen).toMatchObject([{ peer: undefined, peerRefused: true }])
  })

  it('answers failures as a Status, and sends warnings along', async () => {
    const running = await start()
    const failure = await ask(running, '/fail')
    expect(failure.code).toBe(400)
    expect(JSON.parse(failure.text)).toMatchObject({ kind: 'Status', status: 'Failure', message: 'no such thing' })
    expect((await ask(running, '/warn')).headers['warning']).toBe('299 - "this is \\"old\\""')
  })

  it('takes bodies up to 3 MiB', async () => {
    const running = await start()
    const small = await ask(running, '/body', { method: 'POST', body: Buffer.alloc(3 * 1024 * 1024) })
    expect(JSON.parse(small.text)).toEqual({ bytes: 3 * 1024 * 1024 })
    const headers = { 'content-length': 3 * 1024 * 1024 + 1 }
    const large = await ask(running, '/body', { method: 'POST', headers, body: Buffer.alloc(3 * 1024 * 1024 + 1) })
    expect(large.code).toBe(413)
  })

  it('refuses a body that is too large over HTTP/2, too', async () => {
    const client = session(await start())
    const stream = client.request({ ':method': 'POST', ':path': '/body' })
    stream.on('error', () => undefined)
    stream.end(Buffer.alloc(3 * 1024 * 1024 + 1))
    const [headers] = (await once(stream, 'response')) as [{ ':status': number }]
    expect(headers[':status']).toBe(413)
    client.destroy()
  })

  it('tells the chain when a client goes away', async () => {
    const running = await start()
    const client = session(running)
    const stream = client.request({ ':path': `${podsPath}?watch=1` })
    await new Promise((resolve) => stream.once('response', resolve))
    const aborted = new Promise((resolve) => seen[0]?.signal.addEventListener('abort', resolve))
    stream.close()
    await aborted
    client.close()
  })

  it('ends watches in order when it stops', async () => {
    const running = await start()
    const client = session(running)
    const stream = client.request({ ':path': `${podsPath}?watch=1` })
    let text = ''
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
    await new Promise((resolve) => stream.once('response', resolve))
    events.push({ type: 'ADDED', stored: aStoredPod('web-3', 9) })
    const ended = new Promise<void>((resolve, reject) => stream.on('end', resolve).on('error', reject))
    await new Promise<void>((resolve) => stream.once('data', () => resolve()))
    await running.dispose()
    await ended
    expect(JSON.parse(text)).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'web-3' } } })
  })

  it('says which port is in use', async () => {
    const running = await start()
    const second = listenTls({
      handler,
      host: '127.0.0.1',
      port: running.port,
      pki: lab.pki,
      log: silentLog,
      clock: systemClock,
    })
    await expect(second).rejects.toMatchObject({
      code: 'PortInUse',
      message: expect.stringContaining(String(running.port)),
    })
  })

  it('answers an upgrade that is not granted like any other request', async () => {
    const running = await start()
    const reply = await ask(running, `${podsPath}/none/exec`, {
      headers: { connection: 'upgrade', upgrade: 'websocket' },
    })
    expect(reply.code).toBe(404)
    expect(JSON.parse(reply.text)).toMatchObject({ kind: 'Status', reason: 'NotFound' })
  })
})

describe('a watch over a WebSocket', () => {
  const open = (running: RunningServer): WebSocket =>
    new WebSocket(`${running.url.replace('https', 'wss')}${podsPath}?watch=1`, {
      ca: lab.pki.ca,
      cert: lab.pki.admin.certificate,
      key: lab.pki.admin.key,
    })

  it('brings one event in each message', async () => {
    const socket = open(await start())
    const messages: unknown[] = []
    socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString())))
    await once(socket, 'open')
    events.push({ type: 'ADDED', stored: aStoredPod('web-3', 9) })
    events.push({ type: 'DELETED', stored: aStoredPod('web-3', 10) })
    events.close()
    await once(socket, 'close')
    expect(messages).toMatchObject([
      { type: 'ADDED', object: { metadata: { name: 'web-3' } } },
      { type: 'DELETED', object: { metadata: { resourceVersion: '10' } } },
    ])
  })

  it('ends when the client leaves', async () => {
    const socket = open(await start())
    await once(socket, 'open')
    const { signal } = seen[0]!
    const aborted = once(signal, 'abort')
    socket.close()
    await aborted
  })
})

for (const version of ['1.27', '1.33']) {
  const missing = kubectlVersions().has(version) ? '' : ' (not on this machine)'
  describe.skipIf(missing !== '')(`kubectl ${version}${missing}`, () => {
    it('lists pods as a table, also wide', async () => {
      await start()
      const kubectl = lab.kubectl(version)
      expect(await kubectl.run(['get', 'pods'])).toMatch(
        /^NAME +STATUS +AGE\nweb-1 +Running +9\ds\nweb-2 +Running +9\ds\n$/,
      )
      expect(await kubectl.run(['get', 'po', '-o', 'wide'])).toMatch(/AGE +NODE\nweb-1 .* worker-1\n/)
    })

    it('watches pods', async () => {
      await start()
      const following = lab.kubectl(version).follow(['get', 'pods', '--watch-only'])
      await until('the watch', () => Promise.resolve(seen.some(({ query }) => query.has('watch'))), 10_000, 10)
      events.push({ type: 'ADDED', stored: aStoredPod('web-3', 9) })
      events.push({ type: 'MODIFIED', stored: aStoredPod('web-3', 10, { status: { phase: 'Failed' } }) })
      expect(await following.line(/web-3 +Running/)).toBeDefined()
      expect(await following.line(/web-3 +Failed/)).toBeDefined()
      following.stop()
    })

    it('reads one object, and a name that is not there', async () => {
      await start()
      const kubectl = lab.kubectl(version)
      expect(await kubectl.run(['get', 'pod', 'web-1', '-o', 'jsonpath={.status.phase}'])).toBe('Running')
      const absent = await kubectl.try(['get', 'pod', 'nope'])
      expect(absent.stderr).toBe('Error from server (NotFound): pods "nope" not found\n')
    })

    it('discovers what there is', async () => {
      await start()
      const kubectl = lab.kubectl(version)
      expect(await kubectl.run(['api-resources'])).toMatch(/pods +po +v1 +true +Pod/)
      expect(await kubectl.run(['api-versions'])).toBe('v1\n')
      expect(await kubectl.run(['version'])).toMatch(/Server Version: .*v1\.36\.0/)
    })
  })
}
