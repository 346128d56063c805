/**
 * The API server's view of the store: lists it once, then follows it. The store hands over a commit's events before
 * it acknowledges the commit, so whoever reads after an acknowledged write sees that write.
 */
import type { Clock } from '../../lib/clock.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { Log } from '../../lib/log.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { Store, StoreError, StoreEvent } from '../../store/store.ts'
import { registryRoot, splitStoreKey } from '../registry/keys.ts'
import { Pace } from '../pace.ts'
import type { WatchEvents, WatchItem } from '../request.ts'
import { CachedObject, type Retention } from './cached-object.ts'
import { plentiful } from './plentiful.ts'
import { ResourceCache, type WatchStart } from './resource-cache.ts'
import type { FieldReaders } from './watcher-index.ts'

const retentionOf = (resource: string): Retention => (plentiful.has(resource) ? 'collectable' : 'kept')

const bookmarkMs = 60_000
const loadedAtOnce = 5000

export interface WatchCacheOptions {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** Resource prefix → the fields that lists and watches of it are often narrowed by. */
  readonly indexedFields: Readonly<Record<string, FieldReaders>>
}

export interface CacheFigures {
  readonly resource: string
  readonly size: number
  readonly watchers: number
  readonly received: number
  readonly dispatched: number
  readonly terminated: number
}

export interface TimedWatch extends WatchStart {
  readonly kind: { readonly apiVersion: string; readonly kind: string }
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** The client wants a bookmark once it has everything that is there now. */
  readonly announceInitialEnd: boolean
}

export class WatchCache implements Disposable {
  private readonly resources = new Map<string, ResourceCache>()
  private readonly options: WatchCacheOptions
  /** Objects on their way into the store, by their bytes: the event need not decode what was just encoded. */
  private readonly known = new WeakMap<Uint8Array, DynamicObject>()
  private readonly openWatches = new Map<ResourceCache, { apiVersion: string; kind: string }>()
  private following: Disposable | undefined
  private bookmarkTimer: Disposable | undefined
  private startRevision = 0
  private currentRevision = 0
  private failure: StoreError | undefined

  private constructor(options: WatchCacheOptions) {
    this.options = options
  }

  static async start(options: WatchCacheOptions): Promise<WatchCache> {
    const cache = new WatchCache(options)
    const pace = new Pace(options.clock)
    const revision = await cache.load(pace)
    for (const resource of Object.keys(options.indexedFields)) await cache.resource(resource).buildIndex(pace)
    cache.following = options.store.watch(
      { prefix: registryRoot, after: revision },
      { events: (batch) => cache.take(batch), failed: (error) => cache.fail(error) },
    )
    // Others may have written meanwhile: until their commits are known here, a read would not see what it should.
    await options.store.fresh?.()
    cache.scheduleBookmarks()
    return cache
  }

  /** The revision of the newest change that this cache has seen. */
  get revision(): number {
    return this.currentRevision
  }

  /** Why the cache no longer follows the store; undefined while it does. */
  get failed(): StoreError | undefined {
    return this.failure
  }

  /** `resource` is `group/plural`, see registry/keys.ts. */
  resource(resource: string): ResourceCache {
    const existing = this.resources.get(resource)
    if (existing !== undefined) return existing
    const created = new ResourceCache(
      this.startRevision,
      () => this.currentRevision,
      this.options.indexedFields[resource],
    )
    this.resources.set(resource, created)
    return created
  }

  /** What each resource has and does, by `group/plural`. */
  figures(): CacheFigures[] {
    return [...this.resources].map(([resource, cache]) => ({
      ...{ resource, size: cache.size, watchers: cache.openWatches },
      ...cache.counts,
    }))
  }

  /** Tells what these bytes mean, before they are committed. The object is taken over: nobody changes it any more. */
  expect(value: Uint8Array, object: DynamicObject): void {
    this.known.set(value, object)
  }

  watch(resource: string, watch: TimedWatch): WatchEvents {
    const cache = this.resource(resource)
    this.openWatches.set(cache, watch.kind)
    const initialEnd = watch.announceInitialEnd
      ? { initialEnd: bookmarkAt(watch.kind, this.currentRevision, { 'k8s.io/initial-events-end': 'true' }) }
      : {}
    const { watcher, events } = cache.watch({ ...watch, ...initialEnd })
    const stop = (): void => {
      void timer.dispose()
      watch.signal.removeEventListener('abort', stop)
      cache.stop(watcher)
    }
    const timer = this.options.clock.after(watch.timeoutMs, stop)
    watch.signal.addEventListener('abort', stop, { once: true })
    if (watch.signal.aborted) stop()
    return events
  }

  async dispose(): Promise<void> {
    await this.bookmarkTimer?.dispose()
    await this.following?.dispose()
    for (const cache of this.resources.values()) cache.stopAll()
  }

  /** Takes in what the store holds, a part at a time: its bytes and ours are never there twice as a whole. */
  private async load(pace: Pace): Promise<number> {
    const { store } = this.options
    let page = await store.list({ prefix: registryRoot, limit: loadedAtOnce })
    const { revision } = page
    this.startRevision = revision
    this.currentRevision = revision
    for (;;) {
      for (const { key: path, modRevision, value } of page.entries) {
        const { resource, key } = splitStoreKey(path)
        const stored = CachedObject.fromStore(key, modRevision, value, undefined, retentionOf(resource))
        this.resource(resource).load(key, stored)
        const rest = pace.rest()
        if (rest !== undefined) await rest
      }
      const after = page.entries.at(-1)?.key
      if (!page.more || after === undefined) return revision
      page = await store.list({ prefix: registryRoot, limit: loadedAtOnce, after, revision })
    }
  }

  private take(batch: readonly StoreEvent[]): void {
    const timeMs = this.options.clock.now()
    for (const event of batch) {
      const { resource, key } = splitStoreKey(event.key)
      const cache = this.resource(resource)
      this.currentRevision = event.revision
      if (event.type === 'put') {
        const { value } = event.entry
        const known = this.known.get(value)
        const stored = CachedObject.fromStore(key, event.revision, value, known, retentionOf(resource))
        cache.apply('put', key, stored, timeMs)
      } else {
        const last = cache.get(key) ?? CachedObject.fromStore(key, event.entry.modRevision, event.entry.value)
        cache.apply('delete', key, last.at(event.revision), timeMs)
      }
    }
  }

  private fail(error: StoreError): void {
    this.failure = error
    if (error.code !== 'Closed') this.options.log.error('the store can no longer be followed', { error: error.message })
    for (const cache of this.resources.values()) cache.stopAll()
  }

  private scheduleBookmarks(): void {
    this.bookmarkTimer = this.options.clock.after(bookmarkMs, () => {
      for (const [cache, kind] of this.openWatches) cache.bookmark(bookmarkAt(kind, this.currentRevision))
      this.scheduleBookmarks()
    })
  }
}

function bookmarkAt(
  kind: { readonly apiVersion: string; readonly kind: string },
  revision: number,
  annotations?: Record<string, string>,
): WatchItem {
  const object: DynamicObject = {
    kind: kind.kind,
    apiVersion: kind.apiVersion,
    metadata: { resourceVersion: String(revision), ...(annotations === undefined ? {} : { annotations }) },
  }
  return { type: 'BOOKMARK', stored: CachedObject.fromObject('', revision, object) }
}
