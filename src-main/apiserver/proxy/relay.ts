/** Passes a request on to another server, and its answer back: bodies as they come, and upgraded connections as they are. */
import { request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest, type RequestOptions as TlsOptions } from 'node:https'
import { pipeline, Readable, type Duplex } from 'node:stream'
import { serviceUnavailable } from '../../api/errors.ts'
import type { DialingAgent } from '../outbound/dialing-agent.ts'
import { protocolsWithoutToken } from '../filters/authentication.ts'
import { networkWords } from '../outbound/tls-words.ts'
import type { Answer, ServerRequest, UpgradedConnection } from '../request.ts'
import { htmlRewriter, rewriteLink, type Rewriting } from './rewrite-links.ts'

export interface RelayTarget {
  /** A connection of its own, under TLS already where it is wanted; or an agent that keeps them, and what TLS needs. */
  readonly via:
    | { readonly type: 'connection'; readonly connection: Duplex }
    | { readonly type: 'agent'; readonly agent: DialingAgent; readonly tls: TlsOptions }
  readonly host: string
  readonly port: number
  /** With the query. */
  readonly path: string
  /** Added to the client's own, or in their place. */
  readonly headers: Readonly<Record<string, string | string[]>>
  /** Absent: the answer is passed on without a look at its links. */
  readonly rewriting?: Rewriting
}

/** They speak of one connection and not of the request; `authorization` has proved to us who asks, and is our secret. */
const notPassedOn: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'http2-settings', 'host', 'expect', 'authorization'],
])

/** Rejects with ServiceUnavailable when there is no answer at all. */
export function relay(request: ServerRequest, target: RelayTarget): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const message = open(request, target)
    message.once('error', (error) =>
      reject(serviceUnavailable(`error trying to reach service: ${networkWords(error)}`)),
    )
    message.once('response', (response) => resolve(answerOf(response, target.rewriting)))
    message.once('upgrade', (response: IncomingMessage, socket: Duplex, head: Buffer) =>
      resolve({ type: 'upgrade', start: (connection) => join(connection, response, socket, head) }),
    )
    sendBody(request, message)
  })
}

function open(request: ServerRequest, { via, host, port, path, headers }: RelayTarget): ClientRequest {
  const options: RequestOptions = {
    ...{ host, port, path, method: request.method, signal: request.signal },
    headers: { ...passedOn(request), host: port === 80 || port === 443 ? host : `${host}:${port}`, ...headers },
  }
  return via.type === 'agent'
    ? httpsRequest({ ...options, ...via.tls, agent: via.agent })
    : httpRequest({ ...options, createConnection: () => via.connection })
}

/** Without `accept-encoding`: a page must be readable for its links to be changed. */
function passedOn({ headers, body }: ServerRequest): Record<string, string> {
  const kept = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ||
    notPassedOn.has(name) ||
    name === 'accept-encoding' ||
    name === 'sec-websocket-protocol' ||
    name.startsWith('impersonate-') ||
    name.startsWith('x-remote-')
      ? []
      : [[name, value]],
  )
  const upgrade = headers['upgrade']
  const protocols = protocolsWithoutToken(headers['sec-websocket-protocol'] ?? '')
  const wantsUpgrade = upgrade !== undefined && /(^|,)\s*upgrade\s*(,|$)/i.test(headers['connection'] ?? '')
  return {
    ...Object.fromEntries(kept),
    ...(protocols === '' ? {} : { 'sec-websocket-protocol': protocols }),
    ...(wantsUpgrade ? { connection: 'Upgrade', upgrade } : {}),
    // Some methods seldom have a body: that this one has must be said.
    ...(body.type === 'bytes' && headers['content-length'] === undefined ? { 'transfer-encoding': 'chunked' } : {}),
    ...(body.type === 'data' ? { 'content-type': headers['content-type'] ?? 'application/json' } : {}),
  }
}

function sendBody({ body }: ServerRequest, message: ClientRequest): void {
  if (body.type === 'none') return void message.end()
  if (body.type === 'data') {
    const bytes = Buffer.from(JSON.stringify(body.data))
    message.setHeader('content-length', bytes.length)
    return void message.end(bytes)
  }
  const source = body.stream?.() ?? Readable.from(once(body.read))
  // What goes wrong on the way is the request's own error.
  pipeline(source, message, () => undefined)
}

async function* once(read: () => Promise<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield await read()
}

function answerOf(response: IncomingMessage, rewriting: Rewriting | undefined): Answer {
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(response.headers))
    if (value !== undefined && !notPassedOn.has(name)) headers[name] = value
  const code = response.statusCode ?? 502
  if (rewriting === undefined) return { type: 'relay', code, headers, stream: response }
  const { location } = headers
  if (typeof location === 'string') headers['location'] = rewriteLink(location, rewriting)
  const isPage = /^text\/html\b/i.test(response.headers['content-type'] ?? '')
  if (!isPage || response.headers['content-encoding'] !== undefined)
    return { type: 'relay', code, headers, stream: response }
  delete headers['content-length']
  // An end in the middle reaches the client as one: the pipeline destroys the page with the same error.
  const page = htmlRewriter(rewriting)
  pipeline(response, page, () => undefined)
  return { type: 'relay', code, headers, stream: page }
}

/** From here on the two talk to each other, until one of them ends. */
function join({ socket, head }: UpgradedConnection, response: IncomingMessage, server: Duplex, first: Buffer): void {
  const { rawHeaders } = response
  const lines = [`HTTP/1.1 ${response.statusCode ?? 101} ${response.statusMessage ?? ''}`]
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at] ?? ''}: ${rawHeaders[at + 1] ?? ''}`)
  socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  if (first.length > 0) socket.write(first)
  if (head.length > 0) server.write(head)
  const over = (): void => {
    socket.destroy()
    server.destroy()
  }
  for (const side of [socket, server]) side.on('error', over).on('close', over)
  socket.pipe(server).pipe(socket)
}
