/** The current objects of one resource in the order of their keys, their recent events, and who watches them. */
import { expired } from '../../api/errors.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { splitKey, type DynamicObject } from '../../api/meta/object.ts'
import type { Pace } from '../pace.ts'
import type { WatchEvents, WatchItem } from '../request.ts'
import type { CachedObject } from './cached-object.ts'
import { EventWindow, type CacheEvent } from './event-window.ts'
import { ObjectIndex } from './object-index.ts'
import { itemFor, SharedEvent, type Selection, type Term } from './selection.ts'
import { SortedMap } from './sorted-map.ts'
import { WatcherIndex, type FieldReaders } from './watcher-index.ts'
import { WatchStream } from './watch-stream.ts'
import { Watcher } from './watcher.ts'

export interface Page {
  /** Only keys greater than this one. */
  readonly after?: string
  readonly limit?: number
}

interface Candidates {
  readonly objects: CachedObject[]
  readonly matches: Selection['matches']
}

/** With fewer objects than this, a look at each is as quick. */
const worthAnIndex = 200
const sortingCost = 10

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
  readonly events: WatchEvents
}

export class ResourceCache {
  private readonly objects = new SortedMap<CachedObject>()
  private readonly window: EventWindow
  private readonly watchers: WatcherIndex
  private readonly index: ObjectIndex
  private readonly revisionNow: () => number
  private readonly followers = new Set<Follower>()
  /** Since the start: changes taken in, events handed on, watches ended because they fell behind. */
  readonly counts = { received: 0, dispatched: 0, terminated: 0 }
  /** The revision of the newest change to this resource, or of the start when there was none. */
  private changed: number

  constructor(startRevision: number, revisionNow: () => number, fields: FieldReaders = {}) {
    this.window = new EventWindow(startRevision)
    this.watchers = new WatcherIndex(fields)
    this.index = new ObjectIndex(fields)
    this.changed = startRevision
    this.revisionNow = revisionNow
  }

  get size(): number {
    return this.objects.size
  }

  get openWatches(): number {
    return this.watchers.size
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
    this.index.update(key, previous, type === 'put' ? stored : undefined)
    for (const follow of this.followers) follow(previous, type === 'put' ? stored : undefined)
    this.changed = stored.revision
    this.counts.received++
    const { namespace = '', name } = splitKey(key)
    const event: CacheEvent = { type, namespace, name, revision: stored.revision, stored, previous, timeMs }
    this.window.push(event)
    const shared = new SharedEvent(event)
    this.watchers.visit(event, (watcher) => {
      if (watcher.closed) this.watchers.delete(watcher)
      else if (watcher.offer(shared)) this.counts.dispatched++
      else if (watcher.closed) this.counts.terminated++
    })
  }

  /** For what is derived from all objects: calls for each that is there now, then for each change. */
  follow(follower: Follower): Disposable {
    for (const [, stored] of this.objects.entries()) follower(undefined, stored)
    this.followers.add(follower)
    return { dispose: () => void this.followers.delete(follower) }
  }

  /**
   * Gets ready what makes the selection quick; a promise when that takes longer. Without it lists look at more objects
   * than they have to.
   */
  prepare({ terms = [] }: Selection, pace: Pace): Promise<void> | undefined {
    if (terms.length === 0 || this.size < worthAnIndex) return undefined
    return this.buildIndex(pace)
  }

  buildIndex(pace: Pace): Promise<void> | undefined {
    if (this.index.ready) return undefined
    return this.index.build(this.objects.values(), (key) => this.objects.get(key), pace)
  }

  /** The selected objects in order, those after the key `after`, and at most `limit` of them. */
  list(selection: Selection, page: Page = {}): CachedObject[] {
    const { limit = Infinity } = page
    const { objects, matches } = this.candidates(selection, page)
    if (matches === undefined) return objects
    const found: CachedObject[] = []
    for (const stored of objects) {
      if (found.length >= limit) break
      if (matches(stored.peek())) found.push(stored)
    }
    return found
  }

  /**
   * As `list`, as of the time of this call, with pauses in which others go on when there are many objects to look at.
   */
  listInTurns(selection: Selection, page: Page, pace: Pace): CachedObject[] | Promise<CachedObject[]> {
    const { objects, matches } = this.candidates(selection, page)
    return matches === undefined ? objects : filterInTurns(objects, matches, page.limit ?? Infinity, pace)
  }

  /** How many objects have a key that starts with `prefix` and is greater than `after`. */
  countAfter(prefix: string, after: string): number {
    return this.objects.count(prefix, after)
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
    return { watcher, events: initial.length === 0 ? watcher.queue : new WatchStream(initial, watcher.queue) }
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

  /** What may be selected, in order; `matches` is what is still to be asked of each. */
  private candidates(selection: Selection, { after = '', limit = Infinity }: Page): Candidates {
    const { namespace, name, exact } = selection
    const prefix = namespace === undefined || namespace === '' ? '' : `${namespace}/`
    const matches = exact === true ? undefined : selection.matches
    if (name !== undefined) return { objects: this.named(prefix, namespace === undefined, name, after), matches }
    const terms = this.index.ready ? termsOf(selection) : []
    if (terms.length === 0) {
      const all = this.objects.values(prefix, after, selection.matches === undefined ? limit : Infinity)
      return { objects: all, matches: selection.matches }
    }
    const found = this.meeting(terms, prefix, after)
    return { objects: matches === undefined ? found.slice(0, limit) : found, matches }
  }

  private named(prefix: string, anywhere: boolean, name: string, after: string): CachedObject[] {
    if (anywhere)
      return this.objects.values(prefix, after).filter(({ key }) => key === name || key.endsWith(`/${name}`))
    const stored = this.objects.get(prefix + name)
    return stored !== undefined && stored.key > after ? [stored] : []
  }

  /** The objects that meet all of the terms, found by the way that has the fewest to look at. */
  private meeting(terms: readonly Term[], prefix: string, after: string): CachedObject[] {
    const counted = terms.map((term) => ({ term, count: this.index.count(term) ?? Infinity }))
    counted.sort((one, other) => one.count - other.count)
    const [fewest] = counted
    const inRange = this.objects.count(prefix, after)
    // To sort keys costs about as much as to look at so many in their order.
    if (fewest === undefined || inRange < fewest.count * sortingCost)
      return this.objects.values(prefix, after).filter(({ key }) => terms.every((term) => this.index.has(term, key)))
    const others = counted.slice(1)
    const keys = this.index
      .keys(fewest.term)
      .filter((key) => key > after && key.startsWith(prefix) && others.every(({ term }) => this.index.has(term, key)))
    return keys.sort().flatMap((key) => this.objects.get(key) ?? [])
  }
}

function termsOf({ terms, indexed }: Selection): readonly Term[] {
  if (terms !== undefined) return terms
  return indexed === undefined ? [] : [{ type: 'field', name: indexed.field, values: [indexed.value] }]
}

async function filterInTurns(
  objects: readonly CachedObject[],
  matches: (object: DynamicObject) => boolean,
  limit: number,
  pace: Pace,
): Promise<CachedObject[]> {
  const found: CachedObject[] = []
  for (const stored of objects) {
    if (found.length >= limit) break
    if (matches(stored.peek())) found.push(stored)
    const rest = pace.rest()
    if (rest !== undefined) await rest
  }
  return found
}

function replay(events: readonly CacheEvent[], selection: Selection): WatchItem[] {
  const items: WatchItem[] = []
  for (const event of events) {
    const item = itemFor(new SharedEvent(event), selection)
    if (item !== undefined) items.push(item)
  }
  return items
}
