import { execFile } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type ClientHttp2Session } from 'node:http2'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { defineKind, type Kind } from '../api/define-kind.ts'
import { badRequest, notFound, pathNotFound } from '../api/errors.ts'
import type { DynamicObject } from '../api/meta/object.ts'
import { BoundedQueue } from '../lib/bounded-queue.ts'
import { silentLog } from '../lib/log.ts'
import { systemRandom } from '../lib/random.ts'
import { systemClock } from '../lib/system-clock.ts'
import { writeKubeconfig } from '../lab/kubeconfig.ts'
import { openPki, type Pki } from '../lab/pki.ts'
import { createNonResourceHandler } from './handlers/nonresource.ts'
import type { RunningServer } from './listen.ts'
import type { Answer, Handler, ServerRequest, StoredObject, WatchItem } from './request.ts'
import { listenTls } from './server.ts'

const pods = defineKind<DynamicObject>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  short: ['po'],
  scope: 'Namespaced',
  columns: [
    { name: 'Status', type: 'string', cell: (pod) => (pod['status'] as { phase: string }).phase },
    { name: 'Node', type: 'string', priority: 1, cell: (pod) => (pod['spec'] as { nodeName: string }).nodeName },
  ],
})

function aPod(name: string, revision: number): StoredObject {
  const object: DynamicObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      resourceVersion: String(revision),
      creationTimestamp: new Date(systemClock.now() - 90_000).toISOString(),
    },
    spec: { nodeName: 'worker-1', containers: [{ name: 'main', image: 'web' }] },
    status: { phase: 'Running' },
  }
  return { object, revision, bytes: () => Buffer.from(JSON.stringify(object)) }
}

let folder: string
let pki: Pki
let server: RunningServer | undefined
let seen: ServerRequest[] = []

const kinds: readonly Kind[] = [pods as Kind]
const nonResource = createNonResourceHandler({
  kinds: {
    all: () => kinds,
    find: (_group, _version, plural) => kinds.find((kind) => kind.plural === plural),
    findByName: (_apiVersion, name) => kinds.find(({ kind }) => kind === name),
  },
  ready: () => true,
  openApi: () => ({ openapi: '3.0.0', paths: {} }),
})
const podList = '/api/v1/namespaces/default/pods'

/** Serves two pods, as little as a kubectl needs. */
const fake: Handler = async (request, context) => {
  seen.push(request)
  const other = nonResource(request)
  if (other !== undefined) return other
  if (request.path === '/warn') {
    context.warn('this is "old"')
    return { type: 'plain', code: 200, object: {} }
  }
  if (request.path === '/fail') throw badRequest('no such thing')
  if (request.path === '/body') {
    const bytes = request.body.type === 'bytes' ? await request.body.read() : new Uint8Array()
    return { type: 'plain', code: 200, object: { bytes: bytes.length } }
  }
  if (request.path === podList) return request.query.has('watch') ? watch(request) : listOf(['web-1', 'web-2'])
  if (request.path === `${podList}/web-1`)
    return { type: 'object', code: 200, kind: pods as Kind, stored: aPod('web-1', 5) }
  if (request.path.startsWith(podList))
    throw notFound({ group: '', plural: 'pods' }, request.path.split('/').at(-1) ?? '')
  throw pathNotFound()
}

const listOf = (names: readonly string[]): Answer => ({
  type: 'list',
  kind: pods as Kind,
  items: names.map((name, index) => aPod(name, index + 5)),
  resourceVersion: '7',
})

let events = new BoundedQueue<WatchItem>(10)
function watch(request: ServerRequest): Answer {
  events = new BoundedQueue<WatchItem>(10)
  request.signal.addEventListener('abort', () => events.close())
  return { type: 'watch', kind: pods as Kind, events }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orrery-server-'))
  pki = await openPki({
    folder: join(folder, 'pki'),
    lab: 'default',
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    serviceAddress: '10.96.0.1',
  })
})
afterAll(() => rm(folder, { recursive: true }))
afterEach(async () => {
  await server?.dispose()
  server = undefined
  seen = []
})

