/** An answer as it goes over the wire, before anything is written. */
import type { Readable } from 'node:stream'

export type HeaderValues = Record<string, string | string[]>

type Chunks = readonly Uint8Array[]

export type ResponseBody =
  /** Complete and of known size. Chunks may be shared with others: they are never written to. */
  | { readonly type: 'chunks'; readonly chunks: Chunks; readonly bytes: number }
  /** Complete in the end, made as it is sent: pieces of a few chunks each, which may be shared with others. */
  | { readonly type: 'pieces'; readonly pieces: Iterable<Chunks> | AsyncIterable<Chunks> }
  /** Frames as they come; those of one batch leave together. */
  | { readonly type: 'live'; readonly batches: AsyncIterable<Chunks> }
  | { readonly type: 'stream'; readonly stream: Readable }

export interface EncodedResponse {
  readonly code: number
  readonly headers: HeaderValues
  readonly body: ResponseBody
}

/** A complete answer; unless `headers` say otherwise, nobody may keep it. */
export function response(
  code: number,
  contentType: string,
  chunks: readonly Uint8Array[],
  headers: Readonly<Record<string, string>> = {},
): EncodedResponse {
  let bytes = 0
  for (const chunk of chunks) bytes += chunk.length
  return {
    code,
    headers: { 'cache-control': 'no-cache, private', 'content-type': contentType, ...headers },
    body: { type: 'chunks', chunks, bytes },
  }
}
