import { describe, expect, it } from 'vitest'
import { StatusError } from '../../api/errors.ts'
import type { RawWatchEvent } from '../client.ts'
import { createBrowserTransport } from './browser.ts'
import { createHttpTransport, type HttpRequest, type HttpResponse } from './http.ts'
import { readLines } from './lines.ts'

/** The text in chunks of `size` bytes, so that characters and lines are cut anywhere. */
async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let place = 0; place < bytes.length; place += size) yield bytes.subarray(place, place + size)
}

function setup(status: number, text: string, chunk = 5) {
  const requests: HttpRequest[] = []
  const transport = createHttpTransport(async (request): Promise<HttpResponse> => {
    requests.push(request)
    return { status, body: cut(text, chunk) }
  })
  return { requests, transport }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}

describe('lines', () => {
  it.each([1, 2, 3, 7, 1000])('are found in chunks of %i bytes', async (size) => {
    expect(await collect(readLines(cut('é→😀\n\nzwei\ndrei', size)))).toEqual(['é→😀', 'zwei', 'drei'])
  })
})

describe('the HTTP transport', () => {
  it('sends JSON and reads JSON', async () => {
    const { requests, transport } = setup(201, '{"kind":"Pod","x":"é"}')
    const answer = await transport.request({ method: 'POST', path: '/p', query: { a: 'b c&d' }, body: { x: 1 } })
    expect(answer).toEqual({ kind: 'Pod', x: 'é' })
    expect(requests).toEqual([
      {
        method: 'POST',
        target: '/p?a=b+c%26d',
        headers: { accept: 'application/json', 'content-type': 'application/json' },
        body: '{"x":1}',
      },
    ])
  })

  it('names the content type of a patch, and none without a body', async () => {
    const { requests, transport } = setup(200, '{}')
    await transport.request({ method: 'PATCH', path: '/p', contentType: 'application/merge-patch+json', body: {} })
    await transport.request({ method: 'GET', path: '/p' })
    expect(requests[0]?.headers['content-type']).toBe('application/merge-patch+json')
    expect(requests[1]?.headers).toEqual({ accept: 'application/json' })
  })

  it('gives plain text as it is', async () => {
    expect(await setup(200, 'ok').transport.request({ method: 'GET', path: '/healthz' })).toBe('ok')
  })

  it('throws what a Status says', async () => {
    const status = { kind: 'Status', message: 'gone', reason: 'NotFound', code: 404, details: { name: 'web' } }
    const attempt = setup(404, JSON.stringify(status)).transport.request({ method: 'GET', path: '/p' })
    await expect(attempt).rejects.toMatchObject({
      code: 404,
      reason: 'NotFound',
      message: 'gone',
      details: { name: 'web' },
    })
  })

  it.each([
    [503, 'no backend\n', 'ServiceUnavailable', 'no backend'],
    [418, '', 'InternalError', 'the server answered with 418'],
  ])('makes an error of a %i without a Status', async (code, text, reason, message) => {
    const error = await setup(code, text)
      .transport.request({ method: 'GET', path: '/p' })
      .catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(StatusError)
    expect(error).toMatchObject({ code, reason, message })
  })

  it.each([1, 10, 1000])('reads watch events in chunks of %i bytes', async (chunk) => {
    const events: RawWatchEvent[] = [
      { type: 'ADDED', object: { x: 'é' } },
      { type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' } } },
    ]
    const { transport } = setup(200, events.map((event) => `${JSON.stringify(event)}\n`).join(''), chunk)
    expect(await collect(transport.watch({ method: 'GET', path: '/p' }))).toEqual(events)
  })

  it('throws an error that comes in the stream of a watch, or instead of it', async () => {
    const status = { kind: 'Status', message: 'too old', reason: 'Expired', code: 410 }
    const inStream = setup(200, `${JSON.stringify({ type: 'ERROR', object: status })}\n`).transport
    await expect(collect(inStream.watch({ method: 'GET', path: '/p' }))).rejects.toMatchObject({ reason: 'Expired' })
    const instead = setup(410, JSON.stringify(status)).transport
    await expect(collect(instead.watch({ method: 'GET', path: '/p' }))).rejects.toMatchObject({ reason: 'Expired' })
  })
})

describe('the browser transport', () => {
  function stream(text: string, onCancel: () => void = () => undefined): ReadableStream<Uint8Array<ArrayBuffer>> {
    let sent = false
    return new ReadableStream({
      pull(controller) {
        if (!sent) controller.enqueue(new TextEncoder().encode(text))
        sent = true
      },
      cancel: onCancel,
    })
  }

  it('asks the same origin with its session', async () => {
    const calls: [unknown, RequestInit | undefined][] = []
    const transport = createBrowserTransport({
      fetch: async (target, init) => {
        calls.push([target, init])
        return new Response('{"ok":true}')
      },
    })
    expect(await transport.request({ method: 'GET', path: '/version' })).toEqual({ ok: true })
    expect(calls[0]?.[0]).toBe('/version')
    expect(calls[0]?.[1]).toMatchObject({ method: 'GET', credentials: 'same-origin' })
  })

  it('closes the exchange when a watch is left', async () => {
    let cancelled = false
    const body = stream('{"type":"ADDED","object":{}}\n', () => (cancelled = true))
    const transport = createBrowserTransport({ fetch: async () => new Response(body) })
    for await (const event of transport.watch({ method: 'GET', path: '/p' })) {
      expect(event.type).toBe('ADDED')
      break
    }
    expect(cancelled).toBe(true)
  })

  it('says that the server cannot be reached, and why', async () => {
    const cause = new TypeError('Failed to fetch')
    const transport = createBrowserTransport({ fetch: () => Promise.reject(cause) })
    await expect(transport.request({ method: 'GET', path: '/p' })).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
      cause,
    })
  })

  it('passes an abort on as it is', async () => {
    const abort = new AbortController()
    const transport = createBrowserTransport({ fetch: () => Promise.reject(new DOMException('stop', 'AbortError')) })
    abort.abort(new Error('enough'))
    await expect(transport.request({ method: 'GET', path: '/p', signal: abort.signal })).rejects.toThrow('enough')
  })
})
