/** What the chain answered, as status, headers and bytes in the form that the client accepts. */
import type { Kind } from '../api/define-kind.ts'
import { notAcceptable } from '../api/errors.ts'
import type { DynamicObject, KubernetesObject } from '../api/meta/object.ts'
import { hasProtobuf } from '../api/schema/protobuf.ts'
import type { Clock } from '../lib/clock.ts'
import { formats, negotiate, parseAccept, plainFormat, type Representation, type Shape } from './accept.ts'
import { response, type EncodedResponse } from './encoded-response.ts'
import { jsonListBody, jsonListChunks, protobufListBody } from './list-body.ts'
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
import type { Turns } from './turns.ts'
import { protobufFrames, watchFrames } from './watch-frames.ts'
import { isForPeople, written, writtenProtobuf } from './written-form.ts'

export type DataAnswer = Exclude<Answer, { type: 'upgrade' }>

/** Throws `NotAcceptable` when the client takes no form that there is. */
export function encodeAnswer(answer: DataAnswer, request: ServerRequest, clock: Clock, turns?: Turns): EncodedResponse {
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
      if (format === 'protobuf') {
        const headers = response(200, 'application/vnd.kubernetes.protobuf', [])
        return { ...headers, body: protobufListBody(answer, shape, clock) }
      }
      const options = tableOptions(request, shape, clock)
      if (format === 'yaml' || isForPeople(request))
        return written(200, format, jsonListChunks(answer, shape, options), request)
      return { ...response(200, 'application/json', []), body: jsonListBody(answer, shape, options) }
    }
    case 'watch': {
      const { format, shape } = wanted(request, answer.kind)
      const turn = turns === undefined ? undefined : () => turns.take()
      if (format === 'protobuf') {
        const headers = response(200, 'application/vnd.kubernetes.protobuf;stream=watch', [])
        return { ...headers, body: { type: 'live', batches: protobufFrames(answer, shape, turn) } }
      }
      // YAML has no frames by which events could be told apart.
      if (format !== 'json') throw notAcceptable(framedForms)
      const batches = watchFrames(answer, shape, () => tableOptions(request, shape, clock), turn)
      return { ...response(200, 'application/json', []), body: { type: 'live', batches } }
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

const objectOf = ({ object }: StoredObject, shape: Shape | undefined): DynamicObject =>
  shape === undefined ? object : partialObject(object, shape.version)
