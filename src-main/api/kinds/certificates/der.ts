/** Reads DER (X.690), the form of certificates and of requests for them. All functions throw a RangeError for what is none. */
export interface Element {
  readonly tag: number
  readonly content: Uint8Array
}

export const sequence = 0x30

/** The bytes of a text whose characters stand for one each, as `atob` gives it. */
export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))

export function elements(bytes: Uint8Array): Element[] {
  const found: Element[] = []
  for (let at = 0; at < bytes.length;) {
    const tag = byteAt(bytes, at)
    let length = byteAt(bytes, at + 1)
    let start = at + 2
    if (length >= 0x80) {
      const size = length & 0x7f
      if (size > 4) throw new RangeError('a length is too long')
      length = 0
      for (let index = 0; index < size; index++) length = length * 256 + byteAt(bytes, start + index)
      start += size
    }
    if (start + length > bytes.length) throw new RangeError('an element is cut off')
    found.push({ tag, content: bytes.subarray(start, start + length) })
    at = start + length
  }
  return found
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at]
  if (byte === undefined) throw new RangeError('an element is cut off')
  return byte
}

export function contentOf(element: Element | undefined, tag: number): Uint8Array {
  if (element?.tag !== tag) throw new RangeError('an element is missing')
  return element.content
}

export function oidText(bytes: Uint8Array): string {
  const numbers: number[] = []
  let value = 0
  for (const byte of bytes) {
    value = value * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    if (numbers.length === 0)
      numbers.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)))
    else numbers.push(value)
    value = 0
  }
  return numbers.join('.')
}
