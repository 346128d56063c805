/** A watch as newline-delimited JSON, spliced from bytes that are encoded once for all watchers. */
import { StatusError, internalError } from '../api/errors.ts'
import type { Shape } from './accept.ts'
import type { Answer, WatchItem } from './request.ts'
import { bookmarkRowText, partialObjectText, rowText, tableHead, tableTail, type TableOptions } from './table.ts'

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
    const failure =
      error instanceof StatusError ? error : internalError(error instanceof Error ? error.message : String(error))
    yield Buffer.from(`{"type":"ERROR","object":${JSON.stringify(failure.toStatus())}}\n`)
  }
}

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
