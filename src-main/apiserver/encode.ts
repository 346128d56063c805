/** What the chain answered, as status, headers and bytes in the form that the client accepts. */
import type { Kind } from '../api/define-kind.ts'
import { notAcceptable } from '../api/errors.ts'
import type { DynamicObject, KubernetesObject } from '../api/meta/object.ts'
import { hasProtobuf } from '../api/schema/protobuf.ts'
import type { ListMeta } from '../api/types/meta-v1.ts'
import type { Clock } from '../lib/clock.ts'
import { formats, negotiate, parseAccept, plainFormat, type Representation, type Shape } from './accept.ts'
import { response, type EncodedResponse } from './encoded-response.ts'
import type { Answer, ServerRequest, StoredObject } from './request.ts'
import {
  includeObjectOf,
  partialObject,
  partialObjectText,
  rowText,
  tableHead,
  tableTail,
  type TableOptions,
} from './table.ts'
import { protobufFrames, watchFrames } from './watch-frames.ts'
import { written, writtenProtobuf } from './written-form.ts'

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
      if (format === 'protobuf') return writtenProtobuf(answer.code, objectOf(answer.stored, shape))
      const chunks = objectChunks(answer, shape, tableOptions(request, shape, clock))
      return written(answer.code, format, chunks, request)
    }
    case 'list': {
      const { format, shape } = wanted(request, answer.kind)
      if (format === 'protobuf') return writtenProtobuf(200, wholeList(answer, shape))
      const chunks = listChunks(answer, shape, tableOptions(request, shape, clock))
      return written(200, format, chunks, request)
    }
    case 'watch': {
      const { format, shape } = wanted(request, answer.kind)
      if (format === 'protobuf') {
        const headers = response(200, 'application/vnd.kubernetes.protobuf;stream=watch', [])
        return { ...headers, body: { type: 'live', chunks: protobufFrames(answer, shape) } }
      }
      // YAML has no frames by which events could be told apart.
      if (format !== 'json') throw notAcceptable(framedForms)
      const chunks = watchFrames(answer, shape, () => tableOptions(request, shape, clock))
      return { ...response(200, 'application/json', []), body: { type: 'live', chunks } }
    }
  }
}

const framedForms = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']

/** Throws `NotAcceptable` when there is no form in which the client would take an object of this kind. */
export function checkAcceptable({ headers }: Pick<ServerRequest, 'headers'>, kind: Kind): void {
  if (headers['accept'] !== undefined) wanted({ headers }, kind)
}

/** `kind`: of what is to be encoded, where protobuf is possible at all. */
function wanted({ headers }: Pick<ServerRequest, 'headers'>, kind: Kind): Representation {
  const accept = headers['accept']
  const inProtobuf = mentionsProtobuf(accept) && hasProtobuf(kind.apiVersion, kind.kind)
  const representation = negotiate(accept, inProtobuf)
  if (representation !== undefined) return representation
  throw notAcceptable(formats.map(([mediaType]) => mediaType))
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
  const inProtobuf = mentionsProtobuf(accept) && hasProtobuf(apiVersion, kind)
  const format = plainFormat(accept, inProtobuf) ?? negotiate(accept, inProtobuf)?.format ?? 'json'
  if (format === 'protobuf') return writtenProtobuf(code, object as DynamicObject)
  return written(code, format, [Buffer.from(JSON.stringify(object))], request)
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

const objectOf = ({ object }: StoredObject, shape: Shape | undefined): DynamicObject =>
  shape === undefined ? object : partialObject(object, shape.version)

/** What a list is called in a shape. */
function listType(kind: Kind, shape: Shape | undefined): { kind: string; apiVersion: string } {
  return shape === undefined
    ? { kind: `${kind.kind}List`, apiVersion: kind.apiVersion }
    : { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${shape.version}` }
}

function wholeList(answer: ListAnswer, shape: Shape | undefined): DynamicObject {
  return {
    ...listType(answer.kind, shape),
    metadata: listMetadata(answer),
    items: answer.items.map((stored) => objectOf(stored, shape)),
  }
}

function listChunks(answer: ListAnswer, shape: Shape | undefined, options: TableOptions): readonly Uint8Array[] {
  const { kind, items } = answer
  const metadata = listMetadata(answer)
  if (shape?.type === 'Table')
    return spliced(tableHead(kind, metadata, options, true), items, (stored) =>
      Buffer.from(rowText(kind, stored, options)),
    )
  const { kind: listKind, apiVersion } = listType(kind, shape)
  const head = `{"kind":"${listKind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":[`
  if (shape !== undefined)
    return spliced(head, items, (stored) => Buffer.from(partialObjectText(stored.object, shape.version)))
  return kind.custom === undefined ? splicedWithoutType(head, items, kind) : spliced(head, items, whole)
}

const whole = (stored: StoredObject): Uint8Array => stored.bytes()
const comma = Buffer.from(',')
const brace = Buffer.from('{')
const commaBrace = Buffer.from(',{')
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

/** The list says of what kind its items are; they do not say it again. Custom objects do, for they have no type. */
function splicedWithoutType(head: string, items: readonly StoredObject[], kind: Kind): readonly Uint8Array[] {
  const type = Buffer.from(`{"kind":"${kind.kind}","apiVersion":"${kind.apiVersion}",`)
  const chunks: Uint8Array[] = [Buffer.from(head)]
  for (const [index, stored] of items.entries()) {
    const bytes = stored.bytes()
    const begins = type.compare(bytes, 0, type.length) === 0
    if (begins) chunks.push(index > 0 ? commaBrace : brace, bytes.subarray(type.length))
    else if (index > 0) chunks.push(comma, bytes)
    else chunks.push(bytes)
  }
  chunks.push(tail)
  return chunks
}
