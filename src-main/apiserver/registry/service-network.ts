/**
 * Cluster IPs and node ports. What a service gets is written in the service's own commit, an object or a key for each
 * number, so that a number never has two owners, even when two servers share a store; the pools in memory only hold
 * what is on its way.
 */
import { invalid, type FieldError } from '../../api/field-error.ts'
import type { Service, ServicePort } from '../../api/types/core-v1.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'
import type { Operation, Store } from '../../store/store.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import { ipAddressKey, putIpAddress } from './ip-address-objects.ts'
import { ipText, parseIp } from './ip-range.ts'
import { NumberPool } from './number-pool.ts'
import { repairAddresses } from './repair-addresses.ts'
import { ServiceRanges } from './service-ranges.ts'

const portPrefix = '/allocations/node-ports/'
const nodePorts = { first: 30_000, size: 2768, staticSize: 86 }

/** Numbers that are held for a write until it is known whether it was committed. */
export interface Reservation {
  /** Belong into the write's commit. */
  readonly operations: readonly Operation[]
  readonly errors: readonly FieldError[]
  settle(committed: boolean): void
}

export class ServiceNetwork {
  private readonly ranges: ServiceRanges
  private readonly ports: NumberPool
  /** Ports that services have, whichever server gave them, and how many have each. */
  private readonly portsOfServices = new Map<number, number>()
  private readonly sources: { readonly clock: Clock; readonly random: Random }

  constructor(cidr: string, clock: Clock, random: Random) {
    this.ranges = new ServiceRanges(cidr, random)
    this.ports = new NumberPool({ ...nodePorts, isTaken: (port) => this.portsOfServices.has(port) }, random)
    this.sources = { clock, random }
  }

  /** The address of the API server itself: `default/kubernetes`. */
  get firstIp(): string {
    return ipText(this.ranges.ownRange.first + 1)
  }

  get cidr(): string {
    return this.ranges.ownRange.cidr
  }

  /** Learns what is taken, and gives every address that a service has its object. */
  async load(store: Store, cache: WatchCache): Promise<void> {
    this.followPorts(cache)
    const ports = await store.list({ prefix: portPrefix })
    // Those that no service has are nobody's to give.
    for (const { key } of ports.entries) this.ports.take(Number(key.slice(portPrefix.length)))
    this.ranges.follow(cache)
    await this.repair(store, cache)
  }

  private followPorts(cache: WatchCache): void {
    const count = (service: Service | undefined, change: 1 | -1): void => {
      for (const port of numbersOf(service).ports) {
        const now = (this.portsOfServices.get(port) ?? 0) + change
        if (now > 0) this.portsOfServices.set(port, now)
        else this.portsOfServices.delete(port)
      }
    }
    cache.resource('core/services').follow((previous, next) => {
      count(next?.object as Service | undefined, 1)
      count(previous?.object as Service | undefined, -1)
    })
  }

  /** Makes IPAddress objects that are missing, and removes those whose service is gone. */
  repair(store: Store, cache: WatchCache): Promise<void> {
    return repairAddresses(store, cache, this.sources)
  }

  /**
   * Gives the draft what it needs and lacks; says what must be committed with it. `previous` is undefined for a new
   * service, `draft` for one that goes.
   */
  reserve(draft: Service | undefined, previous: Service | undefined): Reservation {
    const before = numbersOf(previous)
    const work = new Allocation(draft, this.sources)
    if (draft !== undefined) {
      this.reserveIp(draft, before.ips, work)
      this.reservePorts(draft, before.ports, work)
    }
    const after = numbersOf(draft)
    const freedIps = [...before.ips].filter((ip) => !after.ips.has(ip))
    const freedPorts = [...before.ports].filter((port) => !after.ports.has(port))
    for (const ip of freedIps) work.operations.push({ type: 'delete', key: ipAddressKey(ip) })
    for (const port of freedPorts) work.operations.push({ type: 'delete', key: portPrefix + port })
    return {
      operations: work.operations,
      errors: work.errors,
      settle: () => {
        for (const ip of work.ips) this.ranges.free(parseIp(ip) ?? 0)
        for (const port of work.ports) this.ports.free(port)
      },
    }
  }

