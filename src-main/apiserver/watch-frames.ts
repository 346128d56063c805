/** A watch as newline-delimited JSON, spliced from bytes that are encoded once for all watchers; or as protobuf. */
import { StatusError, internalError } from '../api/errors.ts'
import { encodeProtobuf, encodeWatchEvent } from '../api/schema/protobuf.ts'
import type { Shape } from './accept.ts'
import type { Answer, WatchEvents, WatchItem } from './request.ts'
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
/** See BoundedQueue. */
type Turn = (() => Promise<void> | undefined) | undefined
/** Frames that leave in one write; each is one event. */
type Frames = AsyncGenerator<readonly Uint8Array[], void, undefined>

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
  turn?: Turn,
): Frames {
  const jsonFrame = (type: WatchItem['type'], object: Uint8Array): Uint8Array =>
    Buffer.concat([prefixes[type], object, suffix])
  let first = true
  const frame = (event: WatchItem): Uint8Array => {
    const { type, stored } = event
    if (shape === undefined) return once(event, 'json', () => jsonFrame(type, stored.bytes()))
    if (shape.type === 'PartialObjectMetadata')
      return once(event, `metadata ${shape.version}`, () =>
        jsonFrame(type, Buffer.from(partialObjectText(stored.object, shape.version))),
      )
    // Rows show ages, and the first one brings the headers: nothing that watchers could share.
    const row = jsonFrame(type, tableBytes(answer, event, options(), first))
    first = false
    return row
  }
  try {
    for await (const events of batchesOf(answer.events, turn)) yield events.map(frame)
  } catch (error) {
    yield [Buffer.from(`{"type":"ERROR","object":${JSON.stringify(statusOf(error))}}\n`)]
  }
}

/** Each event is a message behind its length in four bytes. */
export async function* protobufFrames(answer: WatchAnswer, shape: Shape | undefined, turn?: Turn): Frames {
  const frame = (event: WatchItem): Uint8Array =>
    once(event, shape === undefined ? 'protobuf' : `protobuf metadata ${shape.version}`, () => {
      const { object } = event.stored
      return framed(event.type, encodeProtobuf(shape === undefined ? object : partialObject(object, shape.version)))
    })
  try {
    for await (const events of batchesOf(answer.events, turn)) yield events.map(frame)
  } catch (error) {
    yield [framed('ERROR', encodeProtobuf({ ...statusOf(error) }))]
  }
}

/** The bytes of an event in one form: made by the first watcher that needs them, and the same for all others. */
function once({ frames }: WatchItem, form: string, make: () => Uint8Array): Uint8Array {
  const known = frames?.get(form)
  if (known !== undefined) return known
  const made = make()
  frames?.set(form, made)
  return made
}

function batchesOf(events: WatchEvents, turn: Turn): AsyncIterable<readonly WatchItem[]> {
  return events.batches?.(turn) ?? oneByOne(events)
}

async function* oneByOne(events: AsyncIterable<WatchItem>): AsyncGenerator<readonly WatchItem[], void, undefined> {
  for await (const event of events) yield [event]
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

function tableBytes(
  { kind }: WatchAnswer,
  { type, stored }: WatchItem,
  options: TableOptions,
  headers: boolean,
): Uint8Array {
  const metadata = { resourceVersion: stored.object.metadata?.resourceVersion ?? '' }
  const row = type === 'BOOKMARK' ? bookmarkRowText(stored, options) : rowText(kind, stored, options)
  return Buffer.from(tableHead(kind, metadata, options, headers) + row + tableTail)
}
