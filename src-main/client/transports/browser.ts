import { serviceUnavailable } from '../../api/errors.ts'
import type { Transport } from '../client.ts'
import { createHttpTransport, type HttpRequest, type HttpResponse } from './http.ts'

/**
 * The transport of a page that the cluster's own server has served: same origin, under its session cookie.
 * `fetch` is a parameter for tests.
 */
export function createBrowserTransport(
  options: { readonly baseUrl?: string; readonly fetch?: typeof fetch } = {},
): Transport {
  const { baseUrl = '', fetch: send = globalThis.fetch.bind(globalThis) } = options
  return createHttpTransport(async ({ method, target, headers, body, signal }: HttpRequest): Promise<HttpResponse> => {
    const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' }
    if (body !== undefined) init.body = body
    if (signal !== undefined) init.signal = signal
    const response = await send(baseUrl + target, init).catch((error: unknown) => {
      if (signal?.aborted === true) throw signal.reason
      throw Object.assign(serviceUnavailable('the server cannot be reached'), { cause: error })
    })
    return { status: response.status, body: chunksOf(response.body) }
  })
}

/** Not every browser can iterate a ReadableStream. */
async function* chunksOf(stream: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (stream === null) return
  const reader = stream.getReader()
  let ended = false
  try {
    for (;;) {
      const { done, value } = await reader.read()
      ended = done
      if (done) return
      yield value
    }
  } finally {
    // Left early: tell the server that nobody listens any more.
    if (!ended) await reader.cancel().catch(() => undefined)
  }
}
