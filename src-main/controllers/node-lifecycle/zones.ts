/** How fast nodes of a zone may be given up: the more of them are down at once, the less likely it is their fault. */
import { isConditionTrue } from '../../api/meta/conditions.ts'
import type { Live } from '../../api/meta/object.ts'
import type { Node } from '../../api/types/core-v1.ts'

/** From this share on, and more than two nodes, a zone counts as disrupted. */
const unhealthyShare = 0.55
const fewNodes = 2
/** A zone with more nodes than this goes on, slowly, when it is disrupted; a smaller one stops. */
const largeZone = 50
const usualPauseMs = 10_000
const slowPauseMs = 100_000

/** `region:zone`; nodes that say neither are in one zone. */
export const zoneOf = ({ metadata }: Node): string => {
  const { 'topology.kubernetes.io/region': region = '', 'topology.kubernetes.io/zone': zone = '' } =
    metadata?.labels ?? {}
  return `${region}:${zone}`
}

/** Milliseconds between two nodes of this zone; undefined: none is given up now. */
export function pauseBetween(nodes: readonly Live<Node>[], zone: string): number | undefined {
  const isReady = (node: Node): boolean => isConditionTrue(node.status?.conditions, 'Ready')
  const own = nodes.filter((node) => zoneOf(node) === zone)
  const down = own.filter((node) => !isReady(node)).length
  // When nobody anywhere is ready it is more likely us who are cut off.
  if (!nodes.some(isReady)) return undefined
  // The others say that we are not: this whole zone is down.
  if (down === own.length) return usualPauseMs
  if (down <= fewNodes || down / own.length < unhealthyShare) return usualPauseMs
  return own.length > largeZone ? slowPauseMs : undefined
}

/** Lets nodes of each zone be given up one after the other. */
export class ZonePace {
  private readonly lastMs = new Map<string, number>()
  private readonly givenUp = new Set<string>()

  /** Milliseconds until the node may be given up: 0 now, undefined not as things stand. By the monotonic clock. */
  waitMs(nodeName: string, zone: string, pauseMs: number | undefined, nowMs: number): number | undefined {
    if (this.givenUp.has(nodeName)) return 0
    if (pauseMs === undefined) return undefined
    const leftMs = (this.lastMs.get(zone) ?? -Infinity) + pauseMs - nowMs
    if (leftMs > 0) return leftMs
    this.lastMs.set(zone, nowMs)
    this.givenUp.add(nodeName)
    return 0
  }

  /** The node is well again, or gone. */
  forget(nodeName: string): void {
    this.givenUp.delete(nodeName)
  }
}
