/**
 * etcd's role: keys, bytes, revisions and watches. The store knows no kind.
 *
 * Ordering rules, which every driver keeps:
 * - A commit gets one revision; revisions rise by at least one and are never used twice, also after a crash.
 * - A commit is acknowledged only after it is durable.
 * - A watch sees every commit after its start revision, once, in order; a commit's events reach every listener that has
 *   caught up with history before the commit is acknowledged to its caller.
 * - Where history is gone, a watch or an old read fails with `Compacted`; it never skips.
 */
import type { Disposable } from '../lib/disposable.ts'

export interface Entry {
  readonly key: string
  /** Shared by all readers: never written to. */
  readonly value: Uint8Array
  readonly createRevision: number
  readonly modRevision: number
}

/** Why a commit happened: who asked, and what set it off. Kept with the history. */
export interface Cause {
  readonly actor: string
  /** The revision that the actor reacted to, when it is a controller. */
  readonly revision?: number
  /** The queue key (`namespace/name`) that the actor was working on. */
  readonly key?: string
}

interface Expectation {
  readonly key: string
  /** The `modRevision` that the key must have; 0: it must not exist; absent: anything. */
  readonly expected?: number
}
export type Operation =
  (Expectation & { readonly type: 'put'; readonly value: Uint8Array }) | (Expectation & { readonly type: 'delete' })

export interface StoreEvent {
  readonly type: 'put' | 'delete'
  readonly key: string
  readonly revision: number
  /** The entry after a put; the last entry before a delete (its `modRevision` is the old one). */
  readonly entry: Entry
  /** The entry that a put replaced. */
  readonly previous?: Entry
  readonly cause?: Cause
}

export interface ListOptions {
  readonly prefix: string
  /** At most this many entries. */
  readonly limit?: number
  /** Only keys greater than this one. */
  readonly after?: string
  /** The state as of this revision; absent: now. */
  readonly revision?: number
}

export interface ListResult {
  readonly entries: readonly Entry[]
  /** The store's revision at the moment of the read (or the one asked for). */
  readonly revision: number
  readonly more: boolean
}

export interface WatchListener {
  /** All events of one or more whole commits, in order. Runs synchronously: it must be quick and must not throw. */
  events(batch: readonly StoreEvent[]): void
  /** The watch has failed and will say nothing more. */
  failed(error: StoreError): void
}

export interface Store extends Disposable {
  /** The revision of the newest acknowledged commit; 0 for a new store. */
  readonly revision: number
  /** The oldest revision whose state can be read and after which a watch can start. */
  readonly compactedRevision: number
  get(key: string, revision?: number): Promise<Entry | undefined>
  /** Entries in the order of their keys (by UTF-16 code unit). */
  list(options: ListOptions): Promise<ListResult>
  /**
   * All operations (at most 1024, each key once) or none. Rejects with `Conflict` when an expectation does not hold.
   * What changes nothing (deletes of absent keys) makes no revision and answers with the newest one.
   */
  commit(operations: readonly Operation[], cause?: Cause): Promise<{ readonly revision: number }>
  /**
   * Events with a revision greater than `after`. History is replayed first, then events come live. The listener hears
   * nothing before this call has returned.
   */
  watch(options: { readonly prefix: string; readonly after: number }, listener: WatchListener): Disposable
  /**
   * Only where others write to the same store: resolves when every commit that anyone has been acknowledged before this
   * call has been told to the watches here.
   */
  fresh?(): Promise<void>
  /** Forgets all history before `revision`; the state as of that revision stays. An older revision changes nothing. */
  compact(revision: number): Promise<void>
  /** Writes a consistent copy into a new file at `path`. */
  snapshot(path: string): Promise<void>
}

export type StoreErrorCode =
  | 'Conflict'
  | 'Compacted'
  /** A read or a watch of a revision that has not happened yet. */
  | 'FutureRevision'
  | 'Closed'
  /** The disk is full or the file cannot be written. */
  | 'Unavailable'
  /** Another process, or this one, has the file open already. */
  | 'InUse'
  /** The file is damaged. */
  | 'Corrupt'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  /** For `Conflict`: the key whose expectation failed, and its entry now. */
  readonly conflict: { readonly key: string; readonly current: Entry | undefined } | undefined

  constructor(
    code: StoreErrorCode,
    message: string,
    details: { cause?: unknown; conflict?: { key: string; current: Entry | undefined } } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.conflict = details.conflict
  }
}
