/** The EndpointSlices of a service whose Endpoints somebody else writes: the proxies read slices alone. */
import { endpoints as endpointsKind } from '../../api/kinds/core/endpoints.ts'
import type { Live } from '../../api/meta/object.ts'
import { ownerReference } from '../../api/meta/owner-references.ts'
import type { EndpointAddress, Endpoints, EndpointSubset, Service } from '../../api/types/core-v1.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/types/discovery-v1.ts'
import { groupKey, planSlices, type EndpointGroup, type SlicesPlan } from '../endpointslice/slices.ts'
import { serviceNameLabel } from '../service-pods.ts'

export const mirroringManager = 'endpointslicemirroring-controller.k8s.io'
const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror'
const endpointsManagerLabel = 'endpoints.kubernetes.io/managed-by'
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader'
/** Annotations that speak of the Endpoints object alone. */
const ownAnnotations = new Set([
  'endpoints.kubernetes.io/last-change-trigger-time',
  'kubectl.kubernetes.io/last-applied-configuration',
])
/** So many addresses of a subset are mirrored. */
const mostAddresses = 1000

/** Endpoints of a service that has a selector have slices of their own; those of a lock are no endpoints at all. */
export function isMirrored(endpoints: Live<Endpoints>, service: Live<Service> | undefined): service is Live<Service> {
  const { labels = {}, annotations = {}, deletionTimestamp } = endpoints.metadata
  return (
    deletionTimestamp === undefined &&
    labels[skipLabel] !== 'true' &&
    annotations[leaderAnnotation] === undefined &&
    service !== undefined &&
    service.metadata.deletionTimestamp === undefined &&
    Object.keys(service.spec?.selector ?? {}).length === 0
  )
}

export function planMirror(endpoints: Live<Endpoints>, slices: readonly Live<EndpointSlice>[]): SlicesPlan {
  const { name, uid, namespace, labels = {}, annotations = {} } = endpoints.metadata
  const { [endpointsManagerLabel]: _manager, ...handedOn } = labels
  return planSlices(groupsOf(endpoints.subsets ?? []), slices, {
    owner: { name, uid, namespace },
    ownerReference: ownerReference(endpoints, endpointsKind),
    labels: { ...handedOn, [serviceNameLabel]: name, [managedByLabel]: mirroringManager },
    annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => !ownAnnotations.has(key))),
    endpointsPerSlice: mostAddresses,
  })
}

function groupsOf(subsets: readonly EndpointSubset[]): Map<string, EndpointGroup> {
  const groups = new Map<string, EndpointGroup>()
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const slicePorts = ports.map(({ name = '', protocol = 'TCP', ...rest }): EndpointPort => ({
      name,
      protocol,
      ...rest,
    }))
    const all = [
      ...addresses.map((address) => [address, true] as const),
      ...notReadyAddresses.map((address) => [address, false] as const),
    ]
    for (const [address, ready] of all.slice(0, mostAddresses)) {
      const addressType = address.ip.includes(':') ? 'IPv6' : 'IPv4'
      const key = groupKey(addressType, slicePorts)
      const group = groups.get(key) ?? { addressType, ports: slicePorts, endpoints: new Map<string, Endpoint>() }
      group.endpoints.set(address.ip, endpointOf(address, ready))
      groups.set(key, group)
    }
  }
  return groups
}

function endpointOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname === undefined || hostname === '' ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(targetRef === undefined ? {} : { targetRef }),
  }
}
