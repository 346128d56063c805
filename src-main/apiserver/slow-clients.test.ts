import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { podServer, podsPath } from '../../test/support/pod-server.ts'
import { openTlsLab, type TlsLab } from '../../test/support/tls-lab.ts'
import { silentLog } from '../lib/log.ts'
import { systemClock } from '../lib/system-clock.ts'
import type { RunningServer } from './listen.ts'
import { listenTls } from './server.ts'

let lab: TlsLab
let server: RunningServer
const patience = { handshakeMs: 200, headersMs: 200 }

beforeAll(async () => {
  lab = await openTlsLab()
  const handler = podServer(['web'], async () => undefined)
  server = await listenTls({
    ...{ handler, host: '127.0.0.1', port: 0, pki: lab.pki, log: silentLog, clock: systemClock },
    patience,
  })
})
afterAll(async () => {
  await server.dispose()
  await lab.dispose()
})

const tls = (protocol: string) =>
  connectTls({ host: '127.0.0.1', port: server.port, ca: lab.pki.ca, ALPNProtocols: [protocol] })

/** What the server says until it closes the connection. */
async function lastWords(socket: Socket): Promise<string> {
  let said = ''
  socket.on('data', (bytes: Buffer) => (said += bytes.toString('latin1'))).on('error', () => undefined)
  await once(socket, 'close')
  return said
}

describe('a client is cut off that', () => {
  it('connects and says nothing', async () => {
    expect(await lastWords(connectTcp(server.port, '127.0.0.1'))).toBe('')
  })

  it('never ends the headers of its request', async () => {
    const socket = tls('http/1.1')
    await once(socket, 'secureConnect')
    socket.write(`GET ${podsPath} HTTP/1.1\r\nhost: x\r\n`)
    expect(await lastWords(socket)).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('opens an HTTP/2 session and asks for nothing', async () => {
    const session = connectHttp2(server.url, { ca: lab.pki.ca })
    session.on('error', () => undefined)
    await once(session, 'close')
    expect(session.destroyed).toBe(true)
  })
})

it('a client that has asked may rest as long as it likes', async () => {
  const { certificate: cert, key } = lab.pki.admin
  const session = connectHttp2(server.url, { ca: lab.pki.ca, cert, key })
  const ask = async (): Promise<unknown> => {
    const stream = session.request({ ':path': podsPath })
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    stream.resume()
    return headers[':status']
  }
  expect(await ask()).toBe(200)
  await systemClock.sleep(3 * patience.headersMs)
  expect(await ask()).toBe(200)
  session.close()
})
