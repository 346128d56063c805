/** Frames of SPDY/3.1, without the meaning of their content. */

export const frameType = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const

export const finFlag = 1

export type SpdyFrame =
  | { readonly type: 'data'; readonly streamId: number; readonly fin: boolean; readonly content: Buffer }
  | { readonly type: 'control'; readonly kind: number; readonly flags: number; readonly content: Buffer }

const headBytes = 8
/** A control frame holds headers at most; Go's clients send data in pieces of 32 KiB. */
const maximumFrameBytes = 4 * 1024 * 1024
const controlBit = 0x80
const spdyVersion = 3

/** Cuts bytes into frames, whatever the pieces in which they come. */
export class FrameCutter {
  private rest: Buffer = Buffer.alloc(0)

  /** Throws when the bytes are not of SPDY/3. */
  cut(bytes: Buffer): SpdyFrame[] {
    const frames: SpdyFrame[] = []
    let left = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes])
    while (left.length >= headBytes) {
      const length = left.readUIntBE(5, 3)
      if (length > maximumFrameBytes) throw new Error(`a SPDY frame of ${length} bytes is too large`)
      if (left.length < headBytes + length) break
      frames.push(frameOf(left.subarray(0, headBytes), left.subarray(headBytes, headBytes + length)))
      left = left.subarray(headBytes + length)
    }
    this.rest = left
    return frames
  }
}

function frameOf(head: Buffer, content: Buffer): SpdyFrame {
  const flags = head.readUInt8(4)
  if ((head.readUInt8(0) & controlBit) === 0)
    return { type: 'data', streamId: head.readUInt32BE(0), fin: (flags & finFlag) !== 0, content }
  const version = head.readUInt16BE(0) & 0x7fff
  if (version !== spdyVersion) throw new Error(`SPDY version ${version} is not understood`)
  return { type: 'control', kind: head.readUInt16BE(2), flags, content }
}

export function dataFrame(streamId: number, content: Uint8Array, fin: boolean): Buffer {
  const head = Buffer.alloc(headBytes)
  head.writeUInt32BE(streamId, 0)
  head.writeUInt32BE(content.length, 4)
  head.writeUInt8(fin ? finFlag : 0, 4)
  return Buffer.concat([head, content])
}

export function controlFrame(kind: number, flags: number, content: Uint8Array): Buffer {
  const head = Buffer.alloc(headBytes)
  head.writeUInt16BE((controlBit << 8) | spdyVersion, 0)
  head.writeUInt16BE(kind, 2)
  head.writeUInt32BE(content.length, 4)
  head.writeUInt8(flags, 4)
  return Buffer.concat([head, content])
}

/** Several 32-bit numbers, as most control frames begin with. */
export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4)
  return bytes
}
