import type { Node } from '../api/types/core-v1.ts'
import type { NodeInfo } from './node-info.ts'

const regionLabels = ['topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region']
const zoneLabels = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone']

function zoneOf({ metadata }: Node): string {
  const labels = metadata?.labels ?? {}
  const first = (keys: readonly string[]): string => keys.map((key) => labels[key] ?? '').find((it) => it !== '') ?? ''
  return JSON.stringify([first(regionLabels), first(zoneLabels)])
}

/**
 * Nodes by name and as one list. The list takes one node of each zone in turn, so that a search that ends early has
 * looked into all of them; it is copied only when it is given out and then changed.
 */
export class NodeList {
  private readonly nodes = new Map<string, NodeInfo>()
  /** Names in the order of their coming. */
  private readonly zones = new Map<string, Set<string>>()
  private list: NodeInfo[] = []
  private isShared = false
  /** Whether nodes came or went, so that places are to be given anew. */
  private isOutdated = false
  private versions = 0

  get(name: string): NodeInfo | undefined {
    return this.nodes.get(name)
  }

  /** Stays as it is, whatever changes later. */
  all(): readonly NodeInfo[] {
    if (this.isOutdated) this.arrange()
    this.isShared = true
    return this.list
  }

  set(info: NodeInfo): void {
    const { name, node } = info
    const known = this.nodes.get(name)
    const given = { ...info, place: known?.place ?? -1, version: ++this.versions }
    this.nodes.set(name, given)
    const zone = known?.node === node ? undefined : zoneOf(node)
    if (zone !== undefined && (known === undefined || zoneOf(known.node) !== zone)) {
      if (known !== undefined) this.leaveZone(known)
      const there = this.zones.get(zone) ?? new Set<string>()
      this.zones.set(zone, there.add(name))
      this.isOutdated = true
    }
    if (this.isOutdated) return
    this.own()
    this.list[given.place] = given
  }

  delete(name: string): void {
    const known = this.nodes.get(name)
    if (known === undefined) return
    this.nodes.delete(name)
    this.leaveZone(known)
    this.isOutdated = true
  }

  private leaveZone({ name, node }: NodeInfo): void {
    const zone = zoneOf(node)
    const there = this.zones.get(zone)
    there?.delete(name)
    if (there?.size === 0) this.zones.delete(zone)
  }

  private arrange(): void {
    const list: NodeInfo[] = []
    let turns = [...this.zones.values()].map((names) => names.values())
    while (turns.length > 0) {
      const left: typeof turns = []
      for (const turn of turns) {
        const { done, value: name } = turn.next()
        const info = done === true ? undefined : this.nodes.get(name)
        if (info === undefined) continue
        const placed = info.place === list.length ? info : { ...info, place: list.length }
        this.nodes.set(placed.name, placed)
        list.push(placed)
        left.push(turn)
      }
      turns = left
    }
    this.list = list
    this.isShared = false
    this.isOutdated = false
  }

  private own(): void {
    if (this.isShared) this.list = this.list.slice()
    this.isShared = false
  }
}
