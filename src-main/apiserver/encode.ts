/** What the chain answered, as status, headers and bytes in the form that the client accepts. */
import { stringify as stringifyYaml } from 'yaml'
import type { Kind } from '../api/define-kind.ts'
import { notAcceptable } from '../api/errors.ts'
import type { DynamicObject, KubernetesObject } from '../api/meta/object.ts'
import { encodeProtobuf, hasProtobuf } from '../api/schema/protobuf.ts'
import type { ListMeta } from '../api/types/meta-v1.ts'
import type { Clock } from '../lib/clock.ts'
import { formats, negotiate, parseAccept, type Representation, type Shape } from './accept.ts'
import { response, type EncodedResponse } from './encoded-response.ts'
import type { Answer, ServerRequest, StoredObject } from './request.ts'
import { includeObjectOf, partialObjectText, rowText, tableHead, tableTail, type TableOptions } from './table.ts'
import { protobufFrames, watchFrames } from './watch-frames.ts'

export type DataAnswer = Exclude<Answer, { type: 'upgrade' }>

/** Throws `NotAcceptable` when the client takes no form that there is. */
export function encodeAnswer(answer: DataAnswer, request: ServerRequest, clock: Clock): EncodedResponse {
  switch (answer.type) {
    case 'bytes':
      return response(answer.code, answer.contentType, [answer.bytes], answer.headers)
    case 'stream':
      return { ...response(200, answer.contentType, []), body: { type: 'stream', stream: answer.stream } }
    case 'relay':
      return { code: answer.code, headers: { ...answer.headers }, body: { type: 'stream', stream: answer.stream } }
    case 'plain':
      return encodePlain(answer.code, answer.object, request)
    case 'object': {
      const { format, shape } = wanted(request, answer.kind)
      if (format === 'protobuf') return protobuf(answer.code, answer.stored.object)
      const chunks = objectChunks(answer, shape, tableOptions(request, shape, clock))
      return finish(answer.code, format, chunks, request)
    }
    case 'list': {
      const { format, shape } = wanted(request, answer.kind)
      if (format === 'protobuf') return protobuf(200, wholeList(answer))
      const chunks = listChunks(answer, shape, tableOptions(request, shape, clock))
      return finish(200, format, chunks, request)
    }
    case 'watch': {
      const { format, shape } = wanted(request, answer.kind)
      if (format === 'protobuf') {
        const headers = response(200, 'application/vnd.kubernetes.protobuf;stream=watch', [])
        return { ...headers, body: { type: 'live', chunks: protobufFrames(answer) } }
      }
      // YAML has no frames by which events could be told apart.
      if (format !== 'json') throw notAcceptable(['application/json', 'application/json;stream=watch'])
      const chunks = watchFrames(answer, shape, () => tableOptions(request, shape, clock))
      return { ...response(200, 'application/json', []), body: { type: 'live', chunks } }
    }
  }
}

/** `kind`: of what is to be encoded, where protobuf is possible at all. */
function wanted(request: ServerRequest, kind: Kind | undefined): Representation {
  const accept = request.headers['accept']
  const inProtobuf = kind !== undefined && mentionsProtobuf(accept) && hasProtobuf(kind.apiVersion, kind.kind)
  const representation = negotiate(accept, inProtobuf)
  if (representation !== undefined) return representation
  throw notAcceptable(formats.map(([mediaType]) => mediaType).filter((_, index) => inProtobuf || index < 2))
}

const mentionsProtobuf = (accept = ''): boolean => accept.includes('protobuf')

function tableOptions(request: ServerRequest, shape: Shape | undefined, clock: Clock): TableOptions {
  return {
    version: shape?.version ?? 'v1',
    includeObject: includeObjectOf(request.query.get('includeObject')),
    nowUnixMs: clock.now(),
  }
}

function encodePlain(code: number, object: object, request: ServerRequest): EncodedResponse {
  // What is not of a kind has no table: clients that ask for one accept the object beside it, or a Status.
  const { apiVersion = '', kind = '' } = object as KubernetesObject
  const accept = request.headers['accept']
  if (isReview(apiVersion) && parseAccept(accept).every(({ parameters }) => parameters.has('as')))
    throw notAcceptable(formats.map(([mediaType]) => mediaType))
  const format = negotiate(accept, mentionsProtobuf(accept) && hasProtobuf(apiVersion, kind))?.format ?? 'json'
  if (format === 'protobuf') return protobuf(code, object as DynamicObject)
  return finish(code, format, [Buffer.from(JSON.stringify(object))], request)
}

/** Reviews have no metadata, and so nothing that a table or a reduction could show. */
const isReview = (apiVersion: string): boolean =>
  apiVersion.startsWith('authorization.k8s.io/') || apiVersion.startsWith('authentication.k8s.io/')

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

type ListAnswer = Extract<Answer, { type: 'list' }>

function listMetadata({ resourceVersion, continue: next, remainingItemCount }: ListAnswer): ListMeta {
  return {
    resourceVersion,
    ...(next === undefined ? {} : { continue: next }),
    ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
  }
}

function wholeList(answer: ListAnswer): DynamicObject {
  const { kind, items } = answer
  return {
    kind: `${kind.kind}List`,
    apiVersion: kind.apiVersion,
    metadata: listMetadata(answer),
    items: items.map(({ object }) => object),
  }
}

function protobuf(code: number, object: DynamicObject): EncodedResponse {
  return response(code, 'application/vnd.kubernetes.protobuf', [encodeProtobuf(object)])
}

function listChunks(answer: ListAnswer, shape: Shape | undefined, options: TableOptions): readonly Uint8Array[] {
  const { kind, items } = answer
  const metadata = listMetadata(answer)
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
