/** Pods by topology domain, kept up to date as they come and go. */
import type { NodeInfo } from './node-info.ts'

/** Which nodes count in their domains. */
export interface DomainRule {
  readonly topologyKey: string
  /** Tells rules apart that let different nodes count; empty: every node that has the key counts. */
  readonly id: string
  readonly includes: (node: NodeInfo) => boolean
}

/** Every node that has the key counts. */
export const everyNode = (topologyKey: string): DomainRule => ({ topologyKey, id: '', includes: () => true })

interface Seat {
  readonly name: string
  /** The number of the domain. */
  readonly domain: number
  readonly counts: boolean
}

/** The domains of one topology key, numbered, and which of them has each node. Valid until nodes' labels or taints change. */
export class DomainLayout {
  readonly domains: string[] = []
  /** By number: 1 for domains in which at least one node counts. */
  readonly counted: Uint8Array
  /** How many domains count. */
  readonly size: number
  private readonly seats = new Map<string, Seat>()
  private readonly places: (Seat | undefined)[] = []

  constructor({ topologyKey, includes }: DomainRule, nodes: readonly NodeInfo[]) {
    const numbers = new Map<string, number>()
    const counted = new Set<number>()
    for (const node of nodes) {
      const domain = node.node.metadata.labels?.[topologyKey]
      let seat: Seat | undefined
      if (domain !== undefined) {
        const number = numbers.get(domain) ?? numbers.size
        if (number === numbers.size) this.domains.push(domain)
        numbers.set(domain, number)
        seat = { name: node.name, domain: number, counts: includes(node) }
        if (seat.counts) counted.add(number)
        this.seats.set(node.name, seat)
      }
      this.places.push(seat)
    }
    this.counted = new Uint8Array(numbers.size)
    for (const number of counted) this.counted[number] = 1
    this.size = counted.size
  }

  /** The number of the node's domain; -1: it has none. */
  of({ name, place }: NodeInfo): number {
    const seat = this.places[place]
    if (seat?.name === name) return seat.domain
    return this.seats.get(name)?.domain ?? -1
  }

  /** The number of the domain in which the node counts; -1: in none. */
  countsIn(nodeName: string): number {
    const seat = this.seats.get(nodeName)
    return seat?.counts === true ? seat.domain : -1
  }
}

/** How many pods each domain of a layout has. */
export class DomainCounts {
  readonly layout: DomainLayout
  private readonly counts: Int32Array

  constructor(layout: DomainLayout, perNode: ReadonlyMap<string, number>) {
    this.layout = layout
    this.counts = new Int32Array(layout.domains.length)
    for (const [name, count] of perNode) this.change(name, count)
  }

  change(nodeName: string, by: number): void {
    const domain = this.layout.countsIn(nodeName)
    if (domain >= 0) this.counts[domain] = (this.counts[domain] ?? 0) + by
  }

  /** The counts of this moment, by the number of the domain; the caller's own. */
  take(): Int32Array {
    return this.counts.slice()
  }
}

/** Layouts in use: a few keys, and a few rules on which nodes count. */
const layoutsLimit = 32

export class DomainLayouts {
  private readonly layouts = new Map<string, DomainLayout>()

  of(rule: DomainRule, nodes: () => readonly NodeInfo[]): DomainLayout {
    const id = JSON.stringify([rule.topologyKey, rule.id])
    const layout = this.layouts.get(id) ?? new DomainLayout(rule, nodes())
    this.layouts.delete(id)
    this.layouts.set(id, layout)
    for (const oldest of this.layouts.keys()) {
      if (this.layouts.size <= layoutsLimit) break
      this.layouts.delete(oldest)
    }
    return layout
  }

  /** Nodes came, went, or are others now. */
  clear(): void {
    this.layouts.clear()
  }
}

/** Counts of one set of pods by domain, for the layouts that are asked for. */
export class CountsByLayout {
  private readonly known = new Map<DomainLayout, DomainCounts>()
  private readonly perNode: ReadonlyMap<string, number>

  constructor(perNode: ReadonlyMap<string, number>) {
    this.perNode = perNode
  }

  in(layout: DomainLayout): DomainCounts {
    const known = this.known.get(layout)
    if (known !== undefined) return known
    const made = new DomainCounts(layout, this.perNode)
    this.known.set(layout, made)
    for (const oldest of this.known.keys()) {
      if (this.known.size <= layoutsLimit) break
      this.known.delete(oldest)
    }
    return made
  }

  forget(): void {
    this.known.clear()
  }

  /** `perNode` has the change already. */
  change(nodeName: string, by: number): void {
    for (const counts of this.known.values()) counts.change(nodeName, by)
  }
}