  private reserveIp(draft: Service, kept: ReadonlySet<string>, work: Allocation): void {
    const { spec } = draft
    if (spec === undefined || spec.type === 'ExternalName' || spec.clusterIP === 'None') return
    const wanted = spec.clusterIP ?? ''
    if (kept.has(wanted)) return
    const given = parseIp(wanted)
    if (wanted === '') {
      const number = this.ranges.takeAny()
      if (number === undefined) work.errors.push(invalid('spec.clusterIPs', spec.clusterIPs ?? [], 'range is full'))
      else spec.clusterIP = work.takeIp(ipText(number))
    } else if (given === undefined) {
      // Validation says that it is no address.
    } else if (!this.ranges.has(given)) {
      const valid = `The range of valid IPs is ${this.ranges.text()}`
      const detail = `failed to allocate IP ${wanted}: the provided IP (${wanted}) is not in the valid range. ${valid}`
      work.errors.push(invalid('spec.clusterIPs', [wanted], detail))
    } else if (!this.ranges.take(given)) {
      const detail = `failed to allocate IP ${wanted}: provided IP is already allocated`
      work.errors.push(invalid('spec.clusterIPs', [wanted], detail))
    } else work.takeIp(wanted)
    if (spec.clusterIP !== undefined && spec.clusterIP !== '') spec.clusterIPs = [spec.clusterIP]
  }

  private reservePorts(draft: Service, kept: ReadonlySet<number>, work: Allocation): void {
    this.reserveHealthCheckPort(draft, kept, work)
    if (!wantsNodePorts(draft)) return
    draft.spec?.ports?.forEach((port, index) => this.reservePort(port, index, kept, work))
  }

  /** Where a load balancer asks a node whether it has pods of a service whose traffic stays local. */
  private reserveHealthCheckPort({ spec }: Service, kept: ReadonlySet<number>, work: Allocation): void {
    if (spec?.type !== 'LoadBalancer' || spec.externalTrafficPolicy !== 'Local') return
    const port = { port: 0, nodePort: spec.healthCheckNodePort ?? 0 }
    this.takeNodePort(port, 'spec.healthCheckNodePort', kept, work)
    if (port.nodePort !== 0) spec.healthCheckNodePort = port.nodePort
  }

  private reservePort(port: ServicePort, index: number, kept: ReadonlySet<number>, work: Allocation): void {
    this.takeNodePort(port, `spec.ports[${index}].nodePort`, kept, work)
  }

  private takeNodePort(port: ServicePort, path: string, kept: ReadonlySet<number>, work: Allocation): void {
    const wanted = port.nodePort ?? 0
    // One service may use a number for more than one protocol.
    if (kept.has(wanted) || work.ports.has(wanted)) return
    if (wanted === 0) {
      const number = this.ports.takeAny()
      if (number === undefined) work.errors.push(invalid(path, wanted, 'range is full'))
      else port.nodePort = work.takePort(number)
    } else if (!this.ports.has(wanted)) {
      const last = nodePorts.first + nodePorts.size - 1
      const valid = `The range of valid ports is ${nodePorts.first}-${last}`
      work.errors.push(invalid(path, wanted, `provided port is not in the valid range. ${valid}`))
    } else if (!this.ports.take(wanted)) work.errors.push(invalid(path, wanted, 'provided port is already allocated'))
    else work.takePort(wanted)
  }
}

/** What one write has been given so far. */
class Allocation {
  readonly operations: Operation[] = []
  readonly errors: FieldError[] = []
  readonly ips = new Set<string>()
  readonly ports = new Set<number>()
  private readonly owner: Service
  private readonly sources: { readonly clock: Clock; readonly random: Random }

  constructor(owner: Service | undefined, sources: Allocation['sources']) {
    this.owner = owner ?? {}
    this.sources = sources
  }

  takeIp(ip: string): string {
    this.ips.add(ip)
    this.operations.push(putIpAddress(ip, this.owner, this.sources))
    return ip
  }

  takePort(port: number): number {
    this.ports.add(port)
    const { namespace = '', name = '' } = this.owner.metadata ?? {}
    const value = new TextEncoder().encode(`${namespace}/${name}`)
    this.operations.push({ type: 'put', key: `${portPrefix}${port}`, value, expected: 0 })
    return port
  }
}

function wantsNodePorts({ spec }: Service): boolean {
  if (spec?.type === 'NodePort') return true
  return spec?.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false
}

function numbersOf(service: Service | undefined): { ips: ReadonlySet<string>; ports: ReadonlySet<number> } {
  const { spec } = service ?? {}
  const ips = [spec?.clusterIP ?? ''].filter((ip) => parseIp(ip) !== undefined)
  const ports = [...(spec?.ports ?? []).map(({ nodePort = 0 }) => nodePort), spec?.healthCheckNodePort ?? 0].filter(
    (port) => port !== 0,
  )
  return { ips: new Set(ips), ports: new Set(ports) }
}
