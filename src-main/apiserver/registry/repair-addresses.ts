/** Makes IPAddress objects and the cluster IPs of services agree again, whatever became of either. */
import type { DynamicObject } from '../../api/meta/object.ts'
import type { Service } from '../../api/types/core-v1.ts'
import type { IPAddress } from '../../api/types/networking-v1.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'
import { StoreError, type Operation, type Store } from '../../store/store.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import { allocatorName, ipAddressKey, ipAddressResource, managedByLabel, putIpAddress } from './ip-address-objects.ts'
import { parseIp } from './ip-range.ts'

const batchSize = 100

/** A write at the same moment makes the repair of its batch fail; the next round finds what is left. */
export async function repairAddresses(
  store: Store,
  cache: WatchCache,
  sources: { readonly clock: Clock; readonly random: Random },
): Promise<void> {
  const repairs = planRepairs(cache, sources)
  for (let first = 0; first < repairs.length; first += batchSize) {
    try {
      await store.commit(repairs.slice(first, first + batchSize), { actor: 'system:apiserver' })
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'Conflict') throw error
    }
  }
}

function planRepairs(
  cache: WatchCache,
  sources: { readonly clock: Clock; readonly random: Random },
): readonly Operation[] {
  const addresses = cache.resource(ipAddressResource)
  const services = cache.resource('core/services')
  const missing = services.list({}).flatMap(({ object }): Operation[] => {
    const service = object as Service
    return addressesOf(service)
      .filter((ip) => addresses.get(ip) === undefined)
      .map((ip) => putIpAddress(ip, service, sources))
  })
  const left = addresses.list({}).flatMap(({ object, revision, key }): Operation[] => {
    if (object.metadata?.labels?.[managedByLabel] !== allocatorName) return []
    const { namespace = '', name = '' } = parentOf(object) ?? {}
    const service = services.get(`${namespace}/${name}`)?.object as Service | undefined
    const isUsed = service !== undefined && addressesOf(service).includes(key)
    return isUsed ? [] : [{ type: 'delete', key: ipAddressKey(key), expected: revision }]
  })
  return [...missing, ...left]
}

const addressesOf = ({ spec }: Service): string[] => (spec?.clusterIPs ?? []).filter((ip) => parseIp(ip) !== undefined)

const parentOf = (object: DynamicObject): { namespace?: string; name?: string } | undefined =>
  (object as unknown as IPAddress).spec.parentRef
