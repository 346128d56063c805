/**
 * Cluster IPs and node ports. What a service gets is written in the service's own commit, one key for each number, so
 * that a number never has two owners, even when two servers share a store; the pools in memory only make finding a
 * free one quick.
 */
import { invalid, type FieldError } from '../../api/field-error.ts'
import type { Service, ServicePort } from '../../api/types/core-v1.ts'
import type { Random } from '../../lib/random.ts'
import type { Operation, Store } from '../../store/store.ts'
import { contains, ipText, parseIp, parseIpRange, type IpRange } from './ip-range.ts'
import { NumberPool } from './number-pool.ts'

const ipPrefix = '/allocations/service-ips/'
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
  private readonly range: IpRange
  private readonly ips: NumberPool
  private readonly ports: NumberPool

  constructor(cidr: string, random: Random) {
    this.range = parseIpRange(cidr)
    // The network's own address and the last one are nobody's.
    const { first, size } = this.range
    const staticSize = Math.min(Math.max(16, Math.floor(size / 16)), 256, size - 2)
    this.ips = new NumberPool({ first: first + 1, size: size - 2, staticSize }, random)
    this.ports = new NumberPool(nodePorts, random)
  }

  /** The address of the API server itself: `default/kubernetes`. */
  get firstIp(): string {
    return ipText(this.range.first + 1)
  }

  async load(store: Store): Promise<void> {
    const [ips, ports] = await Promise.all([store.list({ prefix: ipPrefix }), store.list({ prefix: portPrefix })])
    for (const { key } of ips.entries) this.ips.take(parseIp(key.slice(ipPrefix.length)) ?? 0)
    for (const { key } of ports.entries) this.ports.take(Number(key.slice(portPrefix.length)))
  }

  /**
   * Gives the draft what it needs and lacks; says what must be committed with it. `previous` is undefined for a new
   * service, `draft` for one that goes.
   */
  reserve(draft: Service | undefined, previous: Service | undefined): Reservation {
    const before = numbersOf(previous)
    const work = new Allocation(draft === undefined ? '' : `${draft.metadata?.namespace}/${draft.metadata?.name}`)
    if (draft !== undefined) {
      this.reserveIp(draft, before.ips, work)
      this.reservePorts(draft, before.ports, work)
    }
    const after = numbersOf(draft)
    const freedIps = [...before.ips].filter((ip) => !after.ips.has(ip))
    const freedPorts = [...before.ports].filter((port) => !after.ports.has(port))
    for (const ip of freedIps) work.operations.push({ type: 'delete', key: ipPrefix + ip })
    for (const port of freedPorts) work.operations.push({ type: 'delete', key: portPrefix + port })
    return {
      operations: work.operations,
      errors: work.errors,
      settle: (committed) => {
        for (const ip of committed ? freedIps : work.ips) this.ips.free(parseIp(ip) ?? 0)
        for (const port of committed ? freedPorts : work.ports) this.ports.free(port)
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
      const number = this.ips.takeAny()
      if (number === undefined) work.errors.push(invalid('spec.clusterIPs', spec.clusterIPs ?? [], 'range is full'))
      else spec.clusterIP = work.takeIp(ipText(number))
    } else if (given === undefined || !contains(this.range, given) || !this.ips.has(given)) {
      const valid = `The range of valid IPs is ${this.range.cidr}`
      const detail = `failed to allocate IP ${wanted}: the provided IP (${wanted}) is not in the valid range. ${valid}`
      work.errors.push(invalid('spec.clusterIPs', [wanted], detail))
    } else if (!this.ips.take(given)) {
      const detail = `failed to allocate IP ${wanted}: provided IP is already allocated`
      work.errors.push(invalid('spec.clusterIPs', [wanted], detail))
    } else work.takeIp(wanted)
    if (spec.clusterIP !== undefined && spec.clusterIP !== '') spec.clusterIPs = [spec.clusterIP]
  }

  private reservePorts(draft: Service, kept: ReadonlySet<number>, work: Allocation): void {
    if (!wantsNodePorts(draft)) return
    draft.spec?.ports?.forEach((port, index) => this.reservePort(port, index, kept, work))
  }

  private reservePort(port: ServicePort, index: number, kept: ReadonlySet<number>, work: Allocation): void {
    const path = `spec.ports[${index}].nodePort`
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
  private readonly owner: Uint8Array

  constructor(owner: string) {
    this.owner = new TextEncoder().encode(owner)
  }

  takeIp(ip: string): string {
    this.ips.add(ip)
    this.operations.push({ type: 'put', key: ipPrefix + ip, value: this.owner, expected: 0 })
    return ip
  }

  takePort(port: number): number {
    this.ports.add(port)
    this.operations.push({ type: 'put', key: `${portPrefix}${port}`, value: this.owner, expected: 0 })
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
  const ports = (spec?.ports ?? []).flatMap(({ nodePort }) =>
    nodePort === undefined || nodePort === 0 ? [] : nodePort,
  )
  return { ips: new Set(ips), ports: new Set(ports) }
}
