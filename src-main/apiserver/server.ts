/** The TLS frontend: HTTP/2 and HTTP/1.1 on one port, identity from client certificates. */
import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { proxyClientName } from './aggregation/extension-config.ts'
import type { Clock } from '../lib/clock.ts'
import { Emitter } from '../lib/emitter.ts'
import type { Log } from '../lib/log.ts'
import { http1Exchange, http2Exchange, socketExchange, type Exchange } from './exchange.ts'
import { listen, type RunningServer } from './listen.ts'
import type { RequestMetrics } from './metrics.ts'
import { peerIdentity, proxiedUser, type ClientAuthorities } from './peer-identity.ts'
import type { Handler } from './request.ts'
import { serveExchange, serveUpgrade, type ExchangeOptions, type Peer } from './serve-exchange.ts'
import { Turns } from './turns.ts'

export interface TlsServerOptions {
  readonly handler: Handler
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
  /** PEM: client certificates are checked against `ca`. */
  readonly pki: {
    readonly ca: string
    readonly server: { readonly certificate: string; readonly key: string }
    /** The authority of proxies that may say whom they speak for. */
    readonly frontProxy?: { readonly ca: string }
  }
  readonly log: Log
  readonly clock: Clock
  readonly metrics?: RequestMetrics
  /** How long clients may take; absent: as long as Kubernetes lets them. */
  readonly patience?: Patience
}

export interface Patience {
  readonly handshakeMs: number
  /** For the first request of a connection, and for the headers of each. */
  readonly headersMs: number
}

const patience: Patience = { handshakeMs: 10_000, headersMs: 32_000 }
/** How often HTTP/1.1 connections are looked at for those that take longer. */
const looksPerPatience = 4
/** An HTTP/1.1 client that only holds its connection open. */
const idleTimeoutMs = 90_000
/** How long running requests may take to end when the server stops. */
const graceMs = 2000
/** A client runs this many requests at once over one connection; informers hold a stream for each of their kinds. */
const maximumStreams = 1000
const sessionMemoryMegabytes = 512

/** Serves until disposed. Rejects with a ListenError when the port cannot be opened. */
export async function listenTls(options: TlsServerOptions): Promise<RunningServer> {
  const { handler, host, pki, clock, log, metrics } = options
  const { handshakeMs, headersMs } = options.patience ?? patience
  const stopping = new Emitter<void>()
  const exchangeOptions: ExchangeOptions = { handler, clock, log, metrics, stopping, turns: new Turns() }
  const { frontProxy } = pki
  const authorities: ClientAuthorities = {
    client: pki.ca,
    ...(frontProxy === undefined ? {} : { frontProxy: { ca: frontProxy.ca, allowedNames: [proxyClientName] } }),
  }

  const server = createSecureServer({
    allowHTTP1: true,
    ca: [pki.ca, ...(frontProxy === undefined ? [] : [frontProxy.ca])],
    cert: pki.server.certificate,
    key: pki.server.key,
    requestCert: true,
    // A client may prove itself by a token instead: what its certificate is worth is decided per request.
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    handshakeTimeout: handshakeMs,
    // Node takes this for HTTP/1.1 connections, though the types of this server do not name it; nor those below.
    ...{ connectionsCheckingInterval: headersMs / looksPerPatience },
    // Several large lists may be on their way to one client; past its limit Node refuses new streams.
    maxSessionMemory: sessionMemoryMegabytes,
    settings: { maxConcurrentStreams: maximumStreams, initialWindowSize: 256 * 1024 },
  })
  Object.assign(server, { headersTimeout: headersMs, keepAliveTimeout: idleTimeoutMs })
  // With a 'request' listener Node wraps every HTTP/2 stream for it as well; here streams have a leaner way of their own.
  server.removeAllListeners('newListener')

  const peerOf = (socket: unknown, request: Parameters<typeof proxiedUser>[0]): Peer => {
    const identity = socket instanceof TLSSocket ? peerIdentity(socket, authorities, clock.now()) : undefined
    if (identity === undefined || identity.type === 'none') return undefined
    if (identity.type === 'user') return identity.user
    if (identity.type === 'proxy') return proxiedUser(request) ?? 'refused'
    log.info('a client certificate was refused', { reason: identity.reason })
    return 'refused'
  }
  server.on('stream', (...stream: [ServerHttp2Stream, IncomingHttpHeaders, number, string[]]) => {
    const exchange: Exchange = http2Exchange(...stream)
    void serveExchange(exchange, peerOf(stream[0].session?.socket, exchange), exchangeOptions)
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const exchange = http1Exchange(request, response)
    void serveExchange(exchange, peerOf(request.socket, exchange), exchangeOptions)
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const peer = peerOf(socket, socketExchange(request, socket))
    void serveUpgrade(request, socket, head, peer, exchangeOptions)
  })
  const open = trackConnections(server, headersMs, log)
  const port = await listen(server, host, options.port)
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return {
    url: `https://${shown.includes(':') ? `[${shown}]` : shown}:${port}`,
    port,
    dispose: () => stop(server, stopping, open, clock),
  }
}

interface OpenConnections {
  readonly sessions: Set<ServerHttp2Session>
  readonly sockets: Set<TLSSocket>
}

function trackConnections(server: Http2SecureServer, headersMs: number, log: Log): OpenConnections {
  const sessions = new Set<ServerHttp2Session>()
  const sockets = new Set<TLSSocket>()
  server.on('session', (session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
    // A session whose peer breaks the protocol ends by itself; it must not end the process.
    session.on('error', (error) => log.debug('an HTTP/2 session broke', { error: error.message }))
    // A connection that never asks for anything is not kept.
    session.setTimeout(headersMs, () => session.close())
    session.once('stream', () => session.setTimeout(0))
  })
  server.on('secureConnection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  })
  server.on('tlsClientError', (error, socket) => {
    log.debug('a TLS handshake failed', { error: error.message })
    socket.destroy()
  })
  server.on('sessionError', (error) => log.debug('an HTTP/2 session broke', { error: error.message }))
  return { sessions, sockets }
}

/** No new connections; watches end in order; what still runs after the grace time is cut off. */
async function stop(
  server: Http2SecureServer,
  stopping: Emitter<void>,
  open: OpenConnections,
  clock: Clock,
): Promise<void> {
  if (!server.listening) return
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  stopping.emit()
  for (const session of open.sessions) session.close()
  const cutOff = clock.after(graceMs, () => {
    for (const socket of open.sockets) socket.destroy()
  })
  await closed
  void cutOff.dispose()
}
