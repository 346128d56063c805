import { ProtobufError } from './protobuf-error.ts'

export const wireVarint = 0
export const wireFixed64 = 1
export const wireBytes = 2
export const wireFixed32 = 5

const utf8 = new TextDecoder('utf-8', { fatal: true })
/** Below this a loop beats a call into the decoder. */
const shortText = 32

/** Reads protobuf's wire format. Never reads beyond the bytes; every failure is a ProtobufError. */
export class WireReader {
  readonly bytes: Uint8Array
  position = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Field number and wire type of the next field. */
  tag(end: number): number {
    const tag = this.uint32(end)
    if (tag >>> 3 === 0) throw new ProtobufError('Malformed', `field number 0 at byte ${this.position}`)
    return tag
  }

  /** A varint that fits 32 bits: tags and lengths. */
  uint32(end: number): number {
    let result = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte(end)
      if (shift === 28 && byte > 0x0f) break
      result |= (byte & 0x7f) << shift
      if (byte < 0x80) return result >>> 0
    }
    throw new ProtobufError('Malformed', `a number before byte ${this.position} is too long`)
  }

  /** A signed 64-bit varint. Beyond 2^53 the result is the nearest number. */
  int64(end: number): number {
    let low = 0
    let high = 0
    for (let index = 0; index < 10; index++) {
      const byte = this.#byte(end)
      const bits = byte & 0x7f
      if (index < 4) low |= bits << (index * 7)
      else if (index === 4) {
        low |= bits << 28
        high = bits >>> 4
      } else high |= bits << (index * 7 - 32)
      if (byte < 0x80) return high * 4_294_967_296 + (low >>> 0)
    }
    throw new ProtobufError('Malformed', `a number before byte ${this.position} is too long`)
  }

  double(end: number): number {
    this.#need(8, end)
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.position, 8)
    this.position += 8
    return view.getFloat64(0, true)
  }

  /** Reads a length and returns where the field's content ends; it begins at `position`. */
  endOfContent(end: number): number {
    const length = this.uint32(end)
    this.#need(length, end)
    return this.position + length
  }

  content(end: number): Uint8Array {
    const stop = this.endOfContent(end)
    const content = this.bytes.subarray(this.position, stop)
    this.position = stop
    return content
  }

  text(end: number): string {
    const stop = this.endOfContent(end)
    const start = this.position
    this.position = stop
    if (stop - start < shortText) {
      let text = ''
      let index = start
      for (; index < stop; index++) {
        const byte = this.bytes[index] ?? 0x80
        if (byte >= 0x80) break
        text += String.fromCharCode(byte)
      }
      if (index === stop) return text
    }
    try {
      return utf8.decode(this.bytes.subarray(start, stop))
    } catch (cause) {
      throw new ProtobufError('Malformed', `the text at byte ${start} is not UTF-8`, { cause })
    }
  }

  /** Passes over a field that nobody knows. */
  skip(wireType: number, end: number): void {
    if (wireType === wireVarint) this.int64(end)
    else if (wireType === wireBytes) this.position = this.endOfContent(end)
    else if (wireType === wireFixed64 || wireType === wireFixed32) {
      const length = wireType === wireFixed64 ? 8 : 4
      this.#need(length, end)
      this.position += length
    } else throw new ProtobufError('Malformed', `wire type ${wireType} at byte ${this.position}`)
  }

  #byte(end: number): number {
    const byte = this.position < end ? this.bytes[this.position] : undefined
    if (byte === undefined) throw new ProtobufError('Truncated', `the message ends in a field at byte ${this.position}`)
    this.position++
    return byte
  }

  #need(length: number, end: number): void {
    if (length <= end - this.position) return
    throw new ProtobufError(
      'Truncated',
      `${length} bytes are announced at byte ${this.position}, ${end - this.position} are left`,
    )
  }
}
