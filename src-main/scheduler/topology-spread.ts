/** Topology spread constraints of a pod, its own or the default ones, made ready for counting. */
import { labelSelectorFrom, type Selector } from '../api/meta/label-selector.ts'
import { matchesNodeAffinity } from '../api/meta/node-affinity.ts'
import type { Live } from '../api/meta/object.ts'
import { stableText } from '../api/meta/pod.ts'
import { untoleratedTaint } from '../api/meta/tolerations.ts'
import type { Pod, TopologySpreadConstraint } from '../api/types/core-v1.ts'
import type { DomainCounts, DomainRule } from './domain-counts.ts'
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
  /** What `includes` depends on beside the node; empty: every node counts. */
  readonly includesId: string
  readonly includes: (node: NodeInfo) => boolean
}

/** What holds for pods of a service or controller that have no constraints of their own. */
export interface SpreadDefaults {
  readonly constraints: readonly TopologySpreadConstraint[]
  /** Whether nodes that lack one of the topology keys still count. */
  readonly lenient: boolean
}

/** Pods of one service or controller are spread over nodes and zones even when they do not ask for it. */
export const systemDefaults: SpreadDefaults = {
  constraints: [
    { topologyKey: hostnameLabel, maxSkew: 3, whenUnsatisfiable: 'ScheduleAnyway' },
    { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5, whenUnsatisfiable: 'ScheduleAnyway' },
  ],
  lenient: true,
}

export interface PodSpread {
  readonly constraints: readonly SpreadConstraint[]
  /** Nodes that lack one of the topology keys are left out. */
  readonly strict: boolean
}

const nothing: PodSpread = { constraints: [], strict: false }

export function spreadOf(
  pod: Live<Pod>,
  whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway',
  snapshot: Snapshot,
  defaults: SpreadDefaults,
): PodSpread {
  const own = pod.spec?.topologySpreadConstraints ?? []
  const isMeant = (constraint: TopologySpreadConstraint): boolean => constraint.whenUnsatisfiable === whenUnsatisfiable
  if (own.length > 0)
    return { strict: true, constraints: own.filter(isMeant).map((one) => prepared(one, pod, selectorOf(one, pod))) }
  const chosen = defaults.constraints.filter(isMeant)
  const siblings = chosen.length === 0 ? undefined : snapshot.siblingsOf(pod)
  if (siblings === undefined) return nothing
  return { strict: !defaults.lenient, constraints: chosen.map((one) => prepared(one, pod, siblings)) }
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

const affinityOf = ({ spec }: Pod): unknown => [
  spec?.nodeSelector,
  spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
]

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
    includesId:
      honourAffinity || honourTaints
        ? stableText([honourAffinity ? affinityOf(pod) : null, honourTaints ? (pod.spec?.tolerations ?? []) : null])
        : '',
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

/** Which nodes count for a constraint; nodes that lack the key of one of `required` do not. */
export function ruleOf(constraint: SpreadConstraint, required: readonly SpreadConstraint[]): DomainRule {
  const { topologyKey, includes, includesId } = constraint
  const keys = [...new Set(required.map((one) => one.topologyKey))].filter((key) => key !== topologyKey).sort()
  return {
    topologyKey,
    id: keys.length === 0 && includesId === '' ? '' : JSON.stringify([keys, includesId]),
    includes: (node) => hasAllDomains(node, required) && includes(node),
  }
}

/** Matching pods in each domain. */
export const countDomains = (
  constraint: SpreadConstraint,
  required: readonly SpreadConstraint[],
  pod: Live<Pod>,
  snapshot: Snapshot,
): DomainCounts =>
  snapshot.countInDomains(
    pod.metadata.namespace ?? '',
    constraint.selector,
    snapshot.layoutOf(ruleOf(constraint, required)),
  )
