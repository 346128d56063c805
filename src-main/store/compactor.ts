import type { Clock } from '../lib/clock.ts'
import type { Disposable } from '../lib/disposable.ts'
import { describeError, type Log } from '../lib/log.ts'
import { HistorySize } from './history-size.ts'
import type { Store } from './store.ts'

export interface CompactorOptions {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** How long history stays readable, at least; absent: five minutes. It is forgotten within twice that time. */
  readonly keepMs?: number
  /** How large history may become before older parts of it go sooner than that; absent: 256 MiB. */
  readonly keepBytes?: number
}

/** Forgets history that is older than a while, or more than some size, so that the store does not grow without bound. */
export function startCompactor(options: CompactorOptions): Disposable {
  const { store, clock, log, keepMs = 300_000, keepBytes = 256 * 1024 * 1024 } = options
  const stopped = new AbortController()
  const size = new HistorySize(keepBytes)
  const compact = async (revision: number): Promise<void> => {
    try {
      await store.compact(revision)
      size.forget(revision)
    } catch (error) {
      if (stopped.signal.aborted) return
      log.warn(`old history could not be forgotten, trying again later: ${describeError(error)}`, { revision })
    }
  }
  const run = async (): Promise<void> => {
    for (;;) {
      const { revision } = store
      await clock.sleep(keepMs, stopped.signal)
      await compact(revision)
    }
  }
  let shrinking: Promise<void> | undefined
  const counting = store.watch(
    { prefix: '', after: store.revision },
    {
      events(batch) {
        size.add(batch)
        const excess = shrinking === undefined ? size.excess() : undefined
        if (excess !== undefined) shrinking = compact(excess).finally(() => (shrinking = undefined))
      },
      failed(error) {
        if (error.code !== 'Closed') log.warn(`the size of history is not known any more: ${describeError(error)}`)
      },
    },
  )
  // Only stopping ends the loop.
  const ended = run().catch(() => undefined)
  return {
    async dispose() {
      stopped.abort()
      void counting.dispose()
      await Promise.all([ended, shrinking])
    },
  }
}
