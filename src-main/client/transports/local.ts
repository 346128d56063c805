/**
 * The transport inside one process: requests go straight into the server's chain, and objects come back as the server
 * holds them, shared with everyone else who reads them, without a trip through JSON.
 */
import { internalError } from '../../api/errors.ts'
import type { ApiRequest, RawWatchEvent, Transport } from '../client.ts'

/** Who asks. */
export interface LocalUser {
  readonly name: string
  readonly groups: readonly string[]
}

/** What the server is given; a request of any frontend has this form. */
export interface LocalRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: { readonly type: 'data'; readonly data: unknown } | { readonly type: 'none' }
  readonly peer: LocalUser
  readonly signal: AbortSignal
  readonly cause?: { readonly revision?: number; readonly key?: string }
}

interface Stored {
  readonly object: object
}

/** What the server answers, as far as this transport can read it. */
export type LocalAnswer =
  | { readonly type: 'object'; readonly stored: Stored }
  | { readonly type: 'plain'; readonly object: object }
  | {
      readonly type: 'list'
      readonly kind: { readonly kind: string; readonly apiVersion: string }
      readonly items: readonly Stored[]
      readonly resourceVersion: string
      readonly continue?: string
      readonly remainingItemCount?: number
    }
  | {
      readonly type: 'watch'
      readonly events: AsyncIterable<{ readonly type: RawWatchEvent['type']; readonly stored: Stored }>
    }
  | { readonly type: 'bytes'; readonly contentType: string; readonly bytes: Uint8Array }
  | { readonly type: 'stream' | 'relay'; readonly stream: AsyncIterable<unknown> }
  | { readonly type: 'upgrade' }

export type LocalServer = (request: LocalRequest, context: { warn(text: string): void }) => Promise<LocalAnswer>

/** Bodies are copied by the server: what a caller has sent stays the caller's. */
export function createLocalTransport(server: LocalServer, user: LocalUser): Transport {
  const ask = async (request: ApiRequest, watch: boolean, signal: AbortSignal): Promise<LocalAnswer> => {
    signal.throwIfAborted()
    return server(localRequest(request, user, watch, signal), { warn: () => undefined })
  }
  return {
    async request(request) {
      return decoded(await ask(request, false, request.signal ?? new AbortController().signal))
    },
    async *watch(request) {
      const ended = new AbortController()
      const signal = request.signal === undefined ? ended.signal : AbortSignal.any([request.signal, ended.signal])
      try {
        const answer = await ask(request, true, signal)
        if (answer.type !== 'watch') throw internalError(`${request.path} was not answered with a watch`)
        for await (const { type, stored } of answer.events) yield { type, object: stored.object }
      } finally {
        ended.abort()
      }
    },
  }
}

function localRequest(request: ApiRequest, peer: LocalUser, watch: boolean, signal: AbortSignal): LocalRequest {
  const { method, path, query = {}, contentType, body, cause } = request
  return {
    ...{ method, path, peer, signal },
    query: new URLSearchParams(watch ? { ...query, watch: 'true' } : query),
    headers: contentType === undefined ? {} : { 'content-type': contentType },
    body: body === undefined ? { type: 'none' } : { type: 'data', data: body },
    ...(cause === undefined ? {} : { cause }),
  }
}

async function decoded(answer: LocalAnswer): Promise<unknown> {
  switch (answer.type) {
    case 'object':
      return answer.stored.object
    case 'plain':
      return answer.object
    case 'list':
      return listObject(answer)
    case 'bytes': {
      const text = new TextDecoder().decode(answer.bytes)
      return answer.contentType.startsWith('application/json') ? JSON.parse(text) : text
    }
    case 'stream':
    case 'relay':
      return streamText(answer.stream)
    case 'watch':
    case 'upgrade':
      throw internalError(`a request from inside the process was answered with a ${answer.type}`)
  }
}

function listObject(answer: Extract<LocalAnswer, { type: 'list' }>): object {
  const { kind, items, resourceVersion, remainingItemCount } = answer
  return {
    kind: `${kind.kind}List`,
    apiVersion: kind.apiVersion,
    metadata: {
      resourceVersion,
      ...(answer.continue === undefined ? {} : { continue: answer.continue }),
      ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
    },
    items: items.map(({ object }) => object),
  }
}

async function streamText(stream: AsyncIterable<unknown>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of stream)
    text += chunk instanceof Uint8Array ? decoder.decode(chunk, { stream: true }) : String(chunk)
  return text + decoder.decode()
}
