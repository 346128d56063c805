/** Events are news: after an hour nobody reads them any more, and they are removed. */
import type { Clock } from '../lib/clock.ts'
import type { Disposable } from '../lib/disposable.ts'
import { describeError, type Log } from '../lib/log.ts'
import type { Store } from '../store/store.ts'
import type { WatchCache } from './cache/watch-cache.ts'
import { storeKey } from './registry/keys.ts'

const lifetimeMs = 3_600_000
const periodMs = 300_000
const resource = 'core/events'
/** So many events go in one transaction. */
const batchSize = 500

export interface EventExpiryOptions {
  readonly store: Store
  readonly cache: WatchCache
  readonly clock: Clock
  readonly log: Log
}

/** Runs until disposed; what fails is tried again the next time. */
export function startEventExpiry(options: EventExpiryOptions): Disposable {
  const { clock, log } = options
  let timer: Disposable | undefined
  let ended = false
  let running = Promise.resolve()
  const schedule = (): void => {
    timer = clock.after(periodMs, () => {
      running = removeOldEvents(options)
        .catch((error: unknown) => log.warn('old events could not be removed', { error: describeError(error) }))
        .then(() => (ended ? undefined : schedule()))
    })
  }
  schedule()
  return {
    async dispose() {
      ended = true
      await timer?.dispose()
      await running
    },
  }
}

async function removeOldEvents({ store, cache, clock }: EventExpiryOptions): Promise<void> {
  const beforeMs = clock.now() - lifetimeMs
  const old = cache.resource(resource).list({ matches: (object) => lastSeenMs(object) < beforeMs })
  const keys = old.map((stored) => storeKey(resource, stored.key))
  const batches = Array.from({ length: Math.ceil(keys.length / batchSize) }, (_, at) =>
    keys.slice(at * batchSize, (at + 1) * batchSize),
  )
  const cause = { actor: 'system:apiserver' }
  await Promise.all(
    batches.map((batch) =>
      store.commit(
        batch.map((key) => ({ type: 'delete', key })),
        cause,
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
