/** What the store's thread and its owner say to each other. */
import type { WireError } from './wire-error.ts'
import type { Cause, Entry, ListOptions, StoreEvent } from '../store.ts'

/** An operation whose value lies in the batch's bytes. */
export interface PackedOperation {
  readonly type: 'put' | 'delete'
  readonly key: string
  readonly expected: number | undefined
  readonly start: number
  readonly end: number
}

export interface PackedCommit {
  readonly id: number
  readonly operations: readonly PackedOperation[]
  readonly cause: Cause | undefined
}

export type StoreRequest =
  | { readonly type: 'commits'; readonly commits: readonly PackedCommit[]; readonly bytes: Uint8Array }
  | { readonly type: 'call'; readonly id: number; readonly call: StoreCall }

export type StoreCall =
  | { readonly name: 'get'; readonly key: string; readonly revision: number | undefined }
  | { readonly name: 'list'; readonly options: ListOptions }
  | { readonly name: 'history'; readonly after: number }
  | { readonly name: 'compact'; readonly revision: number }
  | { readonly name: 'snapshot'; readonly path: string }
  | { readonly name: 'dispose' }

/** The owner has the value of a put, and its cause: it is told which operation of which commit it was. */
export type PackedEvent =
  | {
      readonly type: 'put'
      readonly key: string
      readonly revision: number
      readonly createRevision: number
      readonly commit: number
      readonly operation: number
      readonly previous: Entry | undefined
    }
  | (StoreEvent & { readonly type: 'delete' })

export type Settled =
  { readonly id: number; readonly revision: number } | { readonly id: number; readonly error: WireError }

export type StoreMessage =
  | { readonly type: 'opened'; readonly revision: number; readonly compactedRevision: number }
  | { readonly type: 'refused'; readonly error: WireError }
  | { readonly type: 'events'; readonly events: readonly PackedEvent[] }
  | { readonly type: 'settled'; readonly commits: readonly Settled[] }
  /** A part of a list; its end is the answer of the call. */
  | { readonly type: 'entries'; readonly id: number; readonly entries: readonly Entry[] }
  | { readonly type: 'compacted'; readonly revision: number }
  | { readonly type: 'answered'; readonly id: number; readonly answer: StoreAnswer }
  | { readonly type: 'failed'; readonly id: number; readonly error: WireError }

export type StoreAnswer =
  | { readonly name: 'get'; readonly entry: Entry | undefined }
  | { readonly name: 'list'; readonly revision: number; readonly more: boolean }
  | { readonly name: 'history'; readonly events: readonly StoreEvent[]; readonly upTo: number }
  | { readonly name: 'done' }

export interface StoreThreadInput {
  readonly path: string
  readonly maximumBytes: number | undefined
}
