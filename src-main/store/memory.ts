import type { Disposable } from '../lib/disposable.ts'
import { KeyIndex } from './key-index.ts'
import { checkOperations, eventOf, failedExpectation } from './plan-commit.ts'
import {
  StoreError,
  type Cause,
  type Entry,
  type ListOptions,
  type ListResult,
  type Operation,
  type Store,
  type StoreEvent,
  type WatchListener,
} from './store.ts'
import { closed, compacted, conflict, futureRevision } from './store-errors.ts'
import { WatchHub } from './watch-hub.ts'

interface Version {
  readonly revision: number
  /** Undefined: the key was deleted. */
  readonly entry: Entry | undefined
}

/**
 * The driver for tests and simulations: no I/O and no timers, so that a commit is done within microtasks and a run on
 * a virtual clock is repeatable. Nothing survives the process, and there is no file to snapshot.
 */
export class MemoryStore implements Store {
  revision = 0
  compactedRevision = 0
  /** Every version of every key since the compacted revision, oldest first. Keys stay until compaction. */
  private readonly versions = new KeyIndex<Version[]>()
  private readonly current = new KeyIndex<Entry>()
  private events: StoreEvent[] = []
  private ended = false
  private readonly hub = new WatchHub(this, queueMicrotask)

  async get(key: string, revision?: number): Promise<Entry | undefined> {
    this.checkReadable(revision)
    return revision === undefined ? this.current.get(key) : this.asOf(key, revision)
  }

  async list({ prefix, limit = Infinity, after = '', revision }: ListOptions): Promise<ListResult> {
    this.checkReadable(revision)
    const entries =
      revision === undefined
        ? this.current.range(prefix, after, limit + 1).map((key) => this.current.get(key))
        : this.versions.range(prefix, after, Infinity).map((key) => this.asOf(key, revision))
    const present = entries.filter((entry) => entry !== undefined)
    return {
      entries: present.slice(0, limit),
      revision: revision ?? this.revision,
      more: present.length > limit,
    }
  }

  async commit(operations: readonly Operation[], cause?: Cause): Promise<{ revision: number }> {
    this.checkOpen()
    checkOperations(operations)
    const failed = failedExpectation(operations, (key) => this.current.get(key)?.modRevision ?? 0)
    if (failed !== undefined) throw conflict(failed.key, this.current.get(failed.key))
    const revision = this.revision + 1
    const events = operations
      .map((operation) => eventOf(operation, this.current.get(operation.key), revision, cause))
      .filter((event) => event !== undefined)
    if (events.length === 0) return { revision: this.revision }
    this.revision = revision
    for (const event of events) this.apply(event)
    this.hub.publish(events)
    return { revision }
  }

  watch({ prefix, after }: { prefix: string; after: number }, listener: WatchListener): Disposable {
    this.checkOpen()
    return this.hub.add(prefix, after, listener)
  }

  async compact(revision: number): Promise<void> {
    this.checkOpen()
    if (revision > this.revision) throw futureRevision(revision, this.revision)
    if (revision <= this.compactedRevision) return
    this.compactedRevision = revision
    this.events = this.events.filter((event) => event.revision > revision)
    for (const key of this.versions.range('', '', Infinity)) {
      const versions = this.versions.get(key) ?? []
      const newest = versions.findLastIndex((version) => version.revision <= revision)
      const kept = versions.slice(Math.max(0, versions[newest]?.entry === undefined ? newest + 1 : newest))
      if (kept.length === 0) this.versions.delete(key)
      else this.versions.set(key, kept)
    }
  }

  async snapshot(path: string): Promise<void> {
    throw new StoreError('Unavailable', `a store in memory has no file, so none can be written to ${path}`)
  }

  dispose(): void {
    this.ended = true
    this.hub.fail(closed())
  }

  /** The history of the replay: see WatchHub. */
  read(after: number): { events: readonly StoreEvent[]; upTo: number } {
    const first = this.events.findLastIndex(({ revision }) => revision <= after) + 1
    return { events: this.events.slice(first), upTo: this.revision }
  }

  private apply(event: StoreEvent): void {
    const { key, revision } = event
    const entry = event.type === 'put' ? event.entry : undefined
    if (entry === undefined) this.current.delete(key)
    else this.current.set(key, entry)
    const versions = this.versions.get(key)
    if (versions === undefined) this.versions.set(key, [{ revision, entry }])
    else versions.push({ revision, entry })
    this.events.push(event)
  }

  private asOf(key: string, revision: number): Entry | undefined {
    return this.versions.get(key)?.findLast((version) => version.revision <= revision)?.entry
  }

  private checkOpen(): void {
    if (this.ended) throw closed()
  }

  private checkReadable(revision = this.revision): void {
    this.checkOpen()
    if (revision > this.revision) throw futureRevision(revision, this.revision)
    if (revision < this.compactedRevision) throw compacted(revision, this.compactedRevision)
  }
}
