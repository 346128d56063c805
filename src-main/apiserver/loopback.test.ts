import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest, type OutgoingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { podServer, podsPath } from '../../test/support/pod-server.ts'
import { createLog, type LogEntry } from '../lib/log.ts'
import { systemClock } from '../lib/system-clock.ts'
import type { RunningServer } from './listen.ts'
import { listenLoopback } from './loopback.ts'
import type { ServerRequest } from './request.ts'

let home: string
let uiFolder: string
let server: RunningServer
let seen: ServerRequest[] = []
const logged: LogEntry[] = []
const token = 'secret-token'

const handler = podServer(['web-1'], (request) => {
  seen.push(request)
  return Promise.resolve(
    request.method === 'POST' ? { type: 'plain' as const, code: 201, object: { created: true } } : undefined,
  )
})

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'orrery-loopback-'))
  uiFolder = join(home, 'ui')
  await mkdir(join(uiFolder, 'assets'), { recursive: true })
  await writeFile(join(uiFolder, 'index.html'), '<!doctype html><title>Orrery</title>')
  await writeFile(join(uiFolder, 'assets', 'index-1a2b.js'), 'run()')
  await writeFile(join(home, 'private'), 'not for the web')
})
afterAll(() => rm(home, { recursive: true }))
beforeEach(async () => {
  seen = []
  server = await listenLoopback({
    handler,
    host: '127.0.0.1',
    port: 0,
    uiFolder,
    token,
    user: { name: 'kubernetes-admin', groups: ['system:masters'] },
    log: createLog(
      'ui',
      () => 0,
      (entry) => logged.push(entry),
    ),
    clock: systemClock,
  })
})
afterEach(() => server.dispose())

interface Reply {
  readonly code: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
}

/** `fetch` would not let a test set Host or Origin. */
function ask(path: string, headers: OutgoingHttpHeaders = {}, method = 'GET'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: server.port, path, method, headers, agent: false },
      (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () => resolve({ code: response.statusCode ?? 0, headers: response.headers, text }))
      },
    )
    request.on('error', reject)
    request.end()
  })
}

async function signedIn(): Promise<OutgoingHttpHeaders> {
  const { headers } = await ask(`/?token=${token}`)
  return { cookie: headers['set-cookie']?.[0]?.split(';')[0] }
}
const html = { accept: 'text/html,*/*' }

describe('a session', () => {
  it('begins with the token, and takes it out of the address', async () => {
    const entry = await ask(`/?token=${token}`)
    expect(entry.code).toBe(303)
    expect(entry.headers['location']).toBe('/')
    expect(entry.headers['set-cookie']?.[0]).toMatch(/^orrery-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    expect((await ask('/', { ...(await signedIn()), ...html })).text).toContain('<title>Orrery</title>')
  })

  it('does not begin with another token', async () => {
    const reply = await ask('/?token=guess', html)
    expect(reply.code).toBe(401)
    expect(reply.headers['set-cookie']).toBeUndefined()
    expect(reply.text).toContain('not signed in')
  })

  it('is needed for the API, the files and the streams', async () => {
    const api = await ask(podsPath)
    expect(api.code).toBe(401)
    expect(JSON.parse(api.text)).toMatchObject({ kind: 'Status', reason: 'Unauthorized' })
    expect((await ask('/assets/index-1a2b.js')).code).toBe(401)
    const origin = `http://127.0.0.1:${server.port}`
    expect((await ask(`${podsPath}/web-1/exec`, { connection: 'upgrade', upgrade: 'websocket', origin })).code).toBe(
      401,
    )
    expect((await ask(podsPath, { cookie: `orrery-${server.port}=forged` })).code).toBe(401)
    expect(seen).toEqual([])
  })

  it('makes the browser the lab’s user', async () => {
    const list = await ask(podsPath, await signedIn())
    expect(JSON.parse(list.text)).toMatchObject({ kind: 'PodList', items: [{ metadata: { name: 'web-1' } }] })
    expect(seen[0]?.peer).toEqual({ name: 'kubernetes-admin', groups: ['system:masters'] })
  })

  it('never shows its token or its cookie in the log', async () => {
    const { cookie } = await signedIn()
    await ask('/', { cookie: `${String(cookie)}x` })
    const text = JSON.stringify(logged)
    expect(text).not.toContain(token)
    expect(text).not.toContain(String(cookie).split('=')[1])
  })
})

describe('what other pages and programs try', () => {
  it('a foreign name for this machine is refused', async () => {
    const cookie = await signedIn()
    for (const host of ['evil.example', `evil.example:${server.port}`, '127.0.0.1:1'])
      expect((await ask('/', { ...cookie, host })).code).toBe(421)
    expect((await ask(podsPath, { ...cookie, host: `localhost:${server.port}` })).code).toBe(200)
  })

  it('a write from another origin is refused, even with the cookie', async () => {
    const cookie = await signedIn()
    const post = (headers: OutgoingHttpHeaders): Promise<Reply> => ask(podsPath, { ...cookie, ...headers }, 'POST')
    expect((await post({ origin: 'http://evil.example' })).code).toBe(403)
    expect((await post({ origin: 'null' })).code).toBe(403)
    expect((await post({ 'sec-fetch-site': 'cross-site' })).code).toBe(403)
    expect(seen).toEqual([])
    expect((await post({ origin: server.url })).code).toBe(201)
  })

  it('a WebSocket from another origin is refused', async () => {
    const upgrade = { ...(await signedIn()), connection: 'upgrade', upgrade: 'websocket' }
    expect((await ask(`${podsPath}/web-1/exec`, { ...upgrade, origin: 'http://evil.example' })).code).toBe(403)
    expect((await ask(`${podsPath}/web-1/exec`, upgrade)).code).toBe(403)
    expect(seen).toEqual([])
  })

  it('no path leads out of the folder', async () => {
    const cookie = await signedIn()
    for (const path of ['/../private', '/%2e%2e/private', '/..%2fprivate', '/assets/..%2f..%2fprivate', '//etc/passwd'])
      expect((await ask(path, cookie)).text).not.toMatch(/not for the web|root:/)
  })
})

describe('the files of the interface', () => {
  it('are kept for good when their name has a hash', async () => {
    const reply = await ask('/assets/index-1a2b.js', await signedIn())
    expect(reply.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    })
    expect(reply.headers['content-security-policy']).toContain("script-src 'self';")
  })

  it('give the start page for every path of the router, and for nothing else', async () => {
    const cookie = await signedIn()
    expect((await ask('/pods/default/web.1', { ...cookie, ...html })).text).toContain('<title>Orrery</title>')
    expect((await ask('/assets/gone.js', { ...cookie, ...html })).code).toBe(404)
    expect((await ask('/favicon.ico', cookie)).code).toBe(404)
    expect((await ask('/apis/none', { ...cookie, ...html })).code).toBe(404)
  })
})
