/** What the server does from time to time: it forgets old history, and events that nobody reads any more. */
import type { Clock } from '../lib/clock.ts'
import type { Disposable } from '../lib/disposable.ts'
import { describeError, type Log } from '../lib/log.ts'
import type { Store } from '../store/store.ts'
import type { WatchCache } from './cache/watch-cache.ts'
import { storeKey } from './registry/keys.ts'

/** Lists in pages and watches may reach back at least this far. */
const historyMs = 300_000
const eventLifetimeMs = 3_600_000
const eventResource = 'core/events'
/** So many events go in one transaction. */
const batchSize = 500

export interface HousekeepingOptions {
  readonly store: Store
  readonly cache: WatchCache
  readonly clock: Clock
  readonly log: Log
}

/** Runs until disposed; what fails is tried again the next time. */
export function startHousekeeping(options: HousekeepingOptions): Disposable {
  const { clock, log } = options
  let timer: Disposable | undefined
  let ended = false
  let running = Promise.resolve()
  const schedule = (oldRevision: number): void => {
    timer = clock.after(historyMs, () => {
      running = tidy(options, oldRevision)
        .catch((error: unknown) => log.warn('housekeeping failed', { error: describeError(error) }))
        .then(() => (ended ? undefined : schedule(options.cache.revision)))
    })
  }
  schedule(options.cache.revision)
  return {
    async dispose() {
      ended = true
      await timer?.dispose()
      await running
    },
  }
}

async function tidy({ store, cache, clock }: HousekeepingOptions, oldRevision: number): Promise<void> {
  await removeOldEvents(store, cache, clock.now() - eventLifetimeMs)
  if (oldRevision > store.compactedRevision) await store.compact(oldRevision)
}

async function removeOldEvents(store: Store, cache: WatchCache, beforeMs: number): Promise<void> {
  const keys = cache
    .resource(eventResource)
    .list({ matches: (object) => lastSeenMs(object) < beforeMs })
    .map((stored) => storeKey(eventResource, stored.key))
  const batches = Array.from({ length: Math.ceil(keys.length / batchSize) }, (_, at) =>
    keys.slice(at * batchSize, (at + 1) * batchSize),
  )
  await Promise.all(
    batches.map((batch) =>
      store.commit(
        batch.map((key) => ({ type: 'delete', key })),
        { actor: 'system:apiserver' },
      ),
    ),
  )
}

/** When an event last happened, as far as it says. */
function lastSeenMs(object: object): number {
  const { lastTimestamp, eventTime, series, metadata } = object as {
    lastTimestamp?: string
    eventTime?: string
    series?: { lastObservedTime?: string }
    metadata?: { creationTimestamp?: string }
  }
  const times = [lastTimestamp, eventTime, series?.lastObservedTime, metadata?.creationTimestamp]
  return Math.max(...times.map((text) => (text === undefined ? 0 : Date.parse(text) || 0)))
}
