import type { Kind } from '../api/define-kind.ts'
import { isReason } from '../api/errors.ts'
import { keyOf, type KubernetesObject, type Live } from '../api/meta/object.ts'
import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import type { Disposable } from '../lib/disposable.ts'
import { Emitter } from '../lib/emitter.ts'
import { describeError, type Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import type { Client, WatchEvent } from './client.ts'
import { listAll } from './list-all.ts'
import { ObjectCache, type IndexFunction, type Lister } from './lister.ts'

export interface InformerScope {
  /** Absent: all namespaces. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

export interface InformerHandlers<T> {
  added?(object: Live<T>): void
  updated?(previous: Live<T>, object: Live<T>): void
  /** The last known state. */
  deleted?(object: Live<T>): void
}

/** `listing`: no list yet; `live`: the cache follows the server; `interrupted`: it is as of `sinceUnixMs`, and why. */
export type InformerState =
  | { readonly type: 'listing' | 'live' }
  | { readonly type: 'interrupted'; readonly sinceUnixMs: number; readonly error: unknown }

export interface InformerDependencies {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** A watch that ends sooner than this without an event counts as a failure, so that no server makes us spin. */
const healthyWatchMs = 1000

/**
 * Keeps a cache of one kind equal to the server's state, and tells handlers of each change after the cache has it.
 * Handlers see each object's states in order, but may miss states in between; they run synchronously and must be quick.
 */
export class Informer<T extends KubernetesObject> {
  readonly kind: Kind<T>
  private readonly cache = new ObjectCache<T>()
  private readonly handlers = new Set<InformerHandlers<T>>()
  private readonly scope: InformerScope
  private readonly dependencies: InformerDependencies
  private readonly firstList = Promise.withResolvers<undefined>()
  private readonly states = new Emitter<InformerState>()
  private connection: InformerState = { type: 'listing' }
  private listed = false
  private running: Disposable | undefined
  /** Where to resume the watch; undefined: list first. */
  private position: string | undefined

  constructor(kind: Kind<T>, scope: InformerScope, dependencies: InformerDependencies) {
    this.kind = kind
    this.scope = scope
    this.dependencies = dependencies
  }

  get lister(): Lister<T> {
    return this.cache
  }

  get state(): InformerState {
    return this.connection
  }

  /** Tells of each change between live and interrupted, for those who show how old the cache is. */
  onState(listener: (state: InformerState) => void): Disposable {
    return this.states.on(listener)
  }

  /** Whether the first list is in the cache. */
  get hasSynced(): boolean {
    return this.listed
  }

  /** Resolves when the first list is in the cache; rejects with the signal's reason when it aborts first. */
  async synced(signal?: AbortSignal): Promise<void> {
    if (this.listed) return
    signal?.throwIfAborted()
    const aborted = Promise.withResolvers<undefined>()
    const abort = (): void => aborted.reject(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    await Promise.race([this.firstList.promise, aborted.promise])
    signal?.removeEventListener('abort', abort)
  }

  /** An index for `lister.byIndex`; may be added at any time. */
  addIndex(name: string, valuesOf: IndexFunction<T>): this {
    this.cache.addIndex(name, valuesOf)
    return this
  }

  /** Objects that are in the cache already are told as added, at once. */
  on(handlers: InformerHandlers<T>): Disposable {
    for (const object of this.cache.list()) this.tell([handlers], (one) => one.added?.(object))
    this.handlers.add(handlers)
    return { dispose: () => void this.handlers.delete(handlers) }
  }

  /** Starts to list and watch; starting a running informer changes nothing. Disposing stops it for everyone. */
  start(): Disposable {
    if (this.running !== undefined) return this.running
    const abort = new AbortController()
    const ended = this.run(abort.signal)
    this.running = {
      dispose: async () => {
        abort.abort(new Error(`the informer of ${this.kind.plural} was stopped`))
        await ended
      },
    }
    return this.running
  }

  private async run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.dependencies
    const backoff = new Backoff({ initialMs: 100, maximumMs: 30_000, jitter: 0.5 }, random)
    while (!signal.aborted) {
      try {
        this.position ??= await this.relist(signal)
        if (await this.follow(this.position, signal)) {
          backoff.reset()
          continue
        }
      } catch (error) {
        if (signal.aborted) return
        if (isReason(error, 'Expired', 'Gone')) this.position = undefined
        else this.interrupted(error)
      }
      await clock.sleep(backoff.next(), signal).catch(() => undefined)
    }
  }

  private async relist(signal: AbortSignal): Promise<string> {
    const { items, resourceVersion } = await listAll(this.dependencies.client, this.kind, { ...this.scope, signal })
    const present = new Set(items.map(keyOf))
    for (const key of this.cache.keys()) if (!present.has(key)) this.remove(key)
    for (const item of items) this.put(item)
    this.listed = true
    this.firstList.resolve(undefined)
    this.live()
    return resourceVersion
  }

  /** Follows one watch to its end. True when the watch did its work, so that the next may begin at once. */
  private async follow(resourceVersion: string, signal: AbortSignal): Promise<boolean> {
    const { client, clock } = this.dependencies
    const started = clock.monotonic()
    let received = false
    // A watch that stands without an event is live as well; nothing but time tells.
    const standing = clock.after(healthyWatchMs, () => this.live())
    try {
      for await (const event of client.watch(this.kind, { ...this.scope, resourceVersion, signal })) {
        if (signal.aborted) return true
        received = true
        this.live()
        this.apply(event)
      }
    } finally {
      void standing.dispose()
    }
    return received || clock.monotonic() - started >= healthyWatchMs
  }

  private live(): void {
    if (this.connection.type === 'live') return
    this.connection = { type: 'live' }
    this.states.emit(this.connection)
  }

  private interrupted(error: unknown): void {
    // A missing right does not come by waiting, and whoever needs these objects stands still until somebody gives it.
    const level = isReason(error, 'Forbidden') ? 'error' : 'warn'
    this.dependencies.log[level](`cannot list or watch ${this.kind.plural}: ${describeError(error)}`)
    const sinceUnixMs =
      this.connection.type === 'interrupted' ? this.connection.sinceUnixMs : this.dependencies.clock.now()
    this.connection = { type: 'interrupted', sinceUnixMs, error }
    this.states.emit(this.connection)
  }

  private apply(event: WatchEvent<T>): void {
    if (event.type === 'BOOKMARK') {
      this.position = event.resourceVersion
      return
    }
    if (event.type === 'DELETED') this.remove(keyOf(event.object), event.object)
    else this.put(event.object)
    this.position = event.object.metadata.resourceVersion
  }

  private put(object: Live<T>): void {
    const previous = this.cache.byKey(keyOf(object))
    // Another uid: the old object went and came again unseen. Whoever handles it must see both steps.
    if (previous !== undefined && previous.metadata.uid !== object.metadata.uid) this.remove(keyOf(object))
    else if (previous?.metadata.resourceVersion === object.metadata.resourceVersion) return
    const replaced = this.cache.set(object)
    this.tell(this.handlers, (one) => (replaced === undefined ? one.added?.(object) : one.updated?.(replaced, object)))
  }

  private remove(key: string, lastState?: Live<T>): void {
    const previous = this.cache.delete(key)
    if (previous === undefined) return
    this.tell(this.handlers, (one) => one.deleted?.(lastState ?? previous))
  }

  /** One handler's error must not keep the others, or the cache, from going on. */
  private tell(handlers: Iterable<InformerHandlers<T>>, call: (one: InformerHandlers<T>) => void): void {
    for (const one of [...handlers]) {
      try {
        call(one)
      } catch (error) {
        this.dependencies.log.error(`a handler of ${this.kind.plural} failed: ${describeError(error)}`)
      }
    }
  }
}
