/** Which endpoints the slices of a service should hold: its pods, each with where it runs and how it is. */
import { service as serviceKind } from '../../api/kinds/core/service.ts'
import type { Live } from '../../api/meta/object.ts'
import { ownerReference } from '../../api/meta/owner-references.ts'
import { isPodReady, isTerminated, isTerminating } from '../../api/meta/pod.ts'
import type { Pod, Service } from '../../api/types/core-v1.ts'
import type { Endpoint, EndpointHints, EndpointSlice } from '../../api/types/discovery-v1.ts'
import { addressesOf, headlessLabel, hostnameIn, isHeadless, portsOn, serviceNameLabel } from '../service-pods.ts'
import { withTriggerTime } from '../trigger-times.ts'
import { groupKey, planSlices, type EndpointGroup, type SlicesPlan } from './slices.ts'

export const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
export const managedBy = 'endpointslice-controller.k8s.io'

export interface SlicesObserved {
  readonly service: Live<Service>
  /** The pods that the service selects. */
  readonly pods: readonly Live<Pod>[]
  /** The slices that this controller made for the service. */
  readonly slices: readonly Live<EndpointSlice>[]
  readonly zoneOf: (nodeName: string) => string | undefined
}

export function planEndpointSlices(observed: SlicesObserved): SlicesPlan {
  const { service, slices } = observed
  const { name, uid, namespace } = service.metadata
  return planSlices(desiredGroups(observed), slices, {
    owner: { name, uid, namespace },
    ownerReference: ownerReference(service, serviceKind),
    labels: labelsFor(service),
    endpointsPerSlice: 100,
  })
}

/** The same plan; what it writes tells which change it is for. */
export function triggeredAt({ create, update, remove }: SlicesPlan, time: string | undefined): SlicesPlan {
  return {
    create: create.map((slice) => ({ ...slice, metadata: withTriggerTime(slice.metadata ?? {}, time) })),
    update: update.map((slice) => ({ ...slice, metadata: withTriggerTime(slice.metadata, time) })),
    remove,
  }
}

function desiredGroups({ service, pods, zoneOf }: SlicesObserved): Map<string, EndpointGroup> {
  const groups = new Map<string, EndpointGroup>()
  const families = service.spec?.ipFamilies ?? ['IPv4']
  for (const addressType of families) {
    if (addressType !== 'IPv4' && addressType !== 'IPv6') continue
    let found = false
    for (const pod of [...pods].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
      const address = addressesOf(pod).find((ip) => ip.includes(':') === (addressType === 'IPv6'))
      if (address === undefined || isTerminated(pod)) continue
      const ports = portsOn(service, pod)
      const key = groupKey(addressType, ports)
      const group = groups.get(key) ?? { addressType, ports, endpoints: new Map<string, Endpoint>() }
      group.endpoints.set(address, endpointOf(service, pod, address, zoneOf))
      groups.set(key, group)
      found = true
    }
    if (!found) groups.set(groupKey(addressType, []), { addressType, ports: [], endpoints: new Map() })
  }
  return groups
}

function endpointOf(
  service: Live<Service>,
  pod: Live<Pod>,
  address: string,
  zoneOf: (nodeName: string) => string | undefined,
): Endpoint {
  const serving = isPodReady(pod)
  const terminating = isTerminating(pod)
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating)
  const { name, namespace, uid } = pod.metadata
  const nodeName = pod.spec?.nodeName
  const zone = nodeName === undefined ? undefined : zoneOf(nodeName)
  const hostname = hostnameIn(service, pod)
  const hints = ready ? hintsFor(service, nodeName, zone) : undefined
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: { kind: 'Pod', name, uid, ...(namespace === undefined ? {} : { namespace }) },
    ...(zone === undefined ? {} : { zone }),
    ...(hints === undefined ? {} : { hints }),
  }
}

/** Who should prefer this endpoint, when the service asks for short ways (KEP-4444, KEP-3015). */
function hintsFor(
  { spec }: Service,
  nodeName: string | undefined,
  zone: string | undefined,
): EndpointHints | undefined {
  const wish = spec?.trafficDistribution
  const nearby = wish === 'PreferClose' || wish === 'PreferSameZone' || wish === 'PreferSameNode'
  const hints = {
    ...(nearby && zone !== undefined ? { forZones: [{ name: zone }] } : {}),
    ...(wish === 'PreferSameNode' && nodeName !== undefined ? { forNodes: [{ name: nodeName }] } : {}),
  }
  return Object.keys(hints).length === 0 ? undefined : hints
}

function labelsFor(service: Live<Service>): Record<string, string> {
  const { [headlessLabel]: _headless, ...labels } = service.metadata.labels ?? {}
  return {
    ...labels,
    ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
    [serviceNameLabel]: service.metadata.name,
    [managedByLabel]: managedBy,
  }
}
