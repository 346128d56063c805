/** The IPAddress object that stands for one cluster IP: its name is the address, so an address has one owner. */
import type { DynamicObject } from '../../api/meta/object.ts'
import type { Service } from '../../api/types/core-v1.ts'
import { timestamp, type Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'
import type { Operation } from '../../store/store.ts'
import { encodeForStore } from '../cache/cached-object.ts'
import { storeKey } from './keys.ts'

export const ipAddressResource = 'networking.k8s.io/ipaddresses'
export const managedByLabel = 'ipaddress.kubernetes.io/managed-by'
export const allocatorName = 'ipallocator.k8s.io'

export const ipAddressKey = (ip: string): string => storeKey(ipAddressResource, ip)

export function putIpAddress(
  ip: string,
  { metadata }: Service,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Operation {
  const object: DynamicObject = {
    kind: 'IPAddress',
    apiVersion: 'networking.k8s.io/v1',
    metadata: {
      name: ip,
      labels: { 'ipaddress.kubernetes.io/ip-family': 'IPv4', [managedByLabel]: allocatorName },
      uid: random.uuid(),
      creationTimestamp: timestamp(clock.now()),
    },
    spec: {
      parentRef: {
        resource: 'services',
        namespace: metadata?.namespace ?? '',
        name: metadata?.name ?? '',
      },
    },
  }
  return { type: 'put', key: ipAddressKey(ip), value: encodeForStore(object), expected: 0 }
}
