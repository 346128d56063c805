import { request as sendRequest, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { listenLoopback } from '../../src-main/apiserver/loopback.ts'
import { createBrowserTransport } from '../../src-main/client/transports/browser.ts'
import { silentLog } from '../../src-main/lib/log.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'
import { startTestServer } from '../support/api-server.ts'
import { describeTransport, type OpenTransport } from './transport-contract.ts'

const administrator = { name: 'kubernetes-admin', groups: ['system:masters'] }

describeTransport('local', async (): Promise<OpenTransport> => {
  const { server } = await startTestServer()
  return { transport: server.transport(administrator), close: async () => server.dispose() }
})

describeTransport('browser', async (): Promise<OpenTransport> => {
  const { server } = await startTestServer()
  const listening = await listenLoopback({
    handler: server.handler,
    host: '127.0.0.1',
    port: 0,
    uiFolder: tmpdir(),
    token: 'a-token',
    user: administrator,
    log: silentLog,
    clock: systemClock,
  })
  const origin = `http://127.0.0.1:${listening.port}`
  const cookie = (await headersOf(`${origin}/?token=a-token`))['set-cookie']?.[0]?.split(';')[0] ?? ''
  const transport = createBrowserTransport({
    baseUrl: origin,
    // Node's fetch keeps no cookies: this is what a browser adds by itself.
    fetch: (target, init) =>
      fetch(target, { ...init, headers: { ...(init?.headers as Record<string, string>), cookie, origin } }),
  })
  return {
    transport,
    async close() {
      await listening.dispose()
      await server.dispose()
    },
  }
})

function headersOf(address: string): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    sendRequest(address, (response) => {
      response.resume()
      resolve(response.headers)
    })
      .on('error', reject)
      .end()
  })
}
