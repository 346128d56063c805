import { errorFromStatus, StatusError, type StatusReason } from '../../api/errors.ts'
import type { Status } from '../../api/types/meta-v1.ts'
import type { ApiRequest, RawWatchEvent, Transport } from '../client.ts'
import { readLines } from './lines.ts'

export interface HttpRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
}

export interface HttpResponse {
  readonly status: number
  /** Its bytes are read once; returning from the iteration early ends the exchange. */
  readonly body: AsyncIterable<Uint8Array>
}

/** Makes one exchange with the server: adds who asks, and rejects when there is no answer at all. */
export type HttpSend = (request: HttpRequest) => Promise<HttpResponse>

/** A transport in JSON on any way to send HTTP. */
export function createHttpTransport(send: HttpSend): Transport {
  return {
    async request(request) {
      const response = await send(httpRequest(request))
      const answer = parseAnswer(await readText(response.body))
      if (response.status >= 400) throw failureOf(response.status, answer)
      return answer
    },
    watch: (request) => watchLines(send, request),
  }
}

async function* watchLines(send: HttpSend, request: ApiRequest): AsyncGenerator<RawWatchEvent> {
  const response = await send(httpRequest(request))
  if (response.status >= 400) throw failureOf(response.status, parseAnswer(await readText(response.body)))
  for await (const line of readLines(response.body)) {
    const event = JSON.parse(line) as RawWatchEvent | { readonly type: 'ERROR'; readonly object: Status }
    if (event.type === 'ERROR') throw errorFromStatus(event.object)
    yield event
  }
}

function httpRequest({ method, path, query, contentType, body, signal }: ApiRequest): HttpRequest {
  const search = query === undefined ? '' : new URLSearchParams(query).toString()
  return {
    method,
    target: search === '' ? path : `${path}?${search}`,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}

/** JSON, or the text itself: `/healthz` and logs answer in plain text. */
function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const reasons: Readonly<Record<number, StatusReason>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

function failureOf(code: number, answer: unknown): StatusError {
  const isStatus = typeof answer === 'object' && answer !== null && (answer as Status).kind === 'Status'
  if (isStatus) return errorFromStatus({ code, ...(answer as Status) })
  const text = typeof answer === 'string' && answer !== '' ? answer.slice(0, 1000) : `the server answered with ${code}`
  return new StatusError(code, reasons[code] ?? 'InternalError', text.trim())
}
