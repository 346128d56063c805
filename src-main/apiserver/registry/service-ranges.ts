/** The ranges that cluster IPs come from: that of the cluster, and those of ServiceCIDR objects that are ready. */
import type { ServiceCIDR } from '../../api/types/networking-v1.ts'
import type { Random } from '../../lib/random.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import { contains, ipText, parseIpRange, type IpRange } from './ip-range.ts'
import { ipAddressResource } from './ip-address-objects.ts'
import { NumberPool } from './number-pool.ts'

const resource = 'networking.k8s.io/servicecidrs'

interface Range {
  readonly range: IpRange
  readonly pool: NumberPool
}

export class ServiceRanges {
  private readonly own: Range
  private readonly more = new Map<string, Range>()
  private readonly random: Random
  private cache: WatchCache | undefined
  /** As of which change of the ServiceCIDRs `more` is. */
  private known = -1

  constructor(cidr: string, random: Random) {
    this.random = random
    this.own = this.rangeOf(parseIpRange(cidr))
  }

  /** From now on, addresses that have an IPAddress object are taken. */
  follow(cache: WatchCache): void {
    this.cache = cache
  }

  get ownRange(): IpRange {
    return this.own.range
  }

  /** The ranges as a client reads of them. */
  text(): string {
    return this.all()
      .map(({ range }) => range.cidr)
      .join(', ')
  }

  has(ip: number): boolean {
    return this.all().some(({ range, pool }) => contains(range, ip) && pool.has(ip))
  }

  /** Holds the address; false when somebody has it. */
  take(ip: number): boolean {
    const holder = this.all().find(({ range }) => contains(range, ip))
    return holder?.pool.take(ip) === true
  }

  takeAny(): number | undefined {
    for (const { pool } of this.all()) {
      const ip = pool.takeAny()
      if (ip !== undefined) return ip
    }
    return undefined
  }

  /** Ends the hold: from here on only an IPAddress object keeps the address. */
  free(ip: number): void {
    for (const { range, pool } of [this.own, ...this.more.values()]) if (contains(range, ip)) pool.free(ip)
  }

  private all(): Range[] {
    const objects = this.cache?.resource(resource)
    if (objects !== undefined && objects.lastChange !== this.known) {
      this.known = objects.lastChange
      this.refresh(objects.list({}).map(({ object }) => object as ServiceCIDR))
    }
    return [this.own, ...this.more.values()]
  }

  private refresh(objects: readonly ServiceCIDR[]): void {
    const wanted = new Set(objects.filter(isReady).flatMap(({ spec }) => (spec?.cidrs ?? []).filter(isUsable)))
    wanted.delete(this.own.range.cidr)
    for (const cidr of this.more.keys()) if (!wanted.has(cidr)) this.more.delete(cidr)
    for (const cidr of wanted) if (!this.more.has(cidr)) this.more.set(cidr, this.rangeOf(parseIpRange(cidr)))
  }

  private rangeOf(range: IpRange): Range {
    // The network's own address and the last one are nobody's.
    const { first, size } = range
    const staticSize = Math.min(Math.max(16, Math.floor(size / 16)), 256, size - 2)
    const isTaken = (ip: number): boolean => this.cache?.resource(ipAddressResource).get(ipText(ip)) !== undefined
    return { range, pool: new NumberPool({ first: first + 1, size: size - 2, staticSize, isTaken }, this.random) }
  }
}

const isReady = ({ metadata, status }: ServiceCIDR): boolean =>
  metadata?.deletionTimestamp === undefined &&
  status?.conditions?.some(({ type, status: now }) => type === 'Ready' && now === 'True') === true

/** Services have IPv4 addresses alone. */
const isUsable = (cidr: string): boolean => /^[\d.]+\/(8|9|[12]\d|30)$/.test(cidr)
