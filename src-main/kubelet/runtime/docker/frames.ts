import { Transform, type TransformCallback } from 'node:stream'

export type FrameStream = 'stdout' | 'stderr'

const headerBytes = 8

/** Reads the engine's frames (stream number, three zeros, length, bytes) in whatever pieces they arrive. */
export class FrameReader {
  private pending: Buffer = Buffer.alloc(0)
  private readonly onFrame: (stream: FrameStream, bytes: Buffer) => void

  constructor(onFrame: (stream: FrameStream, bytes: Buffer) => void) {
    this.onFrame = onFrame
  }

  push(chunk: Buffer): void {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk])
    let start = 0
    while (this.pending.length - start >= headerBytes) {
      const length = this.pending.readUInt32BE(start + 4)
      const end = start + headerBytes + length
      if (this.pending.length < end) break
      this.onFrame(this.pending[start] === 2 ? 'stderr' : 'stdout', this.pending.subarray(start + headerBytes, end))
      start = end
    }
    this.pending = this.pending.subarray(start)
  }
}

/** Frames in, the bytes of both streams out, in their order. */
export class FrameStripper extends Transform {
  private readonly reader = new FrameReader((_stream, bytes) => void this.push(bytes))

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.reader.push(chunk)
    done()
  }
}
