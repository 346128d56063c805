/** The store in an etcd v3 cluster, for those who outgrow one machine: several API servers may share it. */
import { existsSync } from 'node:fs'
import type { Clock } from '../lib/clock.ts'
import { Backoff } from '../lib/backoff.ts'
import type { Disposable } from '../lib/disposable.ts'
import type { Random } from '../lib/random.ts'
import { EtcdClient, type EtcdServers } from './etcd/etcd-client.ts'
import { follow, readHistory } from './etcd/follow.ts'
import { Layout } from './etcd/layout.ts'
import { openLayout } from './etcd/open-layout.ts'
import { saveSnapshot } from './etcd/snapshot.ts'
import { write } from './etcd/write.ts'
import { checkOperations } from './plan-commit.ts'
import { closed, compacted, futureRevision } from './store-errors.ts'
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
import { WatchHub } from './watch-hub.ts'

export interface EtcdPlace extends EtcdServers {
  /** Everything lies below it; absent: `/orrery`. */
  readonly root?: string | undefined
}

export interface EtcdStoreOptions extends EtcdPlace {
  readonly clock: Clock
  readonly random: Random
}

const defaultRoot = '/orrery'

/** Keys in one answer, so that no message grows without bound. */
const pageKeys = 1000
const historyEvents = 500

/** Rejects with `Unavailable` when no server answers. */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<Store> {
  const client = new EtcdClient(options, options.clock)
  try {
    const layout = new Layout(options.root ?? defaultRoot)
    const opened = await openLayout(client, layout)
    return new EtcdStore(client, layout, opened, options)
  } catch (error) {
    client.close()
    throw error
  }
}

/** Removes everything below the store's root. Rejects with `Unavailable` when no server answers. */
export async function removeEtcdStore(options: EtcdStoreOptions): Promise<void> {
  const client = new EtcdClient(options, options.clock)
  try {
    await client.deleteRange(new Layout(options.root ?? defaultRoot).everything)
  } finally {
    client.close()
  }
}

class EtcdStore implements Store {
  revision: number
  compactedRevision: number
  private readonly client: EtcdClient
  private readonly layout: Layout
  private readonly hub: WatchHub
  private readonly clock: Clock
  private readonly backoff: Backoff
  private readonly stopped = new AbortController()
  private readonly commits = new Set<Promise<unknown>>()
  /** Those that wait until a revision has been told. */
  private arrivals: { readonly revision: number; readonly arrived: () => void; readonly failed: (e: Error) => void }[] =
    []
  private asking: Promise<void> | undefined
  private nextAsking: Promise<void> | undefined
  private stopFollowing: () => void = () => undefined
  private failure: StoreError | undefined
  private ended = false

  constructor(
    client: EtcdClient,
    layout: Layout,
    { revision, compactedRevision }: { readonly revision: number; readonly compactedRevision: number },
    { clock, random }: EtcdStoreOptions,
  ) {
    this.client = client
    this.layout = layout
    this.clock = clock
    this.revision = revision
    this.compactedRevision = compactedRevision
    this.backoff = new Backoff({ initialMs: 50, maximumMs: 2000 }, random)
    this.hub = new WatchHub(this, queueMicrotask)
    this.followOn()
  }

  async get(key: string, revision?: number): Promise<Entry | undefined> {
    await this.prepareRead(revision)
    const at = revision === undefined ? 0 : revision + this.layout.base
    const { kvs } = await this.reading(revision, () => this.client.range({ key: this.layout.key(key), revision: at }))
    return kvs[0] === undefined ? undefined : this.layout.entry(kvs[0])
  }

  async list({ prefix, limit = Infinity, after = '', revision }: ListOptions): Promise<ListResult> {
    await this.prepareRead(revision)
    const asked = revision ?? this.revision
    const entries: Entry[] = []
    let more = true
    while (more && entries.length < limit) {
      const range = this.layout.range(prefix, entries.at(-1)?.key ?? after)
      const page = { ...range, limit: Math.min(pageKeys, limit - entries.length), revision: asked + this.layout.base }
      const answer = await this.reading(asked, () => this.client.range(page))
      for (const kv of answer.kvs) entries.push(this.layout.entry(kv))
      more = answer.more
    }
    return { entries, revision: asked, more }
  }

  commit(operations: readonly Operation[], cause?: Cause): Promise<{ readonly revision: number }> {
    const commit = this.commitNow(operations, cause)
    // Whoever commits hears of a failure; here it only has to have ended.
    const tracked = commit.catch(() => undefined).finally(() => this.commits.delete(tracked))
    this.commits.add(tracked)
    return commit
  }

  watch({ prefix, after }: { readonly prefix: string; readonly after: number }, listener: WatchListener): Disposable {
    this.checkOpen()
    return this.hub.add(prefix, after, listener)
  }

