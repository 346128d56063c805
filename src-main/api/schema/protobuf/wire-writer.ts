import { wireBytes, wireFixed64, wireVarint } from './wire-reader.ts'

const utf8 = new TextEncoder()
/** Below this the length fits one byte. */
const shortText = 64
/** Room that a writer keeps for what it writes next. */
const keptBytes = 256 * 1024

/** Writes protobuf's wire format into a buffer that grows. */
export class WireWriter {
  #bytes = new Uint8Array(1024)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  /** Begins anew, in the same place unless that has become very large. */
  clear(): void {
    this.#length = 0
    if (this.#bytes.length > keptBytes) this.#take(new Uint8Array(1024))
  }

  /** A number without a field: a tag, or a length that is known beforehand. */
  bare(value: number): void {
    this.#varint(value)
  }

  integer(number: number, value: number): void {
    this.#varint(number * 8 + wireVarint)
    this.#varint(value)
  }

  double(number: number, value: number): void {
    this.#varint(number * 8 + wireFixed64)
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  content(number: number, content: Uint8Array): void {
    this.#varint(number * 8 + wireBytes)
    this.#varint(content.length)
    this.raw(content)
  }

  raw(content: Uint8Array): void {
    this.#reserve(content.length)
    this.#bytes.set(content, this.#length)
    this.#length += content.length
  }

  text(number: number, text: string): void {
    if (text.length < shortText && this.#asciiText(number, text)) return
    this.nested(number, () => {
      this.#reserve(text.length * 3)
      this.#length += utf8.encodeInto(text, this.#bytes.subarray(this.#length)).written
    })
  }

  /** Short texts are mostly ASCII, and a loop beats a call into the encoder. Writes nothing when a character is not. */
  #asciiText(number: number, text: string): boolean {
    const start = this.#length
    this.#varint(number * 8 + wireBytes)
    this.#reserve(text.length + 1)
    this.#bytes[this.#length++] = text.length
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code >= 0x80) {
        this.#length = start
        return false
      }
      this.#bytes[this.#length++] = code
    }
    return true
  }

  /** A field whose content `write` writes; the length is put before it. */
  nested(number: number, write: () => void): void {
    this.#varint(number * 8 + wireBytes)
    const lengthAt = this.#length
    this.#reserve(5)
    this.#length = lengthAt + 1
    write()
    const contentLength = this.#length - lengthAt - 1
    const lengthBytes = varintLength(contentLength)
    if (lengthBytes > 1) {
      this.#reserve(lengthBytes - 1)
      this.#bytes.copyWithin(lengthAt + lengthBytes, lengthAt + 1, this.#length)
    }
    this.#length = lengthAt
    this.#varint(contentLength)
    this.#length += contentLength
  }

  /** A signed 64-bit number; exact within 2^53. */
  #varint(value: number): void {
    this.#reserve(10)
    if (value >= 0 && value < 2 ** 31) {
      let small = value
      for (; small >= 0x80; small >>>= 7) this.#bytes[this.#length++] = (small & 0x7f) | 0x80
      this.#bytes[this.#length++] = small
      return
    }
    let rest = BigInt.asUintN(64, BigInt(value))
    while (rest >= 0x80n) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.#bytes[this.#length++] = Number(rest)
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more))
    grown.set(this.#bytes)
    this.#take(grown)
  }

  #take(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
}

/** How many bytes a number takes. */
export function varintLength(value: number): number {
  let length = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++
  return length
}
