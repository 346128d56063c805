/** Requests as real clients have sent them, written down once, and what an answer to each is like. */
import type { DynamicObject } from '../../src-main/api/meta/object.ts'
import { encodeAnswer } from '../../src-main/apiserver/encode.ts'
import { encodeFailure } from '../../src-main/apiserver/encode-failure.ts'
import type { EncodedResponse } from '../../src-main/apiserver/encoded-response.ts'
import type { Answer, Handler, ServerRequest } from '../../src-main/apiserver/request.ts'
import type { Clock } from '../../src-main/lib/clock.ts'
import { namespace } from '../../src-main/api/kinds/core/namespace.ts'
import { admin, type TestServer } from './api-server.ts'
import { contentOf } from './api-door.ts'

export interface RecordedRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: { readonly encoding: 'utf8' | 'base64'; readonly text: string }
  readonly answer: RecordedAnswer
}

export interface RecordedAnswer {
  readonly code: number
  readonly contentType: string
  /** Of a JSON or protobuf object; absent for everything else, and for what lasts. */
  readonly kind?: string
}

const keptHeaders = ['accept', 'content-type', 'user-agent']

/** A server, and its revision when the session began: what clients name are revisions since then. */
export interface Session {
  readonly handler: Handler
  readonly clock: Clock
  readonly revision: number
}

export async function sessionOn({ server, client, clock }: TestServer, ofClock: Clock = clock): Promise<Session> {
  const { resourceVersion } = await client.list(namespace)
  return { handler: server.handler, clock: ofClock, revision: Number(resourceVersion) }
}

const sinceStart = (text: string, revision: number): string =>
  text.replace(/"resourceVersion":"(\d+)"/g, (_, given) => `"resourceVersion":"+${Number(given) - revision}"`)
const fromStart = (text: string, revision: number): string =>
  text.replace(/"resourceVersion":"\+(\d+)"/g, (_, given) => `"resourceVersion":"${Number(given) + revision}"`)

/** Passes requests on, and writes down each and its answer. */
export function recording({ handler, clock, revision }: Session, records: RecordedRequest[]): Handler {
  return async (request, context) => {
    const bytes = request.body.type === 'bytes' ? await request.body.read() : undefined
    const write = (response: EncodedResponse): void => {
      const { method, path, rawQuery = '' } = request
      const headers = Object.fromEntries(keptHeaders.flatMap((name) => headerOf(request, name)))
      // The hash of a document changes with what the document says.
      const query = rawQuery.replace(/(^|&)hash=\w+&?/, '$1')
      const target = query === '' ? path : `${path}?${query}`
      const body =
        bytes === undefined || bytes.length === 0 ? {} : { body: bodyOf(bytes, revision, headers['content-type']) }
      records.push({ method, target, headers, ...body, answer: answerOf(response) })
    }
    const asked: ServerRequest =
      bytes === undefined ? request : { ...request, body: { type: 'bytes', read: async () => bytes } }
    try {
      const answer = await handler(asked, context)
      write(encoded(answer, asked, clock))
      return answer
    } catch (error) {
      write(encodeFailure(error, asked))
      throw error
    }
  }
}

/** Sends one again, and gives what its answer is like now. */
export async function replayed(
  { handler, clock, revision }: Session,
  recorded: RecordedRequest,
): Promise<RecordedAnswer> {
  const { method, target, headers, body } = recorded
  const url = new URL(target, 'http://localhost')
  const gone = new AbortController()
  const bytes = body && Buffer.from(fromStart(body.text, revision), body.encoding)
  const request: ServerRequest = {
    ...{ method, path: url.pathname, query: url.searchParams, headers, peer: admin, signal: gone.signal },
    body: bytes === undefined ? { type: 'none' } : { type: 'bytes', read: async () => bytes },
  }
  try {
    return answerOf(encoded(await handler(request, { warn: () => undefined }), request, clock))
  } catch (error) {
    return answerOf(encodeFailure(error, request))
  } finally {
    gone.abort()
  }
}

function encoded(answer: Answer, request: ServerRequest, clock: Clock): EncodedResponse {
  if (answer.type === 'upgrade') throw new Error('an upgrade cannot be written down')
  return encodeAnswer(answer, request, clock)
}

function headerOf({ headers }: ServerRequest, name: string): [string, string][] {
  const value = headers[name]
  return value === undefined ? [] : [[name, value]]
}

function bodyOf(bytes: Uint8Array, revision: number, contentType = ''): RecordedRequest['body'] {
  const encoding = contentType.includes('protobuf') ? 'base64' : 'utf8'
  return { encoding, text: sinceStart(Buffer.from(bytes).toString(encoding), revision) }
}

function answerOf({ code, headers, body }: EncodedResponse): RecordedAnswer {
  const contentType = String(headers['content-type'])
  if (body.type !== 'chunks') return { code, contentType }
  const content: unknown = contentOf(Buffer.concat(body.chunks), contentType)
  const { kind } = typeof content === 'object' && content !== null ? (content as DynamicObject) : {}
  return { code, contentType, ...(kind === undefined ? {} : { kind }) }
}
