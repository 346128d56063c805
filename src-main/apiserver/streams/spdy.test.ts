import { Duplex, PassThrough } from 'node:stream'
import { createDeflate, createInflate, constants } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { settle } from '../../lib/virtual-clock.ts'
import { spdyDictionary } from './spdy-dictionary.ts'
import { controlFrame, dataFrame, finFlag, FrameCutter, frameType, words, type SpdyFrame } from './spdy-frames.ts'
import { HeaderReader, HeaderWriter } from './spdy-headers.ts'
import { SpdyConnection, type SpdyStream } from './spdy.ts'

/** What a client sends: blocks that are compressed with the dictionary, one after another. */
function aHeaderCompressor(): (headers: Record<string, string>) => Promise<Buffer> {
  const deflate = createDeflate({ dictionary: spdyDictionary, flush: constants.Z_SYNC_FLUSH })
  return (headers) => {
    const content = Buffer.concat([
      words(Object.keys(headers).length),
      ...Object.entries(headers)
        .flat()
        .flatMap((word) => [words(word.length), Buffer.from(word)]),
    ])
    return new Promise((resolve) => {
      const parts: Buffer[] = []
      const take = (part: Buffer): void => void parts.push(part)
      deflate.on('data', take)
      deflate.write(content, () => {
        deflate.off('data', take)
        resolve(Buffer.concat(parts))
      })
    })
  }
}

describe('header blocks', () => {
  it('are read one after another, as one compressed stream', async () => {
    const compress = aHeaderCompressor()
    const reader = new HeaderReader()
    expect(await reader.read(await compress({ streamType: 'error', port: '80' }))).toEqual({
      streamtype: 'error',
      port: '80',
    })
    expect(await reader.read(await compress({ streamType: 'data', port: '80' }))).toEqual({
      streamtype: 'data',
      port: '80',
    })
    reader.close()
  })

  it('that are broken fail', async () => {
    await expect(new HeaderReader().read(Buffer.from('nonsense'))).rejects.toThrow()
  })

  it('are written so that a reader has each of them whole as soon as it comes', async () => {
    const writer = new HeaderWriter()
    const inflate = createInflate()
    const blocks: Record<string, string>[] = [{ a: '1' }, { b: '2', c: '3' }]
    for (const headers of blocks) {
      const content = await new Promise<Buffer>((resolve) => {
        inflate.once('data', resolve)
        inflate.write(writer.write(headers))
      })
      expect(content.readUInt32BE(0)).toBe(Object.keys(headers).length)
    }
  })
})

describe('frames', () => {
  it('are cut whatever the pieces in which they come', () => {
    const bytes = Buffer.concat([
      dataFrame(1, Buffer.from('one'), false),
      controlFrame(frameType.ping, 0, words(7)),
      dataFrame(3, Buffer.alloc(0), true),
    ])
    const whole = new FrameCutter().cut(bytes)
    const cutter = new FrameCutter()
    expect([...bytes].flatMap((byte) => cutter.cut(Buffer.of(byte)))).toEqual(whole)
    expect(whole).toMatchObject([
      { type: 'data', streamId: 1, fin: false },
      { type: 'control', kind: frameType.ping },
      { type: 'data', streamId: 3, fin: true },
    ])
  })

  it('of another version, or of an absurd size, are refused', () => {
    expect(() => new FrameCutter().cut(Buffer.from([0x80, 0x02, 0, 1, 0, 0, 0, 0]))).toThrow('version 2')
    expect(() => new FrameCutter().cut(Buffer.from([0, 0, 0, 1, 0, 0xff, 0xff, 0xff]))).toThrow('too large')
  })
})

interface Client {
  readonly streams: SpdyStream[]
  readonly connection: SpdyConnection
  send(...frames: Buffer[]): void
  open(id: number, headers: Record<string, string>): Promise<void>
  received(): SpdyFrame[]
  readonly pending: () => number
}

/** A connection whose far end is the test. */
function aClient(): Client {
  const toServer = new PassThrough({ highWaterMark: 1024 })
  const fromServer: Buffer[] = []
  const transport = Duplex.from({
    readable: toServer,
    writable: new PassThrough().on('data', (chunk: Buffer) => fromServer.push(chunk)),
  })
  const streams: SpdyStream[] = []
  const connection = new SpdyConnection(transport, (stream) => streams.push(stream))
  const compress = aHeaderCompressor()
  const send = (...frames: Buffer[]): void => void toServer.write(Buffer.concat(frames))
  return {
    ...{ streams, connection, send },
    async open(id, headers) {
      const known = streams.length
      send(
        controlFrame(frameType.synStream, 0, Buffer.concat([words(id, 0), Buffer.alloc(2), await compress(headers)])),
      )
      // Headers are decompressed on another thread.
      await vi.waitFor(() => expect(streams.length).toBe(known + 1))
    },
    received: () => new FrameCutter().cut(Buffer.concat(fromServer)),
    pending: () => toServer.readableLength + toServer.writableLength,
  }
}

describe('a connection', () => {
  it('gives every stream its own bytes, in both directions', async () => {
    const client = aClient()
    await client.open(1, { streamType: 'stdin' })
    await client.open(3, { streamType: 'stdout' })
    client.send(dataFrame(1, Buffer.from('in'), true))
    client.streams[1]?.duplex.end('out')
    expect(client.streams.map(({ headers }) => headers['streamtype'])).toEqual(['stdin', 'stdout'])
    await vi.waitFor(() => expect(client.streams[0]?.duplex.read()?.toString()).toBe('in'))
    await vi.waitFor(() =>
      expect(client.received().filter(({ type }) => type === 'data')).toMatchObject([
        { streamId: 3, content: Buffer.from('out'), fin: false },
        { streamId: 3, fin: true },
      ]),
    )
  })

  it('answers pings, and refuses data for streams that are not there', async () => {
    const client = aClient()
    client.send(controlFrame(frameType.ping, 0, words(9)), dataFrame(5, Buffer.from('?'), false))
    await vi.waitFor(() =>
      expect(client.received()).toMatchObject([
        { kind: frameType.ping, content: words(9) },
        { kind: frameType.rstStream },
      ]),
    )
  })

  it('stops reading while a stream’s reader is far behind, and goes on with it', async () => {
    const client = aClient()
    await client.open(1, { streamType: 'stdin' })
    const piece = dataFrame(1, Buffer.alloc(256 * 1024), false)
    for (let count = 0; count < 12; count++) client.send(piece)
    await settle(10)
    expect(client.pending()).toBeGreaterThan(0)
    let bytes = 0
    client.streams[0]?.duplex.on('data', (chunk: Buffer) => (bytes += chunk.length))
    await vi.waitFor(() => expect(bytes).toBe(12 * 256 * 1024))
  })

  it('ends its streams when the client breaks the protocol', async () => {
    const client = aClient()
    await client.open(1, { streamType: 'stdin' })
    client.send(Buffer.from([0x80, 0x09, 0, 1, 0, 0, 0, 0]))
    await client.connection.ended
    expect(client.streams[0]?.duplex.destroyed).toBe(true)
  })

  it('takes a stream that the client ends at once', async () => {
    const client = aClient()
    const compress = aHeaderCompressor()
    const block = await compress({ streamType: 'error' })
    client.send(controlFrame(frameType.synStream, finFlag, Buffer.concat([words(1, 0), Buffer.alloc(2), block])))
    await vi.waitFor(() => expect(client.streams).toHaveLength(1))
    client.streams[0]?.duplex.resume()
    await vi.waitFor(() => expect(client.streams[0]?.duplex.readableEnded).toBe(true))
  })
})
