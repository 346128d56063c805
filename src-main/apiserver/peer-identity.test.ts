/** Who a connection is, asked through the whole chain: certificates, tokens beside them, and front proxies. */
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { connect } from 'node:http2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer } from '../../test/support/api-server.ts'
import { makeCertificateRequest } from '../../test/support/certificate-request.ts'
import { openTlsLab, type TlsLab } from '../../test/support/tls-lab.ts'
import { silentLog } from '../lib/log.ts'
import { systemClock } from '../lib/system-clock.ts'
import type { RunningServer } from './listen.ts'
import type { Handler } from './request.ts'
import { listenTls } from './server.ts'

const me = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
const bearer = { authorization: 'Bearer good' }
let lab: TlsLab
let handler: Handler
let running: RunningServer

beforeAll(async () => {
  lab = await openTlsLab()
  const { server } = await startTestServer({
    tokens: async (token) => (token === 'good' ? { name: 'jo', groups: [] } : undefined),
  })
  handler = server.handler
  running = await lab.start(handler)
})
afterAll(() => lab.dispose())

interface Reply {
  readonly code: number
  readonly user?: {
    readonly username: string
    readonly groups: string[]
    readonly uid?: string
    readonly extra?: object
  }
}

function whoAmI(options: RequestOptions = {}, port = running.port): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { headers = {}, ...more } = options
    const asked = httpsRequest(
      {
        ...{ host: '127.0.0.1', port, path: me, method: 'POST', ca: lab.pki.ca, agent: false },
        ...more,
        headers: { 'content-type': 'application/json', ...(headers as object) },
      },
      (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () =>
          resolve({ code: response.statusCode ?? 0, user: JSON.parse(text).status?.userInfo as never }),
        )
      },
    )
    asked.on('error', reject)
    asked.end('{}')
  })
}

const tls = ({ certificate, key }: { certificate: string; key: string }) => ({ cert: certificate, key })

/** A certificate of the lab for a key of its own. */
async function signed(subject: string, seconds: number, ...usages: string[]) {
  const { request, keys } = await makeCertificateRequest(subject)
  const certificate = await lab.pki.sign({ request, usages, seconds })
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return { certificate, key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n` }
}

describe('a client certificate', () => {
  it('says who its holder is: a name, groups, and which certificate it was', async () => {
    const client = await lab.pki.issueClient({ name: 'ann', groups: ['dev', 'ops'] })
    expect(await whoAmI(tls(client))).toMatchObject({
      user: {
        username: 'ann',
        groups: ['dev', 'ops', 'system:authenticated'],
        extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/)] },
      },
    })
  })

  it.each([
    ['of another authority', async () => (await lab.strangers()).admin],
    ['that has expired', () => signed('CN=ann', -60, 'digital signature', 'client auth')],
    ['for servers', () => signed('CN=ann', 600, 'digital signature', 'server auth')],
    ['that names nobody', () => signed('O=dev', 600, 'digital signature', 'client auth')],
    ['that pretends to be of the authority', async () => forged()],
  ])('%s makes the request nobody’s, unless a token says whose it is', async (_what, make) => {
    const client = tls(await make())
    expect(await whoAmI(client)).toMatchObject({ code: 401 })
    expect(await whoAmI({ ...client, headers: bearer })).toMatchObject({ user: { username: 'jo' } })
    expect(await whoAmI({ ...client, headers: { authorization: 'Bearer bad' } })).toMatchObject({ code: 401 })
  })

  /** The certificate of a stranger whose authority has the same name as ours. */
  async function forged() {
    const strangers = await lab.strangers()
    return strangers.issueClient({ name: 'kubernetes-admin', groups: ['system:masters'] })
  }

  it('wins over a token', async () => {
    expect(await whoAmI({ ...tls(lab.pki.admin), headers: bearer })).toMatchObject({
      user: { username: 'kubernetes-admin' },
    })
  })

  it('ends with its time, even on a connection that stays open', async () => {
    let later = 0
    const clock = { ...systemClock, now: () => systemClock.now() + later }
    clock.after = systemClock.after.bind(systemClock)
    const server = await listenTls({ handler, host: '127.0.0.1', port: 0, pki: lab.pki, log: silentLog, clock })
    const session = connect(server.url, { ca: lab.pki.ca, ...tls(lab.pki.admin) })
    const code = (): Promise<number> =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ':path': '/version' })
        stream.on('response', (headers) => resolve(Number(headers[':status']))).on('error', reject)
        stream.resume()
      })
    expect(await code()).toBe(200)
    later = 366 * 24 * 3600 * 1000
    expect(await code()).toBe(401)
    session.destroy()
    await server.dispose()
  })
})

describe('a front proxy', () => {
  const proxy = () => tls(lab.pki.frontProxy.client)

  it('says for whom it asks: user, uid, groups as they are, and extra', async () => {
    const headers = {
      'X-Remote-User': 'jane',
      'X-Remote-Uid': '42',
      'X-Remote-Group': ['dev', 'cn=a,system:masters'],
      'X-Remote-Extra-Acme.com%2Fproject': 'some-project',
    }
    expect((await whoAmI({ ...proxy(), headers })).user).toEqual({
      username: 'jane',
      uid: '42',
      groups: ['dev', 'cn=a,system:masters', 'system:authenticated'],
      extra: { 'acme.com/project': ['some-project'] },
    })
  })

  it('is nobody itself', async () => {
    expect(await whoAmI(proxy())).toMatchObject({ code: 401 })
    expect(await whoAmI({ ...proxy(), headers: bearer })).toMatchObject({ user: { username: 'jo' } })
  })

  it('has the one name that is allowed, and a certificate of the authority for proxies', async () => {
    const headers = { 'X-Remote-User': 'jane', 'X-Remote-Group': 'system:masters' }
    const own = await signed('CN=front-proxy-client', 600, 'digital signature', 'client auth')
    // Of the authority for clients: its name is only a name.
    expect(await whoAmI({ ...tls(own), headers })).toMatchObject({ user: { username: 'front-proxy-client' } })
    const strangers = await lab.strangers()
    expect(await whoAmI({ ...tls(strangers.frontProxy.client), headers })).toMatchObject({ code: 401 })
  })

  it.each([
    ['nobody', () => ({})],
    ['a client', () => tls(lab.pki.admin)],
  ])('is not played by %s', async (_who, make) => {
    const headers = { 'X-Remote-User': 'jane', 'X-Remote-Group': 'system:masters' }
    expect((await whoAmI({ ...make(), headers })).user?.username).not.toBe('jane')
  })
})

describe('impersonation', () => {
  it('takes each group as it is sent, commas and all', async () => {
    const headers = { 'Impersonate-User': 'ann', 'Impersonate-Group': ['cn=dev,ou=x', 'ops'] }
    expect(await whoAmI({ ...tls(lab.pki.admin), headers })).toMatchObject({
      user: { username: 'ann', groups: ['cn=dev,ou=x', 'ops', 'system:authenticated'] },
    })
  })
})
