/**
 * The server's end of a SPDY/3.1 connection: streams that the client opens, over any pair of byte streams.
 * Go's clients neither send nor heed window updates, so the connection itself is the only brake: when one stream's
 * reader falls too far behind, nothing more is read for any stream.
 */
import { Duplex } from 'node:stream'
import { controlFrame, dataFrame, finFlag, FrameCutter, frameType, words, type SpdyFrame } from './spdy-frames.ts'
import { HeaderReader, HeaderWriter, type SpdyHeaders } from './spdy-headers.ts'

export interface SpdyStream {
  readonly headers: SpdyHeaders
  readonly duplex: Duplex
}

/** How much one stream may have unread before the connection waits for its reader. */
const aheadBytes = 1024 * 1024
const pieceBytes = 32 * 1024
const cancelStatus = 5
const invalidStreamStatus = 2
const streamIdMask = 0x7fffffff

export class SpdyConnection {
  /** Settles when the client is gone. */
  readonly ended: Promise<void>
  private readonly transport: Duplex
  private readonly onStream: (stream: SpdyStream) => void
  private readonly streams = new Map<number, OpenStream>()
  private readonly reader = new HeaderReader()
  private readonly writer = new HeaderWriter()

  /** Streams are accepted at once; `onStream` gets each of them with its headers. */
  constructor(transport: Duplex, onStream: (stream: SpdyStream) => void) {
    this.transport = transport
    this.onStream = onStream
    transport.on('error', () => transport.destroy())
    this.ended = this.receive()
  }

  /** Resolves when all that was written is on its way and the connection is closed from this side. */
  async close(): Promise<void> {
    if (this.transport.destroyed || this.transport.writableEnded) return
    this.transport.write(controlFrame(frameType.goAway, 0, words(0, 0)))
    await new Promise<void>((resolve) => {
      this.transport.once('close', resolve)
      this.transport.end(resolve)
    })
  }

  private async receive(): Promise<void> {
    const cutter = new FrameCutter()
    try {
      for await (const bytes of this.transport as AsyncIterable<Buffer>)
        for (const frame of cutter.cut(bytes)) await this.accept(frame)
    } catch {
      // A client that breaks the protocol or the connection is cut off; its streams tell their users.
    }
    this.transport.destroy()
    this.reader.close()
    for (const stream of this.streams.values()) stream.abandon()
    this.streams.clear()
  }

  private async accept(frame: SpdyFrame): Promise<void> {
    if (frame.type === 'data') {
      const stream = this.streams.get(frame.streamId)
      if (stream === undefined)
        this.send(controlFrame(frameType.rstStream, 0, words(frame.streamId, invalidStreamStatus)))
      else await stream.receive(frame.content, frame.fin)
      return
    }
    const { kind, flags, content } = frame
    switch (kind) {
      case frameType.synStream:
        return this.open(content.readUInt32BE(0) & streamIdMask, flags, content.subarray(10))
      case frameType.headers:
        // Nothing in these protocols uses them, but the blocks after this one build on it.
        await this.reader.read(content.subarray(4))
        return
      case frameType.rstStream:
        this.streams.get(content.readUInt32BE(0) & streamIdMask)?.abandon()
        return
      case frameType.ping:
        this.send(controlFrame(frameType.ping, 0, content))
        return
    }
  }

  private async open(id: number, flags: number, block: Uint8Array): Promise<void> {
    const headers = await this.reader.read(block)
    const stream = new OpenStream(
      (content, fin, done) => this.transport.write(dataFrame(id, content, fin), done),
      () => {
        this.streams.delete(id)
        this.send(controlFrame(frameType.rstStream, 0, words(id, cancelStatus)))
      },
    )
    this.streams.set(id, stream)
    this.send(controlFrame(frameType.synReply, 0, Buffer.concat([words(id), this.writer.write({})])))
    if ((flags & finFlag) !== 0) await stream.receive(Buffer.alloc(0), true)
    this.onStream({ headers, duplex: stream })
  }

  private send(bytes: Buffer): void {
    if (!this.transport.destroyed && !this.transport.writableEnded) this.transport.write(bytes)
  }
}

type SendData = (content: Uint8Array, fin: boolean, done: (error?: Error | null) => void) => void

class OpenStream extends Duplex {
  private readonly sendData: SendData
  private readonly cancel: () => void
  private wake: (() => void) | undefined
  private isAbandoned = false

  constructor(sendData: SendData, cancel: () => void) {
    super({
      allowHalfOpen: true,
      autoDestroy: true,
      readableHighWaterMark: 64 * 1024,
      writableHighWaterMark: 64 * 1024,
    })
    this.sendData = sendData
    this.cancel = cancel
    this.on('error', () => undefined)
  }

  /** Resolves when the stream can take more. */
  async receive(content: Buffer, fin: boolean): Promise<void> {
    if (this.destroyed || this.readableEnded) return
    if (content.length > 0) this.push(content)
    if (fin) this.push(null)
    else if (this.readableLength > aheadBytes) await new Promise<void>((resolve) => (this.wake = resolve))
  }

  /** The other end is gone. */
  abandon(): void {
    this.isAbandoned = true
    this.destroy()
  }

  override _read(): void {
    this.wake?.()
    this.wake = undefined
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const last = chunk.length <= pieceBytes
    this.sendData(last ? chunk : chunk.subarray(0, pieceBytes), false, (error) => {
      if (last || (error !== undefined && error !== null)) done(error)
      else this._write(chunk.subarray(pieceBytes), _encoding, done)
    })
  }

  override _final(done: (error?: Error | null) => void): void {
    this.sendData(Buffer.alloc(0), true, done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this._read()
    if (!this.isAbandoned && !(this.writableFinished && this.readableEnded)) this.cancel()
    done(error)
  }
}
