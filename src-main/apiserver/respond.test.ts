import { Readable, Writable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { BoundedQueue } from '../lib/bounded-queue.ts'
import { settle, VirtualClock } from '../lib/virtual-clock.ts'
import type { EncodedResponse, ResponseBody } from './encoded-response.ts'
import type { Exchange } from './exchange.ts'
import { respond, stallMs } from './respond.ts'

interface Client {
  readonly exchange: Exchange
  readonly begun: { code: number; headers: Record<string, string | string[]> }[]
  readonly received: Buffer[]
  /** How many writes reached the connection. */
  writes: number
}

/** `stuck` takes nothing after its first write. */
function aClient(options: { method?: string; acceptEncoding?: string; stuck?: boolean } = {}): Client {
  const received: Buffer[] = []
  const begun: Client['begun'] = []
  const client: Client = { received, begun, writes: 0 } as unknown as Client
  const take = (chunks: readonly Buffer[], done: () => void): void => {
    client.writes++
    received.push(...chunks)
    if (options.stuck !== true) done()
  }
  const sink = new Writable({
    highWaterMark: 1024,
    write: (chunk: Buffer, _encoding, done) => take([chunk], done),
    writev: (chunks, done) =>
      take(
        chunks.map(({ chunk }) => chunk as Buffer),
        done,
      ),
  })
  const exchange: Exchange = {
    method: options.method ?? 'GET',
    url: '/',
    headers: { 'accept-encoding': options.acceptEncoding },
    rawHeaders: [],
    body: { type: 'none' },
    remoteAddress: () => undefined,
    sink,
    begin: (code, headers, ended) => {
      begun.push({ code, headers })
      if (ended) sink.end()
    },
  }
  return Object.assign(client, { exchange })
}

const complete = (...chunks: Buffer[]): EncodedResponse => ({
  code: 200,
  headers: { 'content-type': 'application/json' },
  body: { type: 'chunks', chunks, bytes: chunks.reduce((bytes, chunk) => bytes + chunk.length, 0) },
})
const withBody = (body: ResponseBody): EncodedResponse => ({ code: 200, headers: {}, body })
const textOf = ({ received }: Client): string => Buffer.concat(received).toString()

describe('a complete answer', () => {
  it('has its length in the headers', async () => {
    const client = aClient()
    await respond(client.exchange, complete(Buffer.from('[1,'), Buffer.from('2]')), new VirtualClock())
    expect(client.begun).toMatchObject([{ code: 200, headers: { 'content-length': '5' } }])
    expect(textOf(client)).toBe('[1,2]')
  })

  it('has no body after HEAD', async () => {
    const client = aClient({ method: 'HEAD' })
    await respond(client.exchange, complete(Buffer.from('{}')), new VirtualClock())
    expect(textOf(client)).toBe('')
  })

  it('is compressed from 128 KiB on, when the client takes it', async () => {
    for (const bytes of [200_000, 3_000_000]) {
      const client = aClient({ acceptEncoding: 'gzip' })
      await respond(client.exchange, complete(Buffer.alloc(bytes, 'a')), new VirtualClock())
      expect(client.begun[0]?.headers['content-encoding']).toBe('gzip')
      expect(gunzipSync(Buffer.concat(client.received)).length).toBe(bytes)
    }
    for (const [bytes, acceptEncoding] of [
      [100_000, 'gzip'],
      [200_000, 'identity'],
    ] as const) {
      const client = aClient({ acceptEncoding })
      await respond(client.exchange, complete(Buffer.alloc(bytes, 'a')), new VirtualClock())
      expect(client.begun[0]?.headers['content-encoding']).toBeUndefined()
    }
  })

  it('of many pieces leaves in few writes', async () => {
    const client = aClient()
    await respond(
      client.exchange,
      complete(...Array.from({ length: 10_000 }, () => Buffer.from('0123456789'))),
      new VirtualClock(),
    )
    expect(Buffer.concat(client.received).length).toBe(100_000)
    expect(client.writes).toBeLessThan(5)
  })
})

describe('an answer that is made while it is sent', () => {
  const numbers = function* (): Generator<Uint8Array[]> {
    for (let index = 0; index < 50; index++) yield [Buffer.from(`${index},`), Buffer.from('x'.repeat(index * 100))]
  }
  const expected = [...numbers()].map((chunks) => Buffer.concat(chunks).toString()).join('')

  it.each(['identity', 'gzip'])('arrives whole (%s)', async (acceptEncoding) => {
    const received: Buffer[] = []
    const client = aClient({ acceptEncoding })
    client.received.push = (...chunks: Buffer[]) => received.push(...chunks.map((chunk) => Buffer.from(chunk)))
    await respond(client.exchange, withBody({ type: 'pieces', pieces: numbers() }), new VirtualClock())
    const bytes = Buffer.concat(received)
    expect((acceptEncoding === 'gzip' ? gunzipSync(bytes) : bytes).toString()).toBe(expected)
    expect(client.begun[0]?.headers['content-encoding']).toBe(acceptEncoding === 'gzip' ? 'gzip' : undefined)
  })

  it('is made no further than its client takes it, and a client that stops is cut off', async () => {
    const clock = new VirtualClock()
    const client = aClient({ stuck: true })
    let made = 0
    const counted = function* (): Generator<Uint8Array[]> {
      for (const piece of numbers()) {
        made++
        yield piece
      }
    }
    const done = respond(client.exchange, withBody({ type: 'pieces', pieces: counted() }), clock)
    await clock.advance(stallMs - 1)
    expect(made).toBe(1)
    expect(client.exchange.sink.destroyed).toBe(false)
    await clock.advance(1)
    await done
    expect([client.exchange.sink.destroyed, made]).toEqual([true, 1])
  })
})

describe('a watch', () => {
  it('sends events that come together in one write', async () => {
    const queue = new BoundedQueue<Uint8Array>(10)
    const client = aClient()
    const done = respond(client.exchange, withBody({ type: 'live', batches: queue.batches() }), new VirtualClock())
    for (const event of ['a\n', 'b\n', 'c\n']) queue.push(Buffer.from(event))
    await settle()
    expect([textOf(client), client.writes]).toEqual(['a\nb\nc\n', 1])
    queue.close()
    await done
    await settle()
    expect(client.exchange.sink.writableFinished).toBe(true)
  })

  it('cuts a client off that takes nothing for too long', async () => {
    const clock = new VirtualClock()
    const queue = new BoundedQueue<Uint8Array>(10)
    const client = aClient({ stuck: true })
    const done = respond(client.exchange, withBody({ type: 'live', batches: queue.batches() }), clock)
    queue.push(Buffer.alloc(4096))
    await clock.advance(stallMs - 1)
    expect(client.exchange.sink.destroyed).toBe(false)
    await clock.advance(1)
    await done
    expect(client.exchange.sink.destroyed).toBe(true)
    expect(queue.closed).toBe(true)
  })

  it('lets go of its source when the client leaves', async () => {
    const queue = new BoundedQueue<Uint8Array>(10)
    const client = aClient()
    const done = respond(client.exchange, withBody({ type: 'live', batches: queue.batches() }), new VirtualClock())
    client.exchange.sink.destroy()
    queue.push(Buffer.from('late\n'))
    await done
    expect(queue.closed).toBe(true)
  })
})

describe('a stream', () => {
  it('is passed on, and ended when the client leaves', async () => {
    const client = aClient()
    await respond(
      client.exchange,
      withBody({ type: 'stream', stream: Readable.from([Buffer.from('line\n')]) }),
      new VirtualClock(),
    )
    expect(textOf(client)).toBe('line\n')

    const endless = new Readable({ read: () => undefined })
    const leaving = aClient()
    const done = respond(leaving.exchange, withBody({ type: 'stream', stream: endless }), new VirtualClock())
    leaving.exchange.sink.destroy()
    await done
    expect(endless.destroyed).toBe(true)
  })
})
