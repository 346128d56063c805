/** One HTTP request and the place for its answer, the same for HTTP/2, HTTP/1.1 and a socket that asked to upgrade. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { constants, type IncomingHttpHeaders as Http2Headers, type ServerHttp2Stream } from 'node:http2'
import { STATUS_CODES } from 'node:http'
import type { Duplex, Readable, Writable } from 'node:stream'
import { tooLarge } from '../api/errors.ts'
import type { HeaderValues } from './encoded-response.ts'
import type { RequestBody } from './request.ts'

export interface Exchange {
  readonly method: string
  /** Path and query as they were sent. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[]
  readonly body: RequestBody
  /** Of the other end, as long as the connection lasts. */
  remoteAddress(): string | undefined
  /** Takes the answer's bytes after `begin`; emits `close` when the client is gone or the answer is out. */
  readonly sink: Writable
  /** Sends status and headers. With `ended` nothing follows. */
  begin(code: number, headers: HeaderValues, ended: boolean): void
}

/** Kubernetes refuses larger bodies, too. */
export const bodyLimitBytes = 3 * 1024 * 1024

export function http1Exchange(request: IncomingMessage, response: ServerResponse): Exchange {
  return {
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: flatHeaders(request.headers),
    rawHeaders: request.rawHeaders,
    body: bodyOf(request, request.headers),
    remoteAddress: () => request.socket.remoteAddress,
    sink: response,
    begin(code, headers, ended) {
      response.writeHead(code, headers)
      if (ended) response.end()
      else response.flushHeaders()
    },
  }
}

const endStreamFlag = 1

export function http2Exchange(
  stream: ServerHttp2Stream,
  headers: Http2Headers,
  flags: number,
  rawHeaders: readonly string[],
): Exchange {
  const hasBody = (flags & endStreamFlag) === 0
  // An answer that did not wait for the whole body: the client is told to spare the rest.
  if (hasBody)
    stream.once('finish', () => {
      if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR)
    })
  return {
    method: headers[':method'] ?? 'GET',
    url: headers[':path'] ?? '/',
    headers: flatHeaders(headers),
    rawHeaders,
    body: hasBody ? bytesBody(stream, headers['content-length']) : { type: 'none' },
    remoteAddress: () => (stream.session?.destroyed === false ? stream.session.socket.remoteAddress : undefined),
    sink: stream,
    begin(code, answerHeaders, ended) {
      if (!stream.destroyed && !stream.closed)
        stream.respond({ ':status': code, ...answerHeaders }, { endStream: ended })
    },
  }
}

/** An upgrade that is not granted is answered on the bare socket, which then closes. */
export function socketExchange(request: IncomingMessage, socket: Duplex): Exchange {
  return {
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: flatHeaders(request.headers),
    rawHeaders: request.rawHeaders,
    body: { type: 'none' },
    remoteAddress: () => request.socket.remoteAddress,
    sink: socket,
    begin(code, headers, ended) {
      const lines = Object.entries(headers).flatMap(([name, value]) =>
        (Array.isArray(value) ? value : [value]).map((one) => `${name}: ${one}`),
      )
      const head = [`HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}`, ...lines, 'connection: close', '', ''].join('\r\n')
      socket.write(head, 'latin1')
      if (ended) socket.end()
    },
  }
}

/** Pseudo headers of HTTP/2 are left out; repeated headers are joined as HTTP says. */
function flatHeaders(headers: IncomingHttpHeaders): Record<string, string | undefined> {
  const flat: Record<string, string | undefined> = {}
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (!name.startsWith(':')) flat[name] = Array.isArray(value) ? value.join(', ') : value
  }
  if (flat['host'] === undefined && typeof headers[':authority'] === 'string') flat['host'] = headers[':authority']
  return flat
}

function bodyOf(source: Readable, headers: IncomingHttpHeaders): RequestBody {
  const length = headers['content-length']
  if (headers['transfer-encoding'] === undefined && (length === undefined || length === '0')) return { type: 'none' }
  return bytesBody(source, length)
}

function bytesBody(source: Readable, length: string | undefined): RequestBody {
  let reading: Promise<Uint8Array> | undefined
  return { type: 'bytes', read: () => (reading ??= readBounded(source, length)), stream: () => source }
}

/** Rejects with `RequestEntityTooLarge` past the limit, before the rest arrives. */
function readBounded(source: Readable, length: string | undefined): Promise<Uint8Array> {
  const refusal = (): Error => tooLarge(`Request entity too large: limit is ${bodyLimitBytes}`)
  if (Number(length ?? 0) > bodyLimitBytes) return Promise.reject(refusal())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes <= bodyLimitBytes) chunks.push(chunk)
      else {
        source.pause()
        settle(() => reject(refusal()))
      }
    }
    const onEnd = (): void =>
      settle(() => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)))
    const onError = (error: Error): void => settle(() => reject(error))
    const onClose = (): void => settle(() => reject(new Error('the client went away while it was sending the body')))
    const settle = (tell: () => void): void => {
      source.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose)
      tell()
    }
    source.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose)
  })
}
