/** The bytes of a list. Short ones are made at once, long ones piece by piece while they are sent. */
import type { Kind } from '../api/define-kind.ts'
import { encodeProtobufItem, protobufItemHead, protobufItemLength, protobufListParts } from '../api/schema/protobuf.ts'
import type { ListMeta } from '../api/types/meta-v1.ts'
import type { Clock } from '../lib/clock.ts'
import type { Shape } from './accept.ts'
import type { ResponseBody } from './encoded-response.ts'
import { Pace } from './pace.ts'
import { peekAt, type Answer, type StoredObject } from './request.ts'
import { partialObject, partialObjectText, rowText, tableHead, tableTail, type TableOptions } from './table.ts'

type ListAnswer = Extract<Answer, { type: 'list' }>

/** Lists of up to so many objects are complete before they are sent, and say how long they are. */
const shortList = 100
/** A piece has so many bytes, or a little more. */
const pieceBytes = 256 * 1024

interface Splicing {
  readonly head: Uint8Array
  readonly between: Uint8Array
  readonly tail: Uint8Array
  readonly chunksOf: (stored: StoredObject) => readonly Uint8Array[]
}

export function jsonListBody(answer: ListAnswer, shape: Shape | undefined, options: TableOptions): ResponseBody {
  const splicing = splicingOf(answer, shape, options)
  return answer.items.length > shortList
    ? { type: 'pieces', pieces: splicedPieces(answer.items, splicing) }
    : complete([...splicedPieces(answer.items, splicing)].flat())
}

/** Every item is encoded before the first byte leaves, for the envelope begins with the length of all. */
export function protobufListBody(answer: ListAnswer, shape: Shape | undefined, clock: Clock): ResponseBody {
  if (answer.items.length > shortList) return { type: 'pieces', pieces: protobufPieces(answer, shape, clock) }
  const items = answer.items.map((stored) => protobufOf(stored, shape))
  return complete([...protobufChunks(answer, shape, items, lengthInList(items))])
}

/** The whole list as chunks, for whoever has to look at all of it. */
export function jsonListChunks(answer: ListAnswer, shape: Shape | undefined, options: TableOptions): Uint8Array[] {
  return [...splicedPieces(answer.items, splicingOf(answer, shape, options))].flat()
}

function complete(chunks: readonly Uint8Array[]): ResponseBody {
  let bytes = 0
  for (const chunk of chunks) bytes += chunk.length
  return { type: 'chunks', chunks, bytes }
}

const comma = Buffer.from(',')
const listTail = Buffer.from(']}\n')

function splicingOf(answer: ListAnswer, shape: Shape | undefined, options: TableOptions): Splicing {
  const { kind } = answer
  const metadata = listMetadata(answer)
  if (shape?.type === 'Table')
    return {
      head: Buffer.from(tableHead(kind, metadata, options, true)),
      ...{ between: comma, tail: Buffer.from(`${tableTail}\n`) },
      chunksOf: (stored) => [Buffer.from(rowText(kind, stored, options))],
    }
  const { kind: listKind, apiVersion } = listType(kind, shape)
  const head = `{"kind":"${listKind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":[`
  const around = { head: Buffer.from(head), between: comma, tail: listTail }
  if (shape !== undefined)
    return { ...around, chunksOf: (stored) => [Buffer.from(partialObjectText(peekAt(stored), shape.version))] }
  return { ...around, chunksOf: kind.custom === undefined ? withoutType(kind) : (stored) => [stored.bytes()] }
}

/** What a list is called in a shape. */
function listType(kind: Kind, shape: Shape | undefined): { kind: string; apiVersion: string } {
  return shape === undefined
    ? { kind: `${kind.kind}List`, apiVersion: kind.apiVersion }
    : { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${shape.version}` }
}

const brace = Buffer.from('{')

/** The list says of what kind its items are; they do not say it again. Custom objects do, for they have no type. */
function withoutType(kind: Kind): (stored: StoredObject) => readonly Uint8Array[] {
  const type = Buffer.from(`{"kind":"${kind.kind}","apiVersion":"${kind.apiVersion}",`)
  return (stored) => {
    const bytes = stored.bytes()
    return type.compare(bytes, 0, type.length) === 0 ? [brace, bytes.subarray(type.length)] : [bytes]
  }
}

function listMetadata({ resourceVersion, continue: next, remainingItemCount }: ListAnswer): ListMeta {
  return {
    resourceVersion,
    ...(next === undefined ? {} : { continue: next }),
    ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
  }
}

/** Each piece is a few chunks; an object is turned into bytes only when its piece is asked for. */
function* splicedPieces(
  items: readonly StoredObject[],
  { head, between, tail, chunksOf }: Splicing,
): Generator<readonly Uint8Array[], void, undefined> {
  let piece = [head]
  let bytes = head.length
  for (const [index, stored] of items.entries()) {
    if (index > 0) piece.push(between)
    for (const chunk of chunksOf(stored)) {
      piece.push(chunk)
      bytes += chunk.length
    }
    if (bytes < pieceBytes) continue
    yield piece
    piece = []
    bytes = 0
  }
  piece.push(tail)
  yield piece
}

function protobufOf(stored: StoredObject, shape: Shape | undefined): Uint8Array {
  if (shape !== undefined) return encodeProtobufItem(partialObject(peekAt(stored), shape.version))
  return stored.protobufBytes?.(encodeProtobufItem) ?? encodeProtobufItem(stored.object)
}

function lengthInList(items: readonly Uint8Array[]): number {
  let bytes = 0
  for (const { length } of items) bytes += protobufItemLength(length)
  return bytes
}

function* protobufChunks(
  answer: ListAnswer,
  shape: Shape | undefined,
  items: readonly Uint8Array[],
  itemBytes: number,
): Generator<Uint8Array, void, undefined> {
  const list = { ...listType(answer.kind, shape), metadata: listMetadata(answer) }
  const { head, tail } = protobufListParts(list, itemBytes)
  yield head
  for (const item of items) {
    yield protobufItemHead(item.length)
    yield item
  }
  yield tail
}

async function* protobufPieces(
  answer: ListAnswer,
  shape: Shape | undefined,
  clock: Clock,
): AsyncGenerator<readonly Uint8Array[], void, undefined> {
  const pace = new Pace(clock)
  const items: Uint8Array[] = []
  let itemBytes = 0
  for (const stored of answer.items) {
    const item = protobufOf(stored, shape)
    items.push(item)
    itemBytes += protobufItemLength(item.length)
    const rest = pace.rest()
    if (rest !== undefined) await rest
  }
  yield* piecesOf(protobufChunks(answer, shape, items, itemBytes))
}

/** Chunks in groups that are worth a write of their own. */
export function* piecesOf(chunks: Iterable<Uint8Array>): Generator<readonly Uint8Array[], void, undefined> {
  let piece: Uint8Array[] = []
  let bytes = 0
  for (const chunk of chunks) {
    piece.push(chunk)
    bytes += chunk.length
    if (bytes < pieceBytes) continue
    yield piece
    piece = []
    bytes = 0
  }
  if (piece.length > 0) yield piece
}
