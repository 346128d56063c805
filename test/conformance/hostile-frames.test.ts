import { Duplex, PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { controlFrame, dataFrame, frameType, words } from '../../src-main/apiserver/streams/spdy-frames.ts'
import { HeaderReader, HeaderWriter } from '../../src-main/apiserver/streams/spdy-headers.ts'
import { SpdyConnection } from '../../src-main/apiserver/streams/spdy.ts'
import { seededRandom } from '../../src-main/lib/random.ts'

/** A connection whose client has sent these bytes and is gone. */
async function serve(bytes: Uint8Array): Promise<void> {
  const incoming = new PassThrough()
  const answers = new PassThrough()
  answers.resume()
  const connection = new SpdyConnection(Duplex.from({ readable: incoming, writable: answers }), ({ duplex }) => {
    duplex.resume()
  })
  incoming.end(bytes)
  await connection.ended
}

const session = (): Buffer => {
  const writer = new HeaderWriter()
  const open = (id: number, headers: Record<string, string>): Buffer =>
    controlFrame(frameType.synStream, 0, Buffer.concat([words(id, 0), Buffer.alloc(2), writer.write(headers)]))
  return Buffer.concat([
    open(1, { streamtype: 'error' }),
    open(3, { streamtype: 'stdin' }),
    dataFrame(3, Buffer.from('input'), false),
    controlFrame(frameType.ping, 0, words(1)),
    dataFrame(3, Buffer.alloc(0), true),
    controlFrame(frameType.rstStream, 0, words(1, 5)),
  ])
}

describe('SPDY from a client that means harm', () => {
  it('ends the connection, whatever bytes come', async () => {
    const random = seededRandom(41)
    await serve(session())
    for (let round = 0; round < 100; round++) {
      const bytes = [...session()]
      for (let changes = 1 + random.integer(4); changes > 0; changes--) {
        const at = random.integer(bytes.length)
        if (random.integer(3) === 0) bytes.splice(at, 1 + random.integer(6))
        else bytes[at] = random.integer(256)
      }
      await serve(Buffer.from(bytes))
    }
  })

  it.each([
    ['that ends in the middle of a word', words(1, 100)],
    ['of more words than there are', words(0xffffffff)],
    ['of nothing', Buffer.alloc(2)],
  ])('has no header block %s', async (_name, content) => {
    const stored = Buffer.from([0x78, 0x01, 0, content.length, 0, ~content.length & 0xff, 0xff])
    const block = Buffer.concat([stored, content, Buffer.from([0, 0, 0, 0xff, 0xff])])
    await expect(new HeaderReader().read(block)).rejects.toThrow()
  })
})
