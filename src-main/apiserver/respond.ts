/** Writes an encoded answer to its client, at the client's pace. */
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { constants, createGzip, gzip } from 'node:zlib'
import type { Clock } from '../lib/clock.ts'
import { acceptsGzip } from './accept.ts'
import type { EncodedResponse, ResponseBody } from './encoded-response.ts'
import type { Exchange } from './exchange.ts'

/** Smaller bodies cost more to compress than to send. */
const gzipFromBytes = 128 * 1024
/** Larger ones are compressed piece by piece. */
const gzipAtOnceBytes = 1024 * 1024
const pieceBytes = 256 * 1024
/** A client that takes nothing for this long is cut off: it comes back and lists anew. */
export const stallMs = 30_000

const gzipOptions = { level: constants.Z_BEST_SPEED }

/** Resolves when all is written or the client is gone. */
export async function respond(exchange: Exchange, response: EncodedResponse, clock: Clock): Promise<void> {
  const { code, headers, body } = response
  if (exchange.method === 'HEAD' || code === 204 || code === 304) {
    exchange.begin(code, headers, true)
    if (body.type === 'stream') body.stream.destroy()
    return
  }
  if (body.type !== 'chunks') {
    exchange.begin(code, headers, false)
    return body.type === 'live'
      ? writeLive(body.chunks, exchange.sink, clock)
      : untilGone(exchange.sink, pipeline(body.stream, exchange.sink))
  }
  const compress =
    body.bytes >= gzipFromBytes &&
    headers['content-encoding'] === undefined &&
    acceptsGzip(exchange.headers['accept-encoding'])
  if (!compress) {
    exchange.begin(code, { ...headers, 'content-length': String(body.bytes) }, body.bytes === 0)
    if (body.bytes > 0) await writeChunks(body.chunks, exchange.sink, clock)
    return
  }
  const compressedHeaders = { ...headers, 'content-encoding': 'gzip', vary: 'accept, accept-encoding' }
  await respondCompressed(exchange, code, compressedHeaders, body)
}

async function respondCompressed(
  exchange: Exchange,
  code: number,
  headers: EncodedResponse['headers'],
  body: Extract<ResponseBody, { type: 'chunks' }>,
): Promise<void> {
  if (body.bytes > gzipAtOnceBytes) {
    exchange.begin(code, headers, false)
    return untilGone(
      exchange.sink,
      pipeline(Readable.from(pieces(body.chunks)), createGzip(gzipOptions), exchange.sink),
    )
  }
  const compressed = await new Promise<Buffer>((resolve, reject) =>
    gzip(Buffer.concat(body.chunks), gzipOptions, (error, bytes) => (error === null ? resolve(bytes) : reject(error))),
  )
  exchange.begin(code, { ...headers, 'content-length': String(compressed.length) }, false)
  exchange.sink.end(compressed)
}

async function writeChunks(chunks: readonly Uint8Array[], sink: Writable, clock: Clock): Promise<void> {
  const [only] = chunks
  if (chunks.length === 1) {
    sink.end(only)
    return
  }
  for (const piece of pieces(chunks)) {
    if (sink.destroyed) return
    if (!sink.write(piece) && !(await drained(sink, clock))) return
  }
  sink.end()
}

/** Chunks joined into pieces that are worth a write of their own. */
function* pieces(chunks: readonly Uint8Array[]): Generator<Uint8Array, void, undefined> {
  let from = 0
  let bytes = 0
  for (const [index, chunk] of chunks.entries()) {
    bytes += chunk.length
    if (bytes < pieceBytes && index < chunks.length - 1) continue
    yield index === from ? chunk : Buffer.concat(chunks.slice(from, index + 1))
    from = index + 1
    bytes = 0
  }
}

/** Events that come in one turn leave in one write. */
async function writeLive(chunks: AsyncIterable<Uint8Array>, sink: Writable, clock: Clock): Promise<void> {
  let corked = false
  const uncork = (): void => {
    corked = false
    sink.uncork()
  }
  for await (const chunk of chunks) {
    if (sink.destroyed || sink.writableEnded) return
    if (!corked) {
      corked = true
      sink.cork()
      process.nextTick(uncork)
    }
    if (!sink.write(chunk) && !(await drained(sink, clock))) return
  }
  if (!sink.writableEnded) sink.end()
}

/** True when the sink takes more; false when it is gone, or was cut off because it stood still for too long. */
function drained(sink: Writable, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (writable: boolean) => (): void => {
      void timer.dispose()
      sink.off('drain', onDrain).off('close', onClose)
      resolve(writable)
    }
    const onDrain = settle(true)
    const onClose = settle(false)
    const timer = clock.after(stallMs, () => {
      sink.destroy()
      onClose()
    })
    sink.on('drain', onDrain).on('close', onClose)
    if (sink.destroyed) onClose()
  })
}

/** A pipeline fails when the client leaves in the middle, which is its right. */
async function untilGone(sink: Writable, work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!sink.destroyed) throw error
  }
}
