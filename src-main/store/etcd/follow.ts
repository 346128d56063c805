/** One watch on everything that a store keeps in etcd. */
import { StoreError, type StoreEvent } from '../store.ts'
import type { EtcdClient } from './etcd-client.ts'
import type { Layout } from './layout.ts'
import type { EtcdEvent } from './messages.ts'

export interface Follower {
  /** The events of whole commits, in order; `upTo` is the newest of them. */
  commits(events: readonly StoreEvent[], upTo: number): void
  /** `Compacted` with the oldest revision that is kept, or `Unavailable`: the watch is over. */
  ended(error: StoreError, oldest: number | undefined): void
}

/** Follows all commits after a revision of the store, until it is stopped or ends. */
export function follow(client: EtcdClient, layout: Layout, after: number, follower: Follower): () => void {
  const stream = client.watch()
  let over = false
  const end = (error: StoreError, oldest?: number): void => {
    if (over) return
    over = true
    stream.cancel()
    follower.ended(error, oldest)
  }
  stream.on('data', (response) => {
    if (over) return
    if (response.compact_revision > 0) {
      const oldest = response.compact_revision - layout.base
      return end(new StoreError('Compacted', `history before revision ${oldest} is forgotten`), oldest)
    }
    if (response.canceled) return end(new StoreError('Unavailable', `etcd ended a watch: ${response.cancel_reason}`))
    const fresh = response.events.filter(({ kv }: EtcdEvent) => kv.mod_revision > layout.base + after)
    const newest = fresh.at(-1)
    if (newest === undefined) return
    let events: StoreEvent[]
    try {
      events = layout.events(fresh)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      return end(error)
    }
    follower.commits(events, newest.kv.mod_revision - layout.base)
  })
  stream.on('error', (error) => end(new StoreError('Unavailable', 'the connection to etcd was lost', { cause: error })))
  stream.on('end', () => end(new StoreError('Unavailable', 'etcd closed the connection')))
  // One that is known already comes first: some etcds pass over a deletion at the very revision to which history was
  // forgotten, and refuse only what begins before it.
  const start_revision = layout.base + after
  stream.write({ create_request: { ...layout.everything, start_revision, prev_kv: true } })
  return () => {
    over = true
    stream.cancel()
  }
}

/** A piece of history: at least up to `target`, when that has happened, or until enough has come. */
export function readHistory(
  client: EtcdClient,
  layout: Layout,
  after: number,
  target: number,
  enough: number,
): Promise<{ events: readonly StoreEvent[]; upTo: number }> {
  return new Promise((resolve, reject) => {
    const read: StoreEvent[] = []
    const stop = follow(client, layout, after, {
      commits(events, upTo) {
        read.push(...events)
        if (upTo < target && read.length < enough) return
        stop()
        resolve({ events: read, upTo })
      },
      ended: (error) => reject(error),
    })
  })
}
