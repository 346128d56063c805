import type { Clock } from '../lib/clock.ts'
import type { Disposable } from '../lib/disposable.ts'
import { describeError, type Log } from '../lib/log.ts'
import type { Store } from './store.ts'

export interface CompactorOptions {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** How long history stays readable, at least; absent: five minutes. It is forgotten within twice that time. */
  readonly keepMs?: number
}

/** Forgets history that is older than a while, so that the store does not grow with each change. */
export function startCompactor({ store, clock, log, keepMs = 300_000 }: CompactorOptions): Disposable {
  const stopped = new AbortController()
  const run = async (): Promise<void> => {
    for (;;) {
      const { revision } = store
      await clock.sleep(keepMs, stopped.signal)
      try {
        await store.compact(revision)
      } catch (error) {
        if (stopped.signal.aborted) return
        log.warn(`old history could not be forgotten, trying again later: ${describeError(error)}`, { revision })
      }
    }
  }
  // Only stopping ends the loop.
  const ended = run().catch(() => undefined)
  return {
    async dispose() {
      stopped.abort()
      await ended
    },
  }
}
