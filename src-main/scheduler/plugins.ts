/** The plugins in the order in which they run, and what each priority weighs. */
import type { Predicate, Priority } from './framework.ts'
import { nodeAffinity } from './predicates/node-affinity.ts'
import { nodeName } from './predicates/node-name.ts'
import { nodePorts } from './predicates/node-ports.ts'
import { nodeResources } from './predicates/node-resources.ts'
import { nodeUnschedulable } from './predicates/node-unschedulable.ts'
import { taintToleration } from './predicates/taint-toleration.ts'
import { podAffinity } from './predicates/pod-affinity.ts'
import { topologySpread } from './predicates/topology-spread.ts'
import { balancedAllocation } from './priorities/balanced-allocation.ts'
import { imageLocality } from './priorities/image-locality.ts'
import { leastAllocated } from './priorities/least-allocated.ts'
import { nodeAffinityPriority } from './priorities/node-affinity.ts'
import { podAffinityPriority } from './priorities/pod-affinity.ts'
import { taintTolerationPriority } from './priorities/taint-toleration.ts'
import { topologySpreadPriority } from './priorities/topology-spread.ts'

export interface WeightedPriority {
  readonly priority: Priority
  readonly weight: number
}

export interface Plugins {
  readonly predicates: readonly Predicate[]
  readonly priorities: readonly WeightedPriority[]
}

export const defaultPlugins: Plugins = {
  predicates: [
    nodeUnschedulable,
    nodeName,
    taintToleration,
    nodeAffinity,
    nodePorts,
    nodeResources,
    topologySpread,
    podAffinity,
  ],
  priorities: [
    { priority: taintTolerationPriority, weight: 3 },
    { priority: nodeAffinityPriority, weight: 2 },
    { priority: leastAllocated, weight: 1 },
    { priority: topologySpreadPriority, weight: 2 },
    { priority: podAffinityPriority, weight: 2 },
    { priority: balancedAllocation, weight: 1 },
    { priority: imageLocality, weight: 1 },
  ],
}
