/**
 * Kubernetes' protobuf form of API objects: four magic bytes, an envelope that names the kind, and the object as a
 * message of that kind's definition. Here it becomes, and is made of, the plain JSON form.
 */
import type { DynamicObject } from '../meta/object.ts'
import { decodeMessage } from './protobuf/decode-message.ts'
import { encodeMessage } from './protobuf/encode-message.ts'
import { messagePlanOf, type MessagePlan } from './protobuf/message-plan.ts'
import { ProtobufError } from './protobuf/protobuf-error.ts'
import { wireBytes, WireReader } from './protobuf/wire-reader.ts'
import { varintLength, WireWriter } from './protobuf/wire-writer.ts'
import { definitionNameOf } from './schema.ts'

const magic = [0x6b, 0x38, 0x73, 0x00]

interface Envelope {
  apiVersion: string
  kind: string
  raw: Uint8Array
  contentEncoding: string
  contentType: string
}

/**
 * The object in JSON form, apiVersion and kind first. Throws ProtobufError; its code is `UnknownKind` when the bytes are
 * sound but nobody knows the kind's messages (custom kinds have none).
 */
export function decodeProtobuf(bytes: Uint8Array): DynamicObject {
  if (magic.some((byte, index) => bytes[index] !== byte)) {
    throw new ProtobufError('NotProtobuf', 'the bytes do not begin as Kubernetes protobuf does')
  }
  const { apiVersion, kind, raw, contentEncoding, contentType } = readEnvelope(bytes.subarray(magic.length))
  if (contentEncoding !== '') {
    throw new ProtobufError('UnsupportedEncoding', `the content encoding ${JSON.stringify(contentEncoding)} is unknown`)
  }
  if (contentType === 'application/json') return parseJson(raw)
  const object: DynamicObject = { apiVersion, kind }
  const plan = planOf(apiVersion, kind)
  decodeMessage(new WireReader(raw), raw.length, plan, object)
  // Protobuf cannot tell an empty list from none, and readers of a list expect one.
  const isList = kind.endsWith('List') && plan.fields.some(({ name }) => name === 'items')
  if (isList) object['items'] ??= []
  return object
}

/** The bytes of an object that names its apiVersion and kind. Throws ProtobufError with `UnknownKind`. */
export function encodeProtobuf(object: DynamicObject): Uint8Array {
  const { apiVersion = '', kind = '' } = object
  const plan = planOf(apiVersion, kind)
  const writer = new WireWriter()
  writer.raw(Uint8Array.from(magic))
  writeTypeMeta(writer, apiVersion, kind)
  writer.nested(2, () => encodeMessage(writer, plan, object))
  writeEncodings(writer)
  return writer.finish()
}

function writeTypeMeta(writer: WireWriter, apiVersion: string, kind: string): void {
  writer.nested(1, () => {
    writer.text(1, apiVersion)
    writer.text(2, kind)
  })
}

function writeEncodings(writer: WireWriter): void {
  writer.text(3, '')
  writer.text(4, '')
}

/** Objects are encoded one after the other, in the same place. */
const scratch = new WireWriter()

/** The object's message alone, as it stands in a list. Throws ProtobufError with `UnknownKind`. */
export function encodeProtobufItem(object: DynamicObject): Uint8Array {
  const { apiVersion = '', kind = '' } = object
  const plan = planOf(apiVersion, kind)
  scratch.clear()
  encodeMessage(scratch, plan, object)
  return scratch.finish()
}

const itemTag = (2 << 3) + wireBytes

/** What stands before an item of so many bytes in a list. */
export function protobufItemHead(bytes: number): Uint8Array {
  const head = [itemTag]
  let rest = bytes
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) head.push((rest % 0x80) + 0x80)
  head.push(rest)
  return Uint8Array.from(head)
}

/** How long an item of so many bytes is together with its head. */
export const protobufItemLength = (bytes: number): number => 1 + varintLength(bytes) + bytes

/** What stands around the items of a list, which have so many bytes with their heads: lists are one message each. */
export function protobufListParts(
  list: DynamicObject,
  itemBytes: number,
): { readonly head: Uint8Array; readonly tail: Uint8Array } {
  const { apiVersion = '', kind = '', metadata } = list
  const own = encodeProtobufItem({ apiVersion, kind, ...(metadata === undefined ? {} : { metadata }) })
  const head = new WireWriter()
  head.raw(Uint8Array.from(magic))
  writeTypeMeta(head, apiVersion, kind)
  head.bare((2 << 3) + wireBytes)
  head.bare(own.length + itemBytes)
  head.raw(own)
  const tail = new WireWriter()
  writeEncodings(tail)
  return { head: head.finish(), tail: tail.finish() }
}

/** An event of a watch around an object in its own protobuf form; the event itself has no envelope. */
export function encodeWatchEvent(type: string, object: Uint8Array): Uint8Array {
  const writer = new WireWriter()
  writer.text(1, type)
  writer.nested(2, () => writer.content(1, object))
  return writer.finish()
}

/** Whether a kind has a protobuf form: all built-in ones have, custom ones have not. */
export function hasProtobuf(apiVersion: string, kind: string): boolean {
  return findPlan(apiVersion, kind) !== undefined
}

function findPlan(apiVersion: string, kind: string): MessagePlan | undefined {
  const slash = apiVersion.indexOf('/')
  const group = slash < 0 ? '' : apiVersion.slice(0, slash)
  const definition = definitionNameOf({ group, version: apiVersion.slice(slash + 1), kind })
  return definition === undefined ? undefined : messagePlanOf(definition)
}

function planOf(apiVersion: string, kind: string): MessagePlan {
  const plan = findPlan(apiVersion, kind)
  if (plan !== undefined) return plan
  throw new ProtobufError(
    'UnknownKind',
    `no kind ${JSON.stringify(kind)} of ${JSON.stringify(apiVersion)} has a protobuf form`,
  )
}

function readEnvelope(bytes: Uint8Array): Envelope {
  const reader = new WireReader(bytes)
  const end = bytes.length
  const envelope: Envelope = { apiVersion: '', kind: '', raw: new Uint8Array(), contentEncoding: '', contentType: '' }
  while (reader.position < end) {
    const tag = reader.tag(end)
    if ((tag & 7) !== wireBytes) reader.skip(tag & 7, end)
    else if (tag >>> 3 === 1) readTypeMeta(reader, reader.endOfContent(end), envelope)
    else if (tag >>> 3 === 2) envelope.raw = reader.content(end)
    else if (tag >>> 3 === 3) envelope.contentEncoding = reader.text(end)
    else if (tag >>> 3 === 4) envelope.contentType = reader.text(end)
    else reader.skip(tag & 7, end)
  }
  return envelope
}

function readTypeMeta(reader: WireReader, end: number, envelope: Envelope): void {
  while (reader.position < end) {
    const tag = reader.tag(end)
    if (tag === (1 << 3) + wireBytes) envelope.apiVersion = reader.text(end)
    else if (tag === (2 << 3) + wireBytes) envelope.kind = reader.text(end)
    else reader.skip(tag & 7, end)
  }
}

function parseJson(raw: Uint8Array): DynamicObject {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw)) as DynamicObject
  } catch (cause) {
    throw new ProtobufError('Malformed', 'the content is not JSON, though its type says so', { cause })
  }
}
