import { setOwn } from '../own-property.ts'
import { timeText } from '../time-text.ts'
import { base64FromBytes } from './base64.ts'
import type { Codec, FieldPlan, MessagePlan, SchemaChoice } from './message-plan.ts'
import { ProtobufError } from './protobuf-error.ts'
import { wireBytes, wireFixed64, wireVarint, type WireReader } from './wire-reader.ts'

type JsonObject = Record<string, unknown>

/** Deeper than any real object; a schema inside a CRD takes three levels a level. */
const maximumDepth = 200
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Decodes a message that ends at `end` into `target`, in JSON form. Throws ProtobufError. */
export function decodeMessage(reader: WireReader, end: number, plan: MessagePlan, target: JsonObject, depth = 0): void {
  if (depth > maximumDepth) throw new ProtobufError('TooDeep', `messages are nested deeper than ${maximumDepth}`)
  while (reader.position < end) {
    const tag = reader.tag(end)
    const field = plan.byNumber.get(tag >>> 3)
    if (field === undefined) reader.skip(tag & 7, end)
    else decodeField(reader, end, tag & 7, field, target, depth)
  }
}

function decodeField(
  reader: WireReader,
  end: number,
  wireType: number,
  field: FieldPlan,
  target: JsonObject,
  depth: number,
): void {
  const { codec } = field
  if (codec.type === 'map') {
    const entries = (target[field.name] ??= {}) as JsonObject
    decodeMapEntry(reader, end, wireType, codec.values, entries, depth)
    return
  }
  if (field.repeated) {
    const list = (target[field.name] ??= []) as unknown[]
    if (wireType === wireBytes && isPackable(codec)) {
      const stop = reader.endOfContent(end)
      while (reader.position < stop) list.push(decodeScalar(reader, stop, codec))
    } else list.push(decodeValue(reader, end, wireType, codec, undefined, depth))
    return
  }
  // An inlined struct, and a message that comes in parts, go into what is there already.
  const value = decodeValue(reader, end, wireType, codec, codec.type === 'inline' ? target : target[field.name], depth)
  if (codec.type === 'inline' || value === undefined) return
  if (field.dropsZero && (value === 0 || value === false || value === '')) return
  target[field.name] = value
}

const isPackable = (codec: Codec): boolean =>
  codec.type === 'integer' || codec.type === 'boolean' || codec.type === 'double'

function decodeScalar(reader: WireReader, end: number, codec: Codec): unknown {
  if (codec.type === 'double') return reader.double(end)
  const value = reader.int64(end)
  return codec.type === 'boolean' ? value !== 0 : value
}

function expectedWireType(codec: Codec): number {
  if (codec.type === 'double') return wireFixed64
  return codec.type === 'integer' || codec.type === 'boolean' ? wireVarint : wireBytes
}

/** Undefined: a time that was never set. */
function decodeValue(
  reader: WireReader,
  end: number,
  wireType: number,
  codec: Codec,
  present: unknown,
  depth: number,
): unknown {
  if (wireType !== expectedWireType(codec)) {
    throw new ProtobufError('Malformed', `wire type ${wireType} at byte ${reader.position} does not fit its field`)
  }
  switch (codec.type) {
    case 'string':
      return reader.text(end)
    case 'bytes':
      return base64FromBytes(reader.content(end))
    case 'integer':
    case 'boolean':
    case 'double':
      return decodeScalar(reader, end, codec)
  }
  const stop = reader.endOfContent(end)
  const value = decodeContent(reader, stop, codec, present, depth)
  reader.position = stop
  return value
}

function decodeContent(reader: WireReader, stop: number, codec: Codec, present: unknown, depth: number): unknown {
  switch (codec.type) {
    case 'message':
    case 'inline': {
      const target = (present ?? {}) as JsonObject
      decodeMessage(reader, stop, codec.plan, target, depth + 1)
      return target
    }
    case 'time':
    case 'micro-time': {
      const [seconds, nanoseconds] = decodeParts(reader, stop)
      return seconds === undefined ? undefined : timeOf(Number(seconds), Number(nanoseconds ?? 0), codec.type)
    }
    case 'quantity':
      return String(decodeParts(reader, stop)[0] ?? '') || '0'
    case 'int-or-string': {
      const [type = 0, number = 0, text = ''] = decodeParts(reader, stop)
      return type === 1 ? text : number
    }
    case 'wrapped-list': {
      const target: JsonObject = {}
      const { items } = codec
      decodeMessage(reader, stop, { byNumber: new Map([[items.number, items]]), fields: [items] }, target, depth + 1)
      return target[items.name] ?? []
    }
    case 'schema-choice':
      return decodeSchemaChoice(reader, stop, codec.choice, codec.plan, depth)
    default:
      return decodeJson(reader, stop)
  }
}

