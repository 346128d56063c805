/** Requests as a client on the wire makes them, with answers as bytes: through the chain directly, or over TLS. */
import { connect, type ClientHttp2Session } from 'node:http2'
import type { DynamicObject } from '../../src-main/api/meta/object.ts'
import { decodeProtobuf, encodeProtobuf } from '../../src-main/api/schema/protobuf.ts'
import { encodeAnswer } from '../../src-main/apiserver/encode.ts'
import { encodeFailure } from '../../src-main/apiserver/encode-failure.ts'
import type { EncodedResponse } from '../../src-main/apiserver/encoded-response.ts'
import { warningHeaders } from '../../src-main/apiserver/warning-headers.ts'
import type { RunningServer } from '../../src-main/apiserver/listen.ts'
import type { ServerRequest } from '../../src-main/apiserver/request.ts'
import type { Pki } from '../../src-main/lab/pki.ts'
import { admin, type TestServer } from './api-server.ts'

export const jsonType = 'application/json'
export const protobufType = 'application/vnd.kubernetes.protobuf'

export interface Asked {
  readonly accept?: string
  readonly contentType?: string
  /** Bytes and text go as they are, all else in the form that `contentType` says. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Reply {
  readonly code: number
  readonly contentType: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly bytes: Uint8Array
  /** The body as an object, whichever form it has. */
  readonly object: Content
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a server answers is looked at field by field
export type Content = any

/** A watch whose bytes are read as they come. */
export interface OpenWatch {
  readonly code: number
  readonly contentType: string
  readonly chunks: AsyncIterable<Uint8Array>
  close(): void
}

export interface Door {
  ask(method: string, target: string, asked?: Asked): Promise<Reply>
  watch(target: string, accept: string): Promise<OpenWatch>
  dispose(): void
}

export const contentOf = (bytes: Uint8Array, contentType: string): Content =>
  bytes.length === 0
    ? undefined
    : contentType.startsWith(protobufType)
      ? decodeProtobuf(bytes)
      : contentType.startsWith(jsonType)
        ? JSON.parse(Buffer.from(bytes).toString())
        : Buffer.from(bytes).toString()

function bodyBytes({ body, contentType = jsonType }: Asked): Uint8Array | undefined {
  if (body === undefined || body instanceof Uint8Array) return body
  if (typeof body === 'string') return Buffer.from(body)
  return contentType === protobufType ? encodeProtobuf(body as DynamicObject) : Buffer.from(JSON.stringify(body))
}

const headersOf = ({ accept = jsonType, contentType = jsonType, headers = {} }: Asked): Record<string, string> => ({
  accept,
  'content-type': contentType,
  ...headers,
})

const reply = (code: number, headers: Readonly<Record<string, unknown>>, bytes: Uint8Array): Reply => {
  const contentType = String(headers['content-type'] ?? '')
  return { code, contentType, headers, bytes, object: contentOf(bytes, contentType) }
}

/** Through the whole request chain and the encoders, without a socket. */
export function directDoor({ server, clock }: TestServer): Door {
  const answerTo = async (
    method: string,
    target: string,
    asked: Asked,
    signal: AbortSignal,
  ): Promise<EncodedResponse> => {
    const url = new URL(target, 'http://localhost')
    const bytes = bodyBytes(asked)
    const request: ServerRequest = {
      ...{ method, path: url.pathname, query: url.searchParams, headers: headersOf(asked), peer: admin, signal },
      body: bytes === undefined ? { type: 'none' } : { type: 'bytes', read: async () => bytes },
    }
    const warnings: string[] = []
    const withWarnings = (response: EncodedResponse): EncodedResponse => ({
      ...response,
      headers: { ...response.headers, ...warningHeaders(warnings) },
    })
    try {
      const answer = await server.handler(request, { warn: (text) => void warnings.push(text) })
      if (answer.type === 'upgrade') throw new Error('an upgrade')
      return withWarnings(encodeAnswer(answer, request, clock))
    } catch (error) {
      return withWarnings(encodeFailure(error, request))
    }
  }
  return {
    async ask(method, target, asked = {}) {
      const { code, headers, body } = await answerTo(method, target, asked, new AbortController().signal)
      if (body.type !== 'chunks') throw new Error(`${method} ${target} does not end`)
      return reply(code, headers, Buffer.concat(body.chunks))
    },
    async watch(target, accept) {
      const gone = new AbortController()
      const { code, headers, body } = await answerTo('GET', target, { accept }, gone.signal)
      async function* pieces(): AsyncGenerator<Uint8Array> {
        if (body.type === 'live') for await (const frames of body.batches) yield* frames
      }
      return { code, contentType: String(headers['content-type']), chunks: pieces(), close: () => gone.abort() }
    },
    dispose: () => undefined,
  }
}

/** One HTTP/2 connection of the administrator. */
export const tlsDoor = (running: RunningServer, { ca, admin: { certificate, key } }: Pki): Door =>
  openDoor(running.url, { ca, certificate, key })

/** One HTTP/2 connection of whoever the certificate names. */
export function openDoor(
  address: string,
  { ca, certificate, key }: { readonly ca: string; readonly certificate: string; readonly key: string },
): Door {
  const session: ClientHttp2Session = connect(address, { ca, cert: certificate, key })
  const open = (method: string, target: string, asked: Asked) => {
    const url = new URL(target, address)
    const bytes = bodyBytes(asked)
    const stream = session.request(
      { ':method': method, ':path': url.pathname + url.search, ...headersOf(asked) },
      { endStream: bytes === undefined },
    )
    if (bytes !== undefined) stream.end(bytes)
    const head = new Promise<Record<string, unknown>>((resolve, reject) => {
      stream.once('response', resolve)
      stream.once('error', reject)
    })
    return { stream, head }
  }
  return {
    async ask(method, target, asked = {}) {
      const { stream, head } = open(method, target, asked)
      const headers = await head
      const chunks: Buffer[] = []
      for await (const chunk of stream) chunks.push(chunk as Buffer)
      return reply(Number(headers[':status']), headers, Buffer.concat(chunks))
    },
    async watch(target, accept) {
      const { stream, head } = open('GET', target, { accept })
      const headers = await head
      const chunks = stream as AsyncIterable<Uint8Array>
      return {
        code: Number(headers[':status']),
        contentType: String(headers['content-type']),
        chunks,
        close: () => stream.close(),
      }
    },
    dispose: () => session.close(),
  }
}

/** The frames of a watch: lines of JSON, or messages of protobuf behind their length. */
export async function* framesOf({ chunks, contentType }: OpenWatch): AsyncGenerator<{ type: string; object: Content }> {
  let rest: Buffer = Buffer.alloc(0)
  const binary = contentType.startsWith(protobufType)
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const length = binary ? (rest.length < 4 ? -1 : rest.readUInt32BE(0)) : rest.indexOf(0x0a)
      const start = binary ? 4 : 0
      if (length < 0 || rest.length < start + length) break
      const frame = rest.subarray(start, start + length)
      rest = rest.subarray(start + length + (binary ? 0 : 1))
      yield binary ? binaryEvent(frame) : (JSON.parse(frame.toString()) as { type: string; object: Content })
    }
  }
}

/** WatchEvent { type = 1, object = 2 } without an envelope, around RawExtension { raw = 1 }, which holds the object in its. */
function binaryEvent(frame: Buffer): { type: string; object: Content } {
  const event = new Map(fieldsOf(frame))
  const object = new Map(fieldsOf(event.get(2) ?? Buffer.alloc(0))).get(1) ?? Buffer.alloc(0)
  return { type: event.get(1)?.toString() ?? '', object: decodeProtobuf(object) }
}

function fieldsOf(message: Buffer): [field: number, content: Buffer][] {
  const fields: [number, Buffer][] = []
  for (let at = 0; at < message.length;) {
    const tag = message[at++] ?? 0
    let length = 0
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++] ?? 0
      length += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
    }
    fields.push([tag >>> 3, message.subarray(at, at + length)])
    at += length
  }
  return fields
}
