/** Looks now and then whether services and IPAddress objects still agree; costs nothing while neither changes. */
import type { Clock } from '../lib/clock.ts'
import type { Disposable } from '../lib/disposable.ts'
import { describeError, type Log } from '../lib/log.ts'
import type { Store } from '../store/store.ts'
import type { WatchCache } from './cache/watch-cache.ts'
import { ipAddressResource } from './registry/ip-address-objects.ts'
import type { ServiceNetwork } from './registry/service-network.ts'

const intervalMs = 60_000

export interface AddressRepairOptions {
  readonly store: Store
  readonly cache: WatchCache
  readonly clock: Clock
  readonly log: Log
  readonly serviceNetwork: ServiceNetwork
}

export function startAddressRepair({ store, cache, clock, log, serviceNetwork }: AddressRepairOptions): Disposable {
  let seen = changeOf(cache)
  let timer: Disposable | undefined
  let running: Promise<void> = Promise.resolve()
  const look = (): void => {
    const now = changeOf(cache)
    if (now !== seen) {
      seen = now
      running = serviceNetwork
        .repair(store, cache)
        .catch((error: unknown) => log.warn(`addresses of services were not repaired: ${describeError(error)}`))
    }
    timer = clock.after(intervalMs, look)
  }
  timer = clock.after(intervalMs, look)
  return {
    async dispose() {
      await timer?.dispose()
      await running
    },
  }
}

const changeOf = (cache: WatchCache): number =>
  Math.max(cache.resource('core/services').lastChange, cache.resource(ipAddressResource).lastChange)