async function start(): Promise<RunningServer> {
  server = await listenTls({ handler: fake, host: '127.0.0.1', port: 0, pki, log: silentLog, clock: systemClock })
  await writeKubeconfig(join(folder, 'kubeconfig'), {
    lab: 'default',
    server: server.url,
    ca: pki.ca,
    client: pki.admin,
  })
  return server
}

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
      { host: '127.0.0.1', port: running.port, path, ca: pki.ca, agent: false, ...options },
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
  return connect(running.url, { ca: pki.ca, cert: pki.admin.certificate, key: pki.admin.key })
}

describe('the TLS server', () => {
  it('knows a client by its certificate, over both versions of HTTP', async () => {
    const running = await start()
    await ask(running, '/warn', { cert: pki.admin.certificate, key: pki.admin.key })
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

  it('refuses a certificate of another authority', async () => {
    const other = await openPki({
      folder: join(folder, 'other'),
      lab: 'default',
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      serviceAddress: '10.96.0.1',
    })
    const reply = await ask(await start(), '/version', { cert: other.admin.certificate, key: other.admin.key })
    expect(reply.code).toBe(401)
    expect(JSON.parse(reply.text)).toMatchObject({ kind: 'Status', reason: 'Unauthorized' })
    expect(seen).toEqual([])
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

  it('tells the chain when a client goes away', async () => {
    const running = await start()
    const client = session(running)
    const stream = client.request({ ':path': `${podList}?watch=1` })
    await new Promise((resolve) => stream.once('response', resolve))
    const aborted = new Promise((resolve) => seen[0]?.signal.addEventListener('abort', resolve))
    stream.close()
    await aborted
    client.close()
  })

  it('ends watches in order when it stops', async () => {
    const running = await start()
    const client = session(running)
    const stream = client.request({ ':path': `${podList}?watch=1` })
    let text = ''
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
    await new Promise((resolve) => stream.once('response', resolve))
    events.push({ type: 'ADDED', stored: aPod('web-3', 9) })
    const ended = new Promise<void>((resolve, reject) => stream.on('end', resolve).on('error', reject))
    await new Promise<void>((resolve) => stream.once('data', () => resolve()))
    await running.dispose()
    await ended
    expect(JSON.parse(text)).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'web-3' } } })
  })

  it('says which port is in use', async () => {
    const running = await start()
    const second = listenTls({
      handler: fake,
      host: '127.0.0.1',
      port: running.port,
      pki,
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
    const reply = await ask(running, `${podList}/none/exec`, {
      headers: { connection: 'upgrade', upgrade: 'websocket' },
    })
    expect(reply.code).toBe(404)
    expect(JSON.parse(reply.text)).toMatchObject({ kind: 'Status', reason: 'NotFound' })
  })
})

/** The kubectl of a version that lies beside the one on the path. */
function kubectlOf(version: string): string | undefined {
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((part) => join(part, 'kubectl'))
    .find(existsSync)
  if (onPath === undefined) return undefined
  const versioned = join(dirname(realpathSync(onPath)), `kubectl.${version}`)
  return existsSync(versioned) ? versioned : undefined
}

for (const version of ['1.27', '1.33']) {
  const kubectl = kubectlOf(version)
  describe.skipIf(kubectl === undefined)(
    `kubectl ${version}${kubectl === undefined ? ' (not on this machine)' : ''}`,
    () => {
      const run = async (...args: string[]): Promise<string> => {
        const environment = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: join(folder, 'kubeconfig') }
        const { stdout } = await promisify(execFile)(kubectl ?? '', args, { env: environment })
        return stdout
      }

      it('lists pods as a table, also wide', async () => {
        await start()
        expect(await run('get', 'pods')).toMatch(/^NAME +STATUS +AGE\nweb-1 +Running +9\ds\nweb-2 +Running +9\ds\n$/)
        expect(await run('get', 'po', '-o', 'wide')).toMatch(/AGE +NODE\nweb-1 .* worker-1\n/)
      })

      it('reads one object, and a name that is not there', async () => {
        await start()
        expect(await run('get', 'pod', 'web-1', '-o', 'jsonpath={.status.phase}')).toBe('Running')
        await expect(run('get', 'pod', 'nope')).rejects.toThrow(/Error from server \(NotFound\): pods "nope" not found/)
      })

      it('discovers what there is', async () => {
        await start()
        expect(await run('api-resources')).toMatch(/pods +po +v1 +true +Pod/)
        expect(await run('api-versions')).toBe('v1\n')
        expect(await run('version')).toMatch(/Server Version: .*v1\.36\.0/)
      })
    },
  )
}
