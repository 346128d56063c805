/** A watch as newline-delimited JSON, spliced from bytes that are encoded once for all watchers; or as protobuf. */
import { StatusError, internalError } from '../api/errors.ts'
import { encodeProtobuf, encodeWatchEvent } from '../api/schema/protobuf.ts'
import type { Shape } from './accept.ts'
import type { Answer, WatchItem } from './request.ts'
import {
  bookmarkRowText,
  partialObject,
  partialObjectText,
  rowText,
  tableHead,
  tableTail,
  type TableOptions,
} from './table.ts'

type WatchAnswer = Extract<Answer, { type: 'watch' }>

const prefixes = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
  BOOKMARK: Buffer.from('{"type":"BOOKMARK","object":'),
} satisfies Record<WatchItem['type'], Buffer>
const suffix = Buffer.from('}\n')

/**
 * One frame per event. A failure of the watch is an event too (`ERROR` with a Status), for its status line is long
 * gone; after it the frames end. `options` is asked for each event, since ages depend on the time.
 */
export async function* watchFrames(
  answer: WatchAnswer,
  shape: Shape | undefined,
  options: () => TableOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  let first = true
  try {
    for await (const event of answer.events) {
      yield Buffer.concat([prefixes[event.type], objectBytes(answer, event, shape, options, first), suffix])
      first = false
    }
  } catch (error) {
    yield Buffer.from(`{"type":"ERROR","object":${JSON.stringify(statusOf(error))}}\n`)
  }
}

/** Each event is a message behind its length in four bytes. */
export async function* protobufFrames(
  { events }: WatchAnswer,
  shape: Shape | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const { type, stored } of events) {
      const object = shape === undefined ? stored.object : partialObject(stored.object, shape.version)
      yield framed(type, encodeProtobuf(object))
    }
  } catch (error) {
    yield framed('ERROR', encodeProtobuf({ ...statusOf(error) }))
  }
}

function framed(type: string, object: Uint8Array): Uint8Array {
  const event = encodeWatchEvent(type, object)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(event.length)
  return Buffer.concat([length, event])
}

const statusOf = (error: unknown): ReturnType<StatusError['toStatus']> =>
  (error instanceof StatusError
    ? error
    : internalError(error instanceof Error ? error.message : String(error))
  ).toStatus()

function objectBytes(
  { kind }: WatchAnswer,
  { type, stored }: WatchItem,
  shape: Shape | undefined,
  optionsNow: () => TableOptions,
  first: boolean,
): Uint8Array {
  if (shape === undefined) return stored.bytes()
  if (shape.type === 'PartialObjectMetadata') return Buffer.from(partialObjectText(stored.object, shape.version))
  const options = optionsNow()
  const metadata = { resourceVersion: stored.object.metadata?.resourceVersion ?? '' }
  const row = type === 'BOOKMARK' ? bookmarkRowText(stored, options) : rowText(kind, stored, options)
  return Buffer.from(tableHead(kind, metadata, options, first) + row + tableTail)
}
