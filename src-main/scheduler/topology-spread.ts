/** Topology spread constraints of a pod, its own or the default ones, made ready for counting. */
import { labelSelectorFrom, type Selector } from '../api/meta/label-selector.ts'
import { matchesNodeAffinity } from '../api/meta/node-affinity.ts'
import type { Live } from '../api/meta/object.ts'
import { untoleratedTaint } from '../api/meta/tolerations.ts'
import type { Pod, TopologySpreadConstraint } from '../api/types/core-v1.ts'
import type { Snapshot } from './framework.ts'
import type { NodeInfo } from './node-info.ts'

export const hostnameLabel = 'kubernetes.io/hostname'

export interface SpreadConstraint {
  readonly topologyKey: string
  readonly maxSkew: number
  readonly minDomains: number
  readonly selector: Selector
  /** Whether the pod itself will count once it is placed. */
  readonly countsSelf: boolean
  readonly includes: (node: NodeInfo) => boolean
}

/** Pods of one service or controller are spread over nodes and zones even when they do not ask for it. */
const defaults: readonly TopologySpreadConstraint[] = [
  { topologyKey: hostnameLabel, maxSkew: 3, whenUnsatisfiable: 'ScheduleAnyway' },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5, whenUnsatisfiable: 'ScheduleAnyway' },
]

export interface PodSpread {
  readonly constraints: readonly SpreadConstraint[]
  /** Explicit constraints leave out nodes that lack one of the topology keys; default ones do not. */
  readonly explicit: boolean
}

export function spreadOf(
  pod: Live<Pod>,
  whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway',
  snapshot: Snapshot,
): PodSpread {
  const own = pod.spec?.topologySpreadConstraints ?? []
  if (own.length > 0) {
    const chosen = own.filter((constraint) => constraint.whenUnsatisfiable === whenUnsatisfiable)
    return { explicit: true, constraints: chosen.map((one) => prepared(one, pod, selectorOf(one, pod))) }
  }
  const siblings = whenUnsatisfiable === 'ScheduleAnyway' ? snapshot.siblingsOf(pod) : undefined
  if (siblings === undefined) return { explicit: false, constraints: [] }
  return { explicit: false, constraints: defaults.map((one) => prepared(one, pod, siblings)) }
}

/** `matchLabelKeys` adds the pod's own values of these labels to the selector. */
function selectorOf({ labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint, pod: Live<Pod>): Selector {
  const own = matchLabelKeys.flatMap((key) => {
    const value = pod.metadata.labels?.[key]
    return value === undefined ? [] : [{ key, operator: 'In', values: [value] }]
  })
  if (labelSelector === undefined || own.length === 0) return labelSelectorFrom(labelSelector)
  return labelSelectorFrom({
    ...labelSelector,
    matchExpressions: [...(labelSelector.matchExpressions ?? []), ...own],
  })
}

function prepared(constraint: TopologySpreadConstraint, pod: Live<Pod>, selector: Selector): SpreadConstraint {
  const { topologyKey, maxSkew, minDomains = 1, nodeAffinityPolicy, nodeTaintsPolicy } = constraint
  const { nodeSelector, affinity } = pod.spec ?? {}
  const isPicky = nodeSelector !== undefined || affinity?.nodeAffinity !== undefined
  const honourAffinity = isPicky && (nodeAffinityPolicy ?? 'Honor') === 'Honor'
  const honourTaints = nodeTaintsPolicy === 'Honor'
  return {
    topologyKey,
    maxSkew,
    minDomains,
    selector,
    countsSelf: selector.matches(pod.metadata.labels),
    includes: ({ node }) =>
      (!honourAffinity || matchesNodeAffinity(pod, node)) &&
      (!honourTaints ||
        untoleratedTaint(node.spec?.taints, pod.spec?.tolerations, ['NoSchedule', 'NoExecute']) === undefined),
  }
}

export const domainOf = ({ node }: NodeInfo, topologyKey: string): string | undefined =>
  node.metadata.labels?.[topologyKey]

export const hasAllDomains = (node: NodeInfo, constraints: readonly SpreadConstraint[]): boolean =>
  constraints.every(({ topologyKey }) => domainOf(node, topologyKey) !== undefined)

/** Matching pods in each domain of the nodes that count. */
export function countDomains(
  constraint: SpreadConstraint,
  pod: Live<Pod>,
  snapshot: Snapshot,
  nodes: readonly NodeInfo[],
): Map<string, number> {
  const count = snapshot.countMatching(pod.metadata.namespace ?? '', constraint.selector)
  const domains = new Map<string, number>()
  for (const node of nodes) {
    const domain = domainOf(node, constraint.topologyKey)
    if (domain === undefined || !constraint.includes(node)) continue
    domains.set(domain, (domains.get(domain) ?? 0) + count(node.name))
  }
  return domains
}
