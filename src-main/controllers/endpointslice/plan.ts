/** Which EndpointSlices a service should have, with as few changes to those it has as possible. */
import { service as serviceKind } from '../../api/kinds/core/service.ts'
import type { Live } from '../../api/meta/object.ts'
import { ownerReference } from '../../api/meta/owner-references.ts'
import { isPodReady, isTerminated, isTerminating, safeEncode, stableText } from '../../api/meta/pod.ts'
import type { Pod, Service } from '../../api/types/core-v1.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/types/discovery-v1.ts'
import { addressesOf, headlessLabel, hostnameIn, isHeadless, portsOn, serviceNameLabel } from '../service-pods.ts'

export const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
export const managedBy = 'endpointslice-controller.k8s.io'
const endpointsPerSlice = 100

export interface SlicesObserved {
  readonly service: Live<Service>
  /** The pods that the service selects. */
  readonly pods: readonly Live<Pod>[]
  /** The slices that this controller made for the service. */
  readonly slices: readonly Live<EndpointSlice>[]
  readonly zoneOf: (nodeName: string) => string | undefined
}

export interface SlicesPlan {
  readonly create: readonly EndpointSlice[]
  readonly update: readonly Live<EndpointSlice>[]
  readonly remove: readonly Live<EndpointSlice>[]
}

interface Group {
  readonly addressType: 'IPv4' | 'IPv6'
  readonly ports: readonly EndpointPort[]
  /** By the address, which no two pods share. */
  readonly endpoints: Map<string, Endpoint>
}

export function planEndpointSlices(observed: SlicesObserved): SlicesPlan {
  const create: EndpointSlice[] = []
  const update: Live<EndpointSlice>[] = []
  const remove: Live<EndpointSlice>[] = []
  const groups = desiredGroups(observed)
  const left = new Set(observed.slices)
  const names = new Set(observed.slices.map(({ metadata }) => metadata.name))
  for (const [key, group] of groups) {
    const own = observed.slices.filter((slice) => groupKey(slice.addressType, slice.ports ?? []) === key)
    for (const slice of own) left.delete(slice)
    const filled = fill(own, group)
    for (const { slice, endpoints } of filled) {
      if (slice === undefined) create.push(newSlice(observed, key, group, endpoints, names))
      else if (endpoints.length === 0 && !isPlaceholder(groups, group, own, slice)) remove.push(slice)
      else {
        const next = { ...slice, endpoints, metadata: { ...slice.metadata, labels: labelsFor(observed.service) } }
        if (stableText(next) !== stableText({ ...slice, endpoints: slice.endpoints ?? [] })) update.push(next)
      }
    }
  }
  return { create, update, remove: [...remove, ...left] }
}

/** The one slice that stays when a service has no endpoints at all, so that everybody knows that it has none. */
const isPlaceholder = (
  groups: ReadonlyMap<string, Group>,
  group: Group,
  own: readonly Live<EndpointSlice>[],
  slice: Live<EndpointSlice>,
): boolean =>
  group.endpoints.size === 0 &&
  own[0] === slice &&
  [...groups.values()].filter(({ addressType }) => addressType === group.addressType).length === 1

const groupKey = (addressType: string, ports: readonly EndpointPort[]): string =>
  stableText([addressType, ports.map((port) => stableText(port)).sort()])

function desiredGroups({ service, pods, zoneOf }: SlicesObserved): Map<string, Group> {
  const groups = new Map<string, Group>()
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
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: { kind: 'Pod', name, uid, ...(namespace === undefined ? {} : { namespace }) },
    ...(zone === undefined ? {} : { zone }),
  }
}

interface Filled {
  readonly slice: Live<EndpointSlice> | undefined
  readonly endpoints: Endpoint[]
}

/** Endpoints stay in the slice where they are; new ones go where there is room, first into slices that change anyway. */
function fill(own: readonly Live<EndpointSlice>[], group: Group): Filled[] {
  const missing = new Map(group.endpoints)
  const filled: Filled[] = own.map((slice) => {
    const endpoints = (slice.endpoints ?? []).flatMap(({ addresses }) => {
      const [address = ''] = addresses
      const wanted = missing.get(address)
      missing.delete(address)
      return wanted === undefined ? [] : [wanted]
    })
    return { slice, endpoints }
  })
  const changes = ({ slice, endpoints }: Filled): number =>
    stableText(slice?.endpoints ?? []) === stableText(endpoints) ? 1 : 0
  const waiting = [...missing.values()]
  for (const { endpoints } of [...filled].sort((a, b) => changes(a) - changes(b)))
    endpoints.push(...waiting.splice(0, endpointsPerSlice - endpoints.length))
  while (waiting.length > 0) filled.push({ slice: undefined, endpoints: waiting.splice(0, endpointsPerSlice) })
  if (filled.length === 0) filled.push({ slice: undefined, endpoints: [] })
  return filled
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

/** The name follows from what the slice is for: a second try with an old cache meets the slice of the first. */
function newSlice(
  { service }: SlicesObserved,
  key: string,
  { addressType, ports }: Group,
  endpoints: Endpoint[],
  names: Set<string>,
): EndpointSlice {
  let ordinal = 0
  const nameAt = (): string => `${service.metadata.name}-${shortHash(`${service.metadata.uid} ${key} ${ordinal}`)}`
  while (names.has(nameAt())) ordinal++
  const name = nameAt()
  names.add(name)
  const { namespace } = service.metadata
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: labelsFor(service),
      ownerReferences: [ownerReference(service, serviceKind)],
    },
    addressType,
    endpoints,
    ports: [...ports],
  }
}

/** Five letters, in the alphabet of generated names. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return safeEncode(String(hash >>> 0).padStart(5, '0')).slice(-5)
}
