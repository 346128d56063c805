/** Takes one exchange through the chain: the same for every frontend. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { badRequest, StatusError } from '../api/errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { Emitter } from '../lib/emitter.ts'
import { describeError, type Log } from '../lib/log.ts'
import { encodeAnswer } from './encode.ts'
import { encodeFailure } from './encode-failure.ts'
import type { EncodedResponse, ResponseBody } from './encoded-response.ts'
import { socketExchange, type Exchange } from './exchange.ts'
import type { RequestMetrics } from './metrics.ts'
import { deadlineOf, within } from './request-deadline.ts'
import { respond } from './respond.ts'
import type { Answer, Handler, ServerRequest, UpgradedConnection, UserInfo } from './request.ts'
import type { Turns } from './turns.ts'
import { webSocketExchange } from './streams/websocket-messages.ts'
import { warningHeaders } from './warning-headers.ts'

export interface ExchangeOptions {
  readonly handler: Handler
  readonly clock: Clock
  readonly log: Log
  readonly metrics?: RequestMetrics
  /** In which order those write who wait for the same event; absent: all at once. */
  readonly turns?: Turns
  /** Added to every answer. */
  readonly headers?: Readonly<Record<string, string>>
  /** Added to what other servers have answered, whatever they say themselves; absent: they are trusted with their headers. */
  readonly relayHeaders?: Readonly<Record<string, string>>
  /** Speaks when the server stops: what would last ends then. */
  readonly stopping: Emitter<void>
}

/** Who the connection says it is; `refused`: what it has shown is worth nothing. */
export type Peer = UserInfo | 'refused' | undefined

/** Resolves when the answer is out. Never rejects: what goes wrong is the client's answer, or a line in the log. */
export async function serveExchange(exchange: Exchange, peer: Peer, options: ExchangeOptions): Promise<void> {
  await withRequest(exchange, peer, options, async (request) => {
    const response = await answerTo(request, options, (answer) => {
      if (answer.type === 'upgrade') throw badRequest('Upgrade request required')
      return guarded(answer, encodeAnswer(answer, request, options.clock, options.turns), options)
    })
    await send(exchange, request, response, options)
    return 'done'
  })
}

/** An HTTP/1.1 request that wants its socket: granted by an `upgrade` answer, answered like any other otherwise. */
export async function serveUpgrade(
  message: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  peer: Peer,
  options: ExchangeOptions,
): Promise<void> {
  const exchange = socketExchange(message, socket)
  await withRequest(exchange, peer, options, async (request) => {
    let granted: Extract<Answer, { type: 'upgrade' }> | undefined
    const response = await answerTo(request, options, (answer) => {
      if (answer.type !== 'upgrade')
        return guarded(answer, encodeAnswer(answer, request, options.clock, options.turns), options)
      granted = answer
      return undefined
    })
    if (response === undefined) {
      granted?.start({ request: message, socket, head })
      return 'upgraded'
    }
    await send(await carrierOf(exchange, response, { request: message, socket, head }), request, response, options)
    return 'done'
  })
}

/** A page of a pod must not act as a page of this server: neither set its cookies nor run its scripts here. */
function guarded(answer: Answer, response: EncodedResponse, { relayHeaders }: ExchangeOptions): EncodedResponse {
  if (answer.type !== 'relay' || relayHeaders === undefined) return response
  const { 'set-cookie': _cookies, ...headers } = response.headers
  return { ...response, headers: { ...headers, ...relayHeaders } }
}

/** A WebSocket for what lasts, where the client asked for one; the bare socket for everything else. */
async function carrierOf(
  exchange: Exchange,
  { code, body }: EncodedResponse,
  connection: UpgradedConnection,
): Promise<Exchange> {
  if (code !== 200 || !lasts(body) || exchange.headers['upgrade']?.toLowerCase() !== 'websocket') return exchange
  const carrier = await webSocketExchange(connection, exchange, body.type === 'live' ? 'text' : 'binary')
  carrier.sink.on('error', () => undefined)
  return carrier
}

async function withRequest(
  exchange: Exchange,
  peer: Peer,
  options: ExchangeOptions,
  serve: (request: ServerRequest) => Promise<'done' | 'upgraded'>,
): Promise<void> {
  const gone = new AbortController()
  const stop = (): void => gone.abort()
  exchange.sink.once('close', stop)
  // A client that leaves is no failure of ours; `close` follows.
  exchange.sink.on('error', () => undefined)
  const stopping = options.stopping.on(stop)
  const [path = '/', query = ''] = splitOnce(exchange.url, '?')
  let outcome: 'done' | 'upgraded' = 'done'
  try {
    outcome = await serve({
      method: exchange.method,
      path,
      query: new URLSearchParams(query),
      rawQuery: query,
      headers: exchange.headers,
      rawHeaders: exchange.rawHeaders,
      body: exchange.body,
      ...(peer === 'refused' ? { peer: undefined, peerRefused: true } : { peer }),
      signal: gone.signal,
      remoteAddress: () => exchange.remoteAddress(),
    })
  } catch (error) {
    options.log.error('an answer could not be sent', { path, error: describeError(error) })
    exchange.sink.destroy()
  } finally {
    // An upgraded connection lives on: its signal must still tell when the client goes.
    if (outcome === 'done') {
      exchange.sink.off('close', stop)
      void stopping.dispose()
    }
  }
}

async function answerTo<T extends EncodedResponse | undefined>(
  request: ServerRequest,
  options: ExchangeOptions,
  encode: (answer: Answer) => T,
): Promise<T | EncodedResponse> {
  const warnings: string[] = []
  const own: Record<string, string> = {}
  const started = options.clock.monotonic()
  let response: T | EncodedResponse
  try {
    const deadline = deadlineOf(request)
    const answering = options.handler(request, {
      warn: (text) => warnings.push(text),
      header: (name, value) => void (own[name] = value),
    })
    response = encode(await within(deadline, options.clock, answering))
  } catch (error) {
    if (!(error instanceof StatusError) && !request.signal.aborted)
      options.log.error('a request failed', { method: request.method, path: request.path, error: describeError(error) })
    response = encodeFailure(error, request)
  }
  options.metrics?.answered(request, response?.code ?? 101, options.clock.monotonic() - started)
  if (response === undefined) return response
  return { ...response, headers: { ...options.headers, ...own, ...response.headers, ...warningHeaders(warnings) } }
}

async function send(
  exchange: Exchange,
  request: ServerRequest,
  response: EncodedResponse,
  { clock, metrics, stopping }: ExchangeOptions,
): Promise<void> {
  const lasting = lasts(response.body)
  // When the server stops, what lasts ends in order: the client sees the end of the stream, not a broken connection.
  if (!lasting) return respond(exchange, response, clock)
  const end = stopping.on(() => exchange.sink.end())
  metrics?.longRunning(request, 1)
  try {
    await respond(exchange, response, clock)
  } finally {
    void end.dispose()
    metrics?.longRunning(request, -1)
  }
}

const lasts = ({ type }: ResponseBody): boolean => type === 'live' || type === 'stream'

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)]
}
