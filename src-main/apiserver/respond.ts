/** Writes an encoded answer to its client, at the client's pace. */
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { constants, createGzip, gzip } from 'node:zlib'
import type { Clock } from '../lib/clock.ts'
import { acceptsGzip } from './accept.ts'
import type { EncodedResponse, ResponseBody } from './encoded-response.ts'
import type { Exchange } from './exchange.ts'
import { piecesOf } from './list-body.ts'

/** Smaller bodies cost more to compress than to send. */
const gzipFromBytes = 128 * 1024
/** Larger ones are compressed piece by piece. */
const gzipAtOnceBytes = 1024 * 1024
/** A client that takes nothing for this long is cut off: it comes back and lists anew. */
export const stallMs = 30_000

const gzipOptions = { level: constants.Z_BEST_SPEED }

/** Resolves when all is written or the client is gone. */
export async function respond(exchange: Exchange, response: EncodedResponse, clock: Clock): Promise<void> {
  const { code, headers, body } = response
  const { sink } = exchange
  if (exchange.method === 'HEAD' || code === 204 || code === 304) {
    exchange.begin(code, headers, true)
    if (body.type === 'stream') body.stream.destroy()
    return
  }
  const compress = headers['content-encoding'] === undefined && acceptsGzip(exchange.headers['accept-encoding'])
  switch (body.type) {
    case 'live':
      exchange.begin(code, headers, false)
      return writeLive(body.batches, sink, clock)
    case 'stream':
      exchange.begin(code, headers, false)
      return untilGone(sink, pipeline(body.stream, sink))
    case 'pieces':
      exchange.begin(code, compress ? gzipHeaders(headers) : headers, false)
      return compress ? writeCompressed(body.pieces, sink) : writePieces(body.pieces, sink, clock)
    case 'chunks':
      if (compress && body.bytes >= gzipFromBytes) return respondCompressed(exchange, code, gzipHeaders(headers), body)
      exchange.begin(code, { ...headers, 'content-length': String(body.bytes) }, body.bytes === 0)
      if (body.bytes === 0) return
      if (body.chunks.length === 1) sink.end(body.chunks[0])
      else await writePieces(piecesOf(body.chunks), sink, clock)
  }
}

const gzipHeaders = (headers: EncodedResponse['headers']): EncodedResponse['headers'] => ({
  ...headers,
  'content-encoding': 'gzip',
  vary: 'accept, accept-encoding',
})

async function respondCompressed(
  exchange: Exchange,
  code: number,
  headers: EncodedResponse['headers'],
  body: Extract<ResponseBody, { type: 'chunks' }>,
): Promise<void> {
  if (body.bytes > gzipAtOnceBytes) {
    exchange.begin(code, headers, false)
    return writeCompressed(piecesOf(body.chunks), exchange.sink)
  }
  const compressed = await new Promise<Buffer>((resolve, reject) =>
    gzip(Buffer.concat(body.chunks), gzipOptions, (error, bytes) => (error === null ? resolve(bytes) : reject(error))),
  )
  exchange.begin(code, { ...headers, 'content-length': String(compressed.length) }, false)
  exchange.sink.end(compressed)
}

type Pieces = Extract<ResponseBody, { type: 'pieces' }>['pieces']

/**
 * One piece after the other, each when the one before has left: what is under way is never more than one piece, and
 * its bytes stand in a buffer that is used again.
 */
async function writePieces(pieces: Pieces, sink: Writable, clock: Clock): Promise<void> {
  let buffer = Buffer.alloc(0)
  for await (const chunks of pieces) {
    if (sink.destroyed) return
    const bytes = lengthOf(chunks)
    if (bytes > buffer.length) buffer = Buffer.allocUnsafeSlow(bytes)
    copyInto(buffer, chunks)
    if (!(await written(buffer.subarray(0, bytes), sink, clock))) return
  }
  sink.end()
}

function lengthOf(chunks: readonly Uint8Array[]): number {
  let bytes = 0
  for (const chunk of chunks) bytes += chunk.length
  return bytes
}

function copyInto(buffer: Buffer, chunks: readonly Uint8Array[]): void {
  let at = 0
  for (const chunk of chunks) {
    buffer.set(chunk, at)
    at += chunk.length
  }
}

function writeCompressed(pieces: Pieces, sink: Writable): Promise<void> {
  return untilGone(sink, pipeline(Readable.from(joined(pieces)), createGzip(gzipOptions), sink))
}

async function* joined(pieces: Pieces): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunks of pieces) yield Buffer.concat(chunks)
}

async function writeLive(batches: AsyncIterable<readonly Uint8Array[]>, sink: Writable, clock: Clock): Promise<void> {
  for await (const frames of batches) {
    if (sink.destroyed || sink.writableEnded) return
    if (!writeTogether(frames, sink) && !(await drained(sink, clock))) return
  }
  if (!sink.writableEnded) sink.end()
}

/** False when the sink wants a rest. */
function writeTogether(frames: readonly Uint8Array[], sink: Writable): boolean {
  const [only] = frames
  if (frames.length === 1) return sink.write(only)
  let more = true
  sink.cork()
  for (const frame of frames) more = sink.write(frame)
  sink.uncork()
  return more
}

/** True when the sink takes more; false when it is gone, or was cut off because it stood still for too long. */
const drained = (sink: Writable, clock: Clock): Promise<boolean> =>
  unlessStalled(sink, clock, (done) => sink.once('drain', done))

/** True when the bytes have left and their buffer is free; false as above. */
const written = (bytes: Uint8Array, sink: Writable, clock: Clock): Promise<boolean> =>
  unlessStalled(sink, clock, (done) => sink.write(bytes, (error) => (error ? undefined : done())))

function unlessStalled(sink: Writable, clock: Clock, begin: (done: () => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (writable: boolean) => (): void => {
      void timer.dispose()
      sink.off('drain', onDone).off('close', onClose)
      resolve(writable)
    }
    const onDone = settle(true)
    const onClose = settle(false)
    const timer = clock.after(stallMs, () => {
      sink.destroy()
      onClose()
    })
    sink.on('close', onClose)
    if (sink.destroyed) onClose()
    else begin(onDone)
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
