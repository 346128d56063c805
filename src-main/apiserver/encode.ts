/** What the chain answered, as status, headers and bytes in the form that the client accepts. */
import { stringify as stringifyYaml } from 'yaml'
import { StatusError, internalError, notAcceptable } from '../api/errors.ts'
import type { Clock } from '../lib/clock.ts'
import { formats, negotiate, type Representation, type Shape } from './accept.ts'
import type { Answer, ServerRequest, StoredObject } from './request.ts'
import type { Readable } from 'node:stream'
import { includeObjectOf, partialObjectText, rowText, tableHead, tableTail, type TableOptions } from './table.ts'
import { watchFrames } from './watch-frames.ts'

export type HeaderValues = Record<string, string | string[]>

export type ResponseBody =
  /** Complete and of known size. Chunks may be shared with others: they are never written to. */
  | { readonly type: 'chunks'; readonly chunks: readonly Uint8Array[]; readonly bytes: number }
  /** Chunks as they come. */
  | { readonly type: 'live'; readonly chunks: AsyncIterable<Uint8Array> }
  | { readonly type: 'stream'; readonly stream: Readable }

export interface EncodedResponse {
  readonly code: number
  readonly headers: HeaderValues
  readonly body: ResponseBody
}

export type DataAnswer = Exclude<Answer, { type: 'upgrade' }>

/** Throws `NotAcceptable` when the client takes no form that there is. */
export function encodeAnswer(answer: DataAnswer, request: ServerRequest, clock: Clock): EncodedResponse {
  switch (answer.type) {
    case 'bytes':
      return response(answer.code, answer.contentType, [answer.bytes], answer.headers)
    case 'stream':
      return { ...response(200, answer.contentType, []), body: { type: 'stream', stream: answer.stream } }
    case 'plain':
      return encodePlain(answer.code, answer.object, request)
    case 'object': {
      const { format, shape } = wanted(request)
      const chunks = objectChunks(answer, shape, tableOptions(request, shape, clock))
      return finish(answer.code, format, chunks, request)
    }
    case 'list': {
      const { format, shape } = wanted(request)
      const chunks = listChunks(answer, shape, tableOptions(request, shape, clock))
      return finish(200, format, chunks, request)
    }
    case 'watch': {
      const { format, shape } = wanted(request)
      // Only JSON can be told apart event by event.
      if (format !== 'json') throw notAcceptable(['application/json', 'application/json;stream=watch'])
      const chunks = watchFrames(answer, shape, () => tableOptions(request, shape, clock))
      return { ...response(200, 'application/json', []), body: { type: 'live', chunks } }
    }
  }
}

/** A failure as a Status. What is not a StatusError is a fault of the server and shows as an internal error. */
export function encodeFailure(error: unknown): EncodedResponse {
  const failure =
    error instanceof StatusError ? error : internalError(error instanceof Error ? error.message : String(error))
  const retryAfter = failure.details?.retryAfterSeconds
  return response(
    failure.code,
    'application/json',
    [Buffer.from(`${JSON.stringify(failure.toStatus())}\n`)],
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
  )
}

/**
 * `Warning` headers. Control characters would break the header and quotes its syntax; text beyond Latin-1 goes out as
 * UTF-8 bytes, which is how clients read it.
 */
export function warningHeaders(warnings: readonly string[]): HeaderValues {
  if (warnings.length === 0) return {}
  const values = [...new Set(warnings)].map((warning) => {
    const printable = warning.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 1024)
    return `299 - "${Buffer.from(printable.replace(/["\\]/g, '\\$&')).toString('latin1')}"`
  })
  return { warning: values }
}

function wanted(request: ServerRequest): Representation {
  const representation = negotiate(request.headers['accept'], false)
  if (representation === undefined) throw notAcceptable(['application/json', 'application/yaml'])
  return representation
}

function tableOptions(request: ServerRequest, shape: Shape | undefined, clock: Clock): TableOptions {
  return {
    version: shape?.version ?? 'v1',
    includeObject: includeObjectOf(request.query.get('includeObject')),
    nowUnixMs: clock.now(),
  }
}

function encodePlain(code: number, object: object, request: ServerRequest): EncodedResponse {
  // What is not of a kind has no table: clients that ask for one accept the object beside it, or a Status.
  const format = negotiate(request.headers['accept'], false)?.format ?? 'json'
  return finish(code, format, [Buffer.from(JSON.stringify(object))], request)
}

function objectChunks(
  { kind, stored }: Extract<Answer, { type: 'object' }>,
  shape: Shape | undefined,
  options: TableOptions,
): readonly Uint8Array[] {
  if (shape === undefined) return [stored.bytes()]
  if (shape.type === 'PartialObjectMetadata') return [Buffer.from(partialObjectText(stored.object, shape.version))]
  const metadata = { resourceVersion: stored.object.metadata?.resourceVersion ?? '' }
  return [Buffer.from(tableHead(kind, metadata, options, true) + rowText(kind, stored, options) + tableTail)]
}

function listChunks(
  answer: Extract<Answer, { type: 'list' }>,
  shape: Shape | undefined,
  options: TableOptions,
): readonly Uint8Array[] {
  const { kind, items, resourceVersion, continue: next, remainingItemCount } = answer
  const metadata = {
    resourceVersion,
    ...(next === undefined ? {} : { continue: next }),
    ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
  }
  if (shape?.type === 'Table')
    return spliced(tableHead(kind, metadata, options, true), items, (stored) =>
      Buffer.from(rowText(kind, stored, options)),
    )
  const [listKind, apiVersion] =
    shape === undefined
      ? [`${kind.kind}List`, kind.apiVersion]
      : ['PartialObjectMetadataList', `meta.k8s.io/${shape.version}`]
  const head = `{"kind":"${listKind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":[`
  return spliced(head, items, (stored) =>
    shape === undefined ? stored.bytes() : Buffer.from(partialObjectText(stored.object, shape.version)),
  )
}

const comma = Buffer.from(',')
const tail = Buffer.from(']}')

function spliced(
  head: string,
  items: readonly StoredObject[],
  bytesOf: (stored: StoredObject) => Uint8Array,
): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [Buffer.from(head)]
  for (const [index, stored] of items.entries()) {
    if (index > 0) chunks.push(comma)
    chunks.push(bytesOf(stored))
  }
  chunks.push(tail)
  return chunks
}

function finish(
  code: number,
  format: Representation['format'],
  chunks: readonly Uint8Array[],
  request: ServerRequest,
): EncodedResponse {
  const contentType = formats.find((one) => one[1] === format)?.[0] ?? 'application/json'
  if (format === 'yaml') return response(code, contentType, [Buffer.from(stringifyYaml(parsedJson(chunks)))])
  const pretty = request.query.get('pretty')
  if (pretty === 'true' || pretty === '1')
    return response(code, contentType, [Buffer.from(`${JSON.stringify(parsedJson(chunks), undefined, 2)}\n`)])
  return response(code, contentType, chunks)
}

const parsedJson = (chunks: readonly Uint8Array[]): unknown => JSON.parse(Buffer.concat(chunks).toString())

function response(
  code: number,
  contentType: string,
  chunks: readonly Uint8Array[],
  headers: Readonly<Record<string, string>> = {},
): EncodedResponse {
  let bytes = 0
  for (const chunk of chunks) bytes += chunk.length
  return {
    code,
    headers: { 'cache-control': 'no-cache, private', 'content-type': contentType, ...headers },
    body: { type: 'chunks', chunks, bytes },
  }
}