function timeOf(unixSeconds: number, nanoseconds: number, precision: 'time' | 'micro-time'): string {
  if (Math.abs(unixSeconds) > 8.64e12) throw new ProtobufError('Malformed', `the time ${unixSeconds} is out of range`)
  return timeText(unixSeconds, nanoseconds, precision)
}

/** The first three fields of a small message, whose values are numbers and texts. */
function decodeParts(reader: WireReader, end: number): (string | number | undefined)[] {
  const parts: (string | number | undefined)[] = [undefined, undefined, undefined]
  while (reader.position < end) {
    const tag = reader.tag(end)
    const index = (tag >>> 3) - 1
    if (index < 3 && (tag & 7) === wireVarint) parts[index] = reader.int64(end)
    else if (index < 3 && (tag & 7) === wireBytes) parts[index] = reader.text(end)
    else reader.skip(tag & 7, end)
  }
  return parts
}

function decodeMapEntry(
  reader: WireReader,
  end: number,
  wireType: number,
  values: FieldPlan,
  entries: JsonObject,
  depth: number,
): void {
  if (wireType !== wireBytes) throw new ProtobufError('Malformed', `wire type ${wireType} in a map entry`)
  const stop = reader.endOfContent(end)
  let key = ''
  let value: unknown
  while (reader.position < stop) {
    const tag = reader.tag(stop)
    if (tag >>> 3 === 1 && (tag & 7) === wireBytes) key = reader.text(stop)
    else if (tag >>> 3 === 2) value = decodeValue(reader, stop, tag & 7, values.codec, undefined, depth + 1)
    else reader.skip(tag & 7, stop)
  }
  setOwn(entries, key, value ?? emptyValue(values.codec))
}

/** What a map entry without a value holds. */
function emptyValue(codec: Codec): unknown {
  if (codec.type === 'string' || codec.type === 'bytes') return ''
  if (codec.type === 'quantity') return '0'
  if (codec.type === 'integer' || codec.type === 'double') return 0
  return codec.type === 'wrapped-list' ? [] : {}
}

function decodeSchemaChoice(
  reader: WireReader,
  end: number,
  choice: SchemaChoice,
  plan: MessagePlan,
  depth: number,
): unknown {
  const schemaNumber = choice === 'bool' ? 2 : 1
  let schema: JsonObject | undefined
  let allows = false
  const list: unknown[] = []
  while (reader.position < end) {
    const tag = reader.tag(end)
    const number = tag >>> 3
    if (choice === 'bool' && number === 1 && (tag & 7) === wireVarint) allows = reader.int64(end) !== 0
    else if (choice === 'strings' && number === 2 && (tag & 7) === wireBytes) list.push(reader.text(end))
    else if (number <= 2 && (tag & 7) === wireBytes) {
      const stop = reader.endOfContent(end)
      const target: JsonObject = {}
      decodeMessage(reader, stop, plan, target, depth + 1)
      if (number === schemaNumber) schema = target
      else list.push(target)
    } else reader.skip(tag & 7, end)
  }
  if (choice === 'bool') return schema ?? allows
  return list.length > 0 ? list : (schema ?? null)
}

function decodeJson(reader: WireReader, end: number): unknown {
  let raw: Uint8Array | undefined
  while (reader.position < end) {
    const tag = reader.tag(end)
    if (tag === (1 << 3) + wireBytes) raw = reader.content(end)
    else reader.skip(tag & 7, end)
  }
  if (raw === undefined || raw.length === 0) return undefined
  try {
    return JSON.parse(utf8.decode(raw)) as unknown
  } catch (cause) {
    throw new ProtobufError('Malformed', `the raw value before byte ${end} is not JSON`, { cause })
  }
}
