/** The current objects of one resource in the order of their keys, their recent events, and who watches them. */
import { expired } from '../../api/errors.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { splitKey } from '../../api/meta/object.ts'
import type { WatchItem } from '../request.ts'
import type { CachedObject } from './cached-object.ts'
import { EventWindow, type CacheEvent } from './event-window.ts'
import { FieldIndex } from './field-index.ts'
import { itemFor, type Selection } from './selection.ts'
import { SortedMap } from './sorted-map.ts'
import { WatcherIndex, type FieldReaders } from './watcher-index.ts'
import { Watcher } from './watcher.ts'

export interface WatchStart {
  readonly selection: Selection
  /** Events after this revision; absent: first everything that is there now, as ADDED. */
  readonly after?: number
  readonly bookmarks: boolean
  /** Comes after the objects that are there now, for clients that want to know when they have them all. */
  readonly initialEnd?: WatchItem
}

/** Told of every change in its order, before whoever made it hears that it is done. */
export type Follower = (previous: CachedObject | undefined, next: CachedObject | undefined) => void

export interface OpenWatch {
  readonly watcher: Watcher
  readonly events: AsyncIterable<WatchItem>
}

export class ResourceCache {
  private readonly objects = new SortedMap<CachedObject>()
  private readonly window: EventWindow
  private readonly watchers: WatcherIndex
  private readonly indexes: Map<string, FieldIndex>
  private readonly revisionNow: () => number
  private readonly followers = new Set<Follower>()
  /** The revision of the newest change to this resource, or of the start when there was none. */
  private changed: number

  constructor(startRevision: number, revisionNow: () => number, fields: FieldReaders = {}) {
    this.window = new EventWindow(startRevision)
    this.watchers = new WatcherIndex(fields)
    this.indexes = new Map(Object.entries(fields).map(([field, read]) => [field, new FieldIndex(read)]))
    this.changed = startRevision
    this.revisionNow = revisionNow
  }

  get size(): number {
    return this.objects.size
  }

  get lastChange(): number {
    return this.changed
  }

  /** `key` is `namespace/name`, or the name alone. */
  get(key: string): CachedObject | undefined {
    return this.objects.get(key)
  }

  /** Takes in what the store held when the cache was started. */
  load(key: string, stored: CachedObject): void {
    this.objects.set(key, stored)
  }

  apply(type: 'put' | 'delete', key: string, stored: CachedObject, timeMs: number): void {
    const previous = this.objects.get(key)
    if (type === 'put') this.objects.set(key, stored)
    else this.objects.delete(key)
    for (const index of this.indexes.values()) index.update(key, previous, type === 'put' ? stored : undefined)
    for (const follow of this.followers) follow(previous, type === 'put' ? stored : undefined)
    this.changed = stored.revision
    const { namespace = '', name } = splitKey(key)
    const event: CacheEvent = { type, namespace, name, revision: stored.revision, stored, previous, timeMs }
    this.window.push(event)
    this.watchers.visit(event, (watcher) => {
      if (watcher.closed) this.watchers.delete(watcher)
      else watcher.offer(event)
    })
  }

  /** For what is derived from all objects: calls for each that is there now, then for each change. */
  follow(follower: Follower): Disposable {
    for (const [, stored] of this.objects.entries()) follower(undefined, stored)
    this.followers.add(follower)
    return { dispose: () => void this.followers.delete(follower) }
  }

  /** The selected objects in order, those after the key `after`, and at most `limit` of them. */
  list(selection: Selection, page: { readonly after?: string; readonly limit?: number } = {}): CachedObject[] {
    const { namespace, name, indexed, matches } = selection
    const { after = '', limit = Infinity } = page
    if (namespace === undefined && name === undefined && indexed === undefined && after === '' && limit === Infinity) {
      const all = this.objects.values()
      return matches === undefined ? all : all.filter((stored) => matches(stored.object))
    }
    const found: CachedObject[] = []
    for (const [key, stored] of this.candidates(selection, after)) {
      if (name !== undefined && splitKey(key).name !== name) continue
      if (matches !== undefined && !matches(stored.object)) continue
      found.push(stored)
      if (found.length >= limit) break
    }
    return found
  }

  /** How many objects have a key that starts with `prefix` and is greater than `after`. */
  countAfter(prefix: string, after: string): number {
    let count = 0
    for (const _entry of this.objects.entries(prefix, after)) count++
    return count
  }

  /** Throws `Expired` when the events after the revision are no longer known. */
  watch(start: WatchStart): OpenWatch {
    const { selection, after } = start
    const now = this.revisionNow()
    const past = after === undefined ? [] : this.window.after(after)
    if (past === undefined) throw expired(`too old resource version: ${after} (${this.window.floor})`)
    const watcher = new Watcher(selection, start.bookmarks, Math.max(after ?? 0, now))
    const initial: WatchItem[] =
      after === undefined ? this.list(selection).map((stored) => ({ type: 'ADDED', stored })) : replay(past, selection)
    if (start.initialEnd !== undefined) initial.push(start.initialEnd)
    this.watchers.add(watcher)
    return { watcher, events: initial.length === 0 ? watcher.queue : firstThen(initial, watcher.queue) }
  }

  stop(watcher: Watcher): void {
    this.watchers.delete(watcher)
    watcher.queue.close()
  }

  /** Tells the watchers that asked for it how far they are, and forgets those that are gone. */
  bookmark(item: WatchItem): void {
    for (const watcher of this.watchers.all()) {
      if (watcher.closed) this.watchers.delete(watcher)
      else if (watcher.bookmarks) watcher.push(item)
    }
  }

  stopAll(): void {
    for (const watcher of this.watchers.all()) this.stop(watcher)
  }

  private *candidates(selection: Selection, after: string): Iterable<[string, CachedObject]> {
    const { namespace, name, indexed } = selection
    if (name !== undefined && namespace !== undefined) {
      const key = namespace === '' ? name : `${namespace}/${name}`
      const stored = this.objects.get(key)
      if (stored !== undefined && key > after) yield [key, stored]
      return
    }
    const prefix = namespace === undefined || namespace === '' ? '' : `${namespace}/`
    const index = indexed === undefined ? undefined : this.indexes.get(indexed.field)
    if (index === undefined || indexed === undefined) {
      yield* this.objects.entries(prefix, after)
      return
    }
    for (const key of index.keys(indexed.value, () => this.objects.entries())) {
      const stored = this.objects.get(key)
      if (stored !== undefined && key > after && key.startsWith(prefix)) yield [key, stored]
    }
  }
}

function replay(events: readonly CacheEvent[], selection: Selection): WatchItem[] {
  const items: WatchItem[] = []
  for (const event of events) {
    const item = itemFor(event, selection)
    if (item !== undefined) items.push(item)
  }
  return items
}

async function* firstThen<T>(first: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield* first
  yield* rest
}
