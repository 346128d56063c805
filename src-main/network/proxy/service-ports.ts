/** Services and their endpoints, joined for one node: pure. */
import type { Endpoint, EndpointSlice } from '../../api/types/discovery-v1.ts'
import type { Service, ServicePort } from '../../api/types/core-v1.ts'

export interface ServiceTarget {
  readonly address: string
  readonly port: number
  readonly local: boolean
}

/** One port of one service, and where its traffic may go. */
export interface ServicePortRoutes {
  /** `default/web:http`, or `default/web` for a port without a name. */
  readonly name: string
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly port: number
  readonly clusterAddress: string
  readonly externalAddresses: readonly string[]
  readonly nodePort: number | undefined
  /** For how long a client stays with its endpoint; undefined: not at all. */
  readonly affinitySeconds: number | undefined
  readonly internalLocal: boolean
  readonly externalLocal: boolean
  readonly endpoints: readonly ServiceTarget[]
}

const serviceLabel = 'kubernetes.io/service-name'
const defaultAffinitySeconds = 10_800

/** What was joined last, so that services that have not changed keep their very same values. */
export class ServicePortsCache {
  private readonly entries = new Map<string, CacheEntry>()
  private readonly nodeName: string
  private zone: string | undefined

  constructor(nodeName: string) {
    this.nodeName = nodeName
  }

  /** Where the node is, for services that prefer what is near. True when that is news. */
  setZone(zone: string | undefined): boolean {
    if (zone === this.zone) return false
    this.zone = zone
    this.entries.clear()
    return true
  }

  routes(key: string, service: Service, slices: readonly EndpointSlice[]): readonly ServicePortRoutes[] {
    const known = this.entries.get(key)
    if (known?.service === service && sameItems(known.slices, slices)) return known.routes
    const routes = routesOf(service, key, slices, { name: this.nodeName, zone: this.zone })
    this.entries.set(key, { service, slices, routes })
    return routes
  }

  /** Forgets the services that are no more. */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.entries.keys()) if (!keys.has(key)) this.entries.delete(key)
  }
}

interface OwnNode {
  readonly name: string
  readonly zone: string | undefined
}

interface CacheEntry {
  readonly service: Service
  readonly slices: readonly EndpointSlice[]
  readonly routes: readonly ServicePortRoutes[]
}

function sameItems(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index])
}

export function servicePorts(
  services: readonly Service[],
  slices: readonly EndpointSlice[],
  cache: ServicePortsCache,
): ServicePortRoutes[] {
  const byService = Map.groupBy(slices, sliceOwner)
  const byKey = new Map(
    services.map((service) => [`${service.metadata?.namespace ?? ''}/${service.metadata?.name ?? ''}`, service]),
  )
  cache.keep(new Set(byKey.keys()))
  return [...byKey]
    .toSorted(([left], [right]) => compare(left, right))
    .flatMap(([key, service]) => cache.routes(key, service, byService.get(key) ?? []))
}

function sliceOwner({ metadata }: EndpointSlice): string {
  return `${metadata?.namespace ?? ''}/${metadata?.labels?.[serviceLabel] ?? ''}`
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

function routesOf(service: Service, key: string, slices: readonly EndpointSlice[], node: OwnNode): ServicePortRoutes[] {
  const { spec, status } = service
  const clusterAddress = spec?.clusterIP ?? ''
  if (spec === undefined || spec.type === 'ExternalName' || clusterAddress === '' || clusterAddress === 'None')
    return []
  const ingress = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined || ip === '' ? [] : [ip]))
  return (spec.ports ?? []).map((port) => ({
    name: port.name === undefined || port.name === '' ? key : `${key}:${port.name}`,
    protocol: protocolOf(port),
    port: port.port,
    clusterAddress,
    externalAddresses: [...(spec.externalIPs ?? []), ...ingress],
    nodePort: port.nodePort === 0 ? undefined : port.nodePort,
    affinitySeconds:
      spec.sessionAffinity === 'ClientIP'
        ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds)
        : undefined,
    internalLocal: spec.internalTrafficPolicy === 'Local',
    externalLocal: spec.externalTrafficPolicy === 'Local',
    endpoints: targetsOf(port, slices, node),
  }))
}

function protocolOf({ protocol = 'TCP' }: ServicePort): ServicePortRoutes['protocol'] {
  return protocol === 'UDP' ? 'udp' : protocol === 'SCTP' ? 'sctp' : 'tcp'
}

/** The ready endpoints; when there is none, those that still serve while they end (KEP-1669). */
function targetsOf(port: ServicePort, slices: readonly EndpointSlice[], node: OwnNode): ServiceTarget[] {
  const ready = new Map<string, ServiceTarget & Pick<Endpoint, 'hints'>>()
  const ending = new Map<string, ServiceTarget>()
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue
    const match = slice.ports?.find(
      (one) => (one.name ?? '') === (port.name ?? '') && (one.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
    )
    if (match?.port === undefined) continue
    for (const { addresses, conditions, hints, nodeName: where } of slice.endpoints ?? []) {
      const [address] = addresses
      if (address === undefined) continue
      const target = { address, port: match.port, local: where === node.name }
      const key = `${address}:${match.port}`
      if (conditions?.ready !== false) ready.set(key, hints === undefined ? target : { ...target, hints })
      else if (conditions.serving === true && conditions.terminating === true) ending.set(key, target)
    }
  }
  const usable = ready.size > 0 ? nearest(ready, node) : ending
  return [...usable.entries()]
    .toSorted(([left], [right]) => compare(left, right))
    .map(([, { address, port: number, local }]) => ({ address, port: number, local }))
}

type Hinted = ReadonlyMap<string, ServiceTarget & Pick<Endpoint, 'hints'>>

/** Those that are hinted at this node, else at its zone. Hints count only when every endpoint has one (KEP-2433). */
function nearest(ready: Hinted, { name, zone }: OwnNode): Hinted {
  const all = [...ready]
  const hintedAt = (place: string | undefined, kind: 'forNodes' | 'forZones'): Hinted | undefined => {
    if (place === undefined || !all.every(([, { hints }]) => (hints?.[kind] ?? []).length > 0)) return undefined
    const own = all.filter(([, { hints }]) => hints?.[kind]?.some((one) => one.name === place) === true)
    return own.length === 0 ? undefined : new Map(own)
  }
  return hintedAt(name, 'forNodes') ?? hintedAt(zone, 'forZones') ?? ready
}

/** Whether any endpoint is to be preferred by a zone: only then the node's own zone is of interest. */
export const hintsAtZones = (slices: readonly EndpointSlice[]): boolean =>
  slices.some(({ endpoints }) => endpoints?.some(({ hints }) => hints?.forZones !== undefined) === true)