  /** One question to etcd answers all who ask while it waits for its turn. */
  fresh(): Promise<void> {
    if (this.asking === undefined) return (this.asking = this.ask().finally(() => (this.asking = undefined)))
    // How the question before ended is for those who asked it.
    return (this.nextAsking ??= this.asking
      .catch(() => undefined)
      .then(() => {
        this.nextAsking = undefined
        return this.fresh()
      }))
  }

  async compact(revision: number): Promise<void> {
    this.checkOpen()
    if (revision > this.revision) throw futureRevision(revision, this.revision)
    if (revision <= this.compactedRevision) return
    try {
      await this.client.compact(revision + this.layout.base)
    } catch (error) {
      // Another server of the cluster was quicker.
      if (!(error instanceof StoreError) || error.code !== 'Compacted') throw error
    }
    this.compactedRevision = Math.max(this.compactedRevision, revision)
  }

  async snapshot(path: string): Promise<void> {
    this.checkOpen()
    if (existsSync(path)) throw new StoreError('Unavailable', `there is a file at ${path} already: name a new one`)
    await saveSnapshot(this.client, path)
  }

  async dispose(): Promise<void> {
    if (this.ended) return
    while (this.commits.size > 0) await Promise.all(this.commits)
    this.ended = true
    this.stopped.abort()
    this.stopFollowing()
    this.fail(closed())
    this.client.close()
  }

  /** The history of the replay: see WatchHub. */
  async read(after: number): Promise<{ events: readonly StoreEvent[]; upTo: number }> {
    try {
      return await readHistory(this.client, this.layout, after, this.revision, historyEvents)
    } catch (error) {
      throw this.compactedAt(after, error)
    }
  }

  private async commitNow(operations: readonly Operation[], cause: Cause | undefined): Promise<{ revision: number }> {
    this.checkOpen()
    checkOperations(operations)
    if (operations.length === 0) return { revision: this.revision }
    const revision = await write(this.client, this.layout, operations, cause)
    if (revision === undefined) return { revision: this.revision }
    await this.arrival(revision)
    return { revision }
  }

  private followOn(): void {
    this.stopFollowing = follow(this.client, this.layout, this.revision, {
      commits: (events, upTo) => {
        this.backoff.reset()
        this.revision = upTo
        if (events.length > 0) this.hub.publish(events)
        const arrived = this.arrivals.filter(({ revision }) => revision <= upTo)
        if (arrived.length === 0) return
        this.arrivals = this.arrivals.filter(({ revision }) => revision > upTo)
        for (const one of arrived) one.arrived()
      },
      ended: (error) => void this.followAgain(error),
    })
  }

  /** A lost connection is made anew where it stood; lost history is the end. */
  private async followAgain(error: StoreError): Promise<void> {
    if (this.ended) return
    if (error.code === 'Compacted') return this.fail(error)
    this.client.avoidServer()
    try {
      await this.clock.sleep(this.backoff.next(), this.stopped.signal)
    } catch {
      return // The store was closed meanwhile.
    }
    this.followOn()
  }

  private fail(error: StoreError): void {
    this.failure = error
    this.hub.fail(error)
    for (const { failed } of this.arrivals.splice(0)) failed(error)
  }

  private arrival(revision: number): Promise<void> {
    if (revision <= this.revision) return Promise.resolve()
    if (this.failure !== undefined) return Promise.reject(this.failure)
    return new Promise((arrived, failed) => this.arrivals.push({ revision, arrived, failed }))
  }

  private async ask(): Promise<void> {
    this.checkOpen()
    const { kvs } = await this.client.range({ key: this.layout.causeKey })
    await this.arrival((kvs[0]?.mod_revision ?? this.layout.base) - this.layout.base)
    await this.hub.caughtUp()
  }

  private async prepareRead(revision: number | undefined): Promise<void> {
    this.checkOpen()
    if (revision === undefined || revision > this.revision) await this.fresh()
    if (revision === undefined) return
    if (revision > this.revision) throw futureRevision(revision, this.revision)
    if (revision < this.compactedRevision) throw compacted(revision, this.compactedRevision)
  }

  private async reading<T>(revision: number | undefined, read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      throw this.compactedAt(revision ?? this.revision, error)
    }
  }

  private compactedAt(revision: number, error: unknown): unknown {
    if (!(error instanceof StoreError) || error.code !== 'Compacted') return error
    this.compactedRevision = Math.max(this.compactedRevision, revision + 1)
    return compacted(revision, this.compactedRevision)
  }

  private checkOpen(): void {
    if (this.ended) throw closed()
    if (this.failure !== undefined) throw this.failure
  }
}
