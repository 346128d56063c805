/** What enters the request chain and what leaves it, whichever way it came: TLS, the loopback server or this process. */
import type { IncomingMessage } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import type { Kind } from '../api/define-kind.ts'
import type { DynamicObject } from '../api/meta/object.ts'

export interface UserInfo {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

export type RequestBody =
  /** Bytes from a socket, read at most once and bounded by the caller. */
  | {
      readonly type: 'bytes'
      readonly read: () => Promise<Uint8Array>
      /** Instead of `read`: as they come, without a bound, for whoever passes them on. */
      readonly stream?: () => Readable
    }
  /** Plain data from this process. */
  | { readonly type: 'data'; readonly data: unknown }
  | { readonly type: 'none' }

export interface ServerRequest {
  readonly method: string
  /** Path only, decoded segment by segment when it is parsed. */
  readonly path: string
  readonly query: URLSearchParams
  /** The query as it was sent; absent: from inside this process. */
  readonly rawQuery?: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Names and values in turn, as they were sent; absent: from inside this process. */
  readonly rawHeaders?: readonly string[]
  readonly body: RequestBody
  /** Who the connection says it is: a client certificate, a session, a component. Tokens in headers are the chain's business. */
  readonly peer: UserInfo | undefined
  /** The connection showed a certificate that is worth nothing: without a token that is, the request is nobody's. */
  readonly peerRefused?: true
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal
  /** The address at the other end of the connection; absent: from inside this process. */
  readonly remoteAddress?: () => string | undefined
  readonly cause?: { readonly revision?: number; readonly key?: string }
}

/** A stored object: decoded once, encoded once, shared by everyone who reads it. */
export interface StoredObject {
  readonly object: DynamicObject
  readonly revision: number
  /** The object's JSON with its resourceVersion. Made on first use and kept. */
  bytes(): Uint8Array
  /** The object for a look in passing, which need not be kept; absent: `object`. */
  peek?(): DynamicObject
  /** What `encode` makes of the object, kept where many ask for it; absent: nothing is kept. */
  protobufBytes?(encode: (object: DynamicObject) => Uint8Array): Uint8Array
}

/** The object, for a look in passing. */
export const peekAt = (stored: StoredObject): DynamicObject => stored.peek?.() ?? stored.object

export interface WatchItem {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly stored: StoredObject
  /** What a change replaced; only for selections that are decided later. */
  readonly previous?: StoredObject
  /** Where several watchers share the item: the event's bytes by their form, made on first use. */
  readonly frames?: Map<string, Uint8Array>
}

export interface WatchEvents extends AsyncIterable<WatchItem> {
  /** What has come, in one piece; see BoundedQueue. Absent: one at a time. */
  batches?(turn?: () => Promise<void> | undefined): AsyncIterable<readonly WatchItem[]>
}

/** What the chain answers; the frontends encode it as the client accepts it. Failures are thrown StatusErrors. */
export type Answer =
  | { readonly type: 'object'; readonly code: number; readonly kind: Kind; readonly stored: StoredObject }
  /** An object that is not stored: a Status, a review, a Scale. */
  | { readonly type: 'plain'; readonly code: number; readonly object: object }
  | {
      readonly type: 'list'
      readonly kind: Kind
      readonly items: readonly StoredObject[]
      readonly resourceVersion: string
      readonly continue?: string
      readonly remainingItemCount?: number
    }
  | { readonly type: 'watch'; readonly kind: Kind; readonly events: WatchEvents }
  | {
      readonly type: 'bytes'
      readonly code: number
      readonly contentType: string
      readonly bytes: Uint8Array
      readonly headers?: Record<string, string>
    }
  | { readonly type: 'stream'; readonly contentType: string; readonly stream: Readable }
  /** What another server has answered, passed on as it is. */
  | {
      readonly type: 'relay'
      readonly code: number
      readonly headers: Readonly<Record<string, string | string[]>>
      readonly stream: Readable
    }
  /** The client asked to upgrade: the frontend hands over the raw socket after the chain has let the request pass. */
  | { readonly type: 'upgrade'; readonly start: (connection: UpgradedConnection) => void }

/** A socket whose HTTP upgrade has not been answered yet. */
export interface UpgradedConnection {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}

/** `Warning` headers (code 299) that the chain wants to send along. */
export interface AnswerContext {
  warn(text: string): void
  /** A header of the answer; absent where there are no headers. */
  header?(name: string, value: string): void
}

/** The whole request path, top to bottom. */
export type Handler = (request: ServerRequest, context: AnswerContext) => Promise<Answer>
