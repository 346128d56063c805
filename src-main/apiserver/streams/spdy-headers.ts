/** SPDY header blocks: names and values, compressed over the whole life of a connection. */
import { constants, createInflate, type Inflate } from 'node:zlib'
import { spdyDictionary } from './spdy-dictionary.ts'

export type SpdyHeaders = Readonly<Record<string, string>>

const maximumBlockBytes = 256 * 1024

/** Reads blocks in the order of their arrival: each builds on those before it. */
export class HeaderReader {
  private readonly inflate: Inflate = createInflate({
    dictionary: spdyDictionary,
    flush: constants.Z_SYNC_FLUSH,
    finishFlush: constants.Z_SYNC_FLUSH,
  })

  /** Rejects when the block is not well formed, and for every block after that. */
  read(block: Uint8Array): Promise<SpdyHeaders> {
    return new Promise((resolve, reject) => {
      const parts: Buffer[] = []
      let bytes = 0
      const onData = (part: Buffer): void => {
        bytes += part.length
        if (bytes > maximumBlockBytes) this.inflate.destroy(new Error('a SPDY header block is too large'))
        else parts.push(part)
      }
      this.inflate.on('data', onData).once('error', reject)
      this.inflate.write(block, (error) => {
        this.inflate.off('data', onData).off('error', reject)
        if (error !== undefined && error !== null) return reject(error)
        try {
          resolve(parseBlock(Buffer.concat(parts)))
        } catch (problem) {
          // Here nobody else would catch it: it would end the process.
          reject(new Error('a SPDY header block ends too early', { cause: problem }))
        }
      })
    })
  }

  close(): void {
    this.inflate.destroy()
  }
}

function parseBlock(bytes: Buffer): SpdyHeaders {
  let at = 0
  const number = (): number => {
    at += 4
    return bytes.readUInt32BE(at - 4)
  }
  const text = (): string => {
    const length = number()
    at += length
    return bytes.toString('utf8', at - length, at)
  }
  const headers: Record<string, string> = {}
  for (let left = number(); left > 0; left--) headers[text().toLowerCase()] = text()
  return headers
}

/** A zlib header for a stream that refers to no dictionary: that, too, every reader takes. */
const zlibHeader = Buffer.from([0x78, 0x01])

/** An empty stored block: readers hand out what they have when they meet it. */
const flushMarker = Buffer.from([0x00, 0x00, 0x00, 0xff, 0xff])

/** Writes blocks as stored, not compressed: they are few and small, and so there is no state to keep. */
export class HeaderWriter {
  private started = false

  write(headers: SpdyHeaders): Buffer {
    const words = Object.entries(headers).flat()
    const content = Buffer.alloc(4 + words.reduce((bytes, word) => bytes + 4 + Buffer.byteLength(word), 0))
    let at = content.writeUInt32BE(words.length / 2)
    for (const word of words) {
      at = content.writeUInt32BE(Buffer.byteLength(word), at)
      at += content.write(word, at)
    }
    const stored = Buffer.alloc(5)
    stored.writeUInt16LE(content.length, 1)
    stored.writeUInt16LE(~content.length & 0xffff, 3)
    const block = [stored, content, flushMarker]
    if (!this.started) block.unshift(zlibHeader)
    this.started = true
    return Buffer.concat(block)
  }
}
