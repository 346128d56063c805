/** The loopback frontend: the interface, the API and its streams for a browser on this machine, under a session cookie. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '../lib/clock.ts'
import type { Disposable } from '../lib/disposable.ts'
import { Emitter } from '../lib/emitter.ts'
import { describeError, type Log } from '../lib/log.ts'
import { createBrowserSession } from './browser-session.ts'
import type { EncodedResponse } from './encoded-response.ts'
import { http1Exchange, socketExchange, type Exchange } from './exchange.ts'
import { listen, type RunningServer } from './listen.ts'
import { isApiPath, isNavigation, refusalOf, securityHeaders, urlOf } from './loopback-door.ts'
import type { RequestMetrics } from './metrics.ts'
import type { Handler, UserInfo } from './request.ts'
import { respond } from './respond.ts'
import { serveExchange, serveUpgrade, type ExchangeOptions } from './serve-exchange.ts'
import { Turns } from './turns.ts'
import { textResponse, uiFile } from './ui-files.ts'

export interface LoopbackOptions {
  readonly handler: Handler
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
  /** The built interface. */
  readonly uiFolder: string
  /** Opens a session: whoever has it may do what `user` may. */
  readonly token: string
  readonly user: UserInfo
  readonly log: Log
  readonly clock: Clock
  readonly metrics?: RequestMetrics
}

const graceMs = 1000
const sweepMs = 20
const headersTimeoutMs = 10_000

/** Serves until disposed. Rejects with a ListenError when the port cannot be opened. */
export async function listenLoopback(options: LoopbackOptions): Promise<RunningServer> {
  const { host, user, clock, log, metrics } = options
  const stopping = new Emitter<void>()
  const turns = new Turns()
  let port = options.port
  const session = createBrowserSession(options.token, () => port)
  const server = createServer({ headersTimeout: headersTimeoutMs })
  const exchangeOptions = (): ExchangeOptions => ({
    handler: options.handler,
    clock,
    log,
    metrics,
    headers: securityHeaders(port),
    relayHeaders: { ...securityHeaders(port), 'content-security-policy': "sandbox; frame-ancestors 'none'" },
    stopping,
    turns,
  })
  const answer = async (exchange: Exchange, response: EncodedResponse): Promise<void> => {
    exchange.sink.on('error', () => exchange.sink.destroy())
    await respond(exchange, { ...response, headers: { ...securityHeaders(port), ...response.headers } }, clock)
  }

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const exchange = http1Exchange(request, response)
    const refusal = refusalOf(request, session, 'request')
    const { pathname } = urlOf(request)
    if (refusal === undefined && isApiPath(pathname)) return void serveExchange(exchange, user, exchangeOptions())
    const page = refusal === undefined ? uiPage(request, options.uiFolder) : Promise.resolve(refusal)
    page
      .then((found) => answer(exchange, found))
      .catch((error: unknown) => {
        log.error('a page could not be sent', { path: pathname, error: describeError(error) })
        response.destroy()
      })
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = refusalOf(request, session, 'upgrade')
    if (refusal === undefined) return void serveUpgrade(request, socket, head, user, exchangeOptions())
    answer(socketExchange(request, socket), refusal).catch(() => socket.destroy())
  })
  const sockets = trackSockets(server)
  port = await listen(server, host, options.port)
  return { url: `http://${host}:${port}`, port, dispose: () => stop(server, stopping, sockets, clock) }
}

async function uiPage(request: IncomingMessage, folder: string): Promise<EncodedResponse> {
  const { method, headers } = request
  if (method !== 'GET' && method !== 'HEAD') return textResponse(405, 'pages can only be read\n')
  return uiFile(folder, urlOf(request).pathname, isNavigation(headers))
}

/** Upgraded sockets leave the HTTP server's own books. */
function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  return sockets
}

async function stop(
  server: Server,
  stopping: Emitter<void>,
  sockets: ReadonlySet<Socket>,
  clock: Clock,
): Promise<void> {
  if (!server.listening) return
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  stopping.emit()
  // A connection is idle only some time after its last answer has ended.
  let sweep: Disposable | undefined
  const closeIdle = (): void => {
    server.closeIdleConnections()
    sweep = clock.after(sweepMs, closeIdle)
  }
  closeIdle()
  const cutOff = clock.after(graceMs, () => {
    for (const socket of sockets) socket.destroy()
  })
  await closed
  void cutOff.dispose()
  void sweep?.dispose()
}
