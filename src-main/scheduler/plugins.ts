/** The plugins in the order in which they run, what each priority weighs, and what their arguments make of them. */
import type { NodeAffinity } from '../api/types/core-v1.ts'
import type { Predicate, Priority } from './framework.ts'
import { dynamicResources } from './predicates/dynamic-resources.ts'
import { nodeAffinityWith } from './predicates/node-affinity.ts'
import { nodeName } from './predicates/node-name.ts'
import { nodePorts } from './predicates/node-ports.ts'
import { nodeResourcesWith, type IgnoredResources } from './predicates/node-resources.ts'
import { nodeUnschedulable } from './predicates/node-unschedulable.ts'
import { podAffinity } from './predicates/pod-affinity.ts'
import { taintToleration } from './predicates/taint-toleration.ts'
import { topologySpreadWith } from './predicates/topology-spread.ts'
import { volumeBinding } from './predicates/volume-binding.ts'
import { volumeLimits } from './predicates/volume-limits.ts'
import { volumeRestrictions } from './predicates/volume-restrictions.ts'
import { volumeZone } from './predicates/volume-zone.ts'
import { balancedAllocationOf } from './priorities/balanced-allocation.ts'
import { imageLocality } from './priorities/image-locality.ts'
import { nodeAffinityPriorityWith } from './priorities/node-affinity.ts'
import {
  cpuAndMemory,
  nodeResourcesPriorityWith,
  type ResourceStrategy,
  type WeightedResource,
} from './priorities/node-resources.ts'
import { podAffinityPriorityWith, type PodAffinityWeights } from './priorities/pod-affinity.ts'
import { taintTolerationPriority } from './priorities/taint-toleration.ts'
import { topologySpreadPriorityWith } from './priorities/topology-spread.ts'
import { systemDefaults, type SpreadDefaults } from './topology-spread.ts'

export interface WeightedPriority {
  readonly priority: Priority
  readonly weight: number
}

export interface Plugins {
  readonly predicates: readonly Predicate[]
  readonly priorities: readonly WeightedPriority[]
}

/** What a profile may say about how plugins work. */
export interface PluginArguments {
  readonly ignoredResources: IgnoredResources
  readonly strategy: ResourceStrategy
  readonly strategyResources: readonly WeightedResource[]
  readonly balancedResources: readonly WeightedResource[]
  readonly addedAffinity: NodeAffinity | undefined
  readonly podAffinity: PodAffinityWeights
  readonly spread: SpreadDefaults
}

export const defaultArguments: PluginArguments = {
  ignoredResources: { names: [], groups: [] },
  strategy: { type: 'LeastAllocated' },
  strategyResources: cpuAndMemory,
  balancedResources: cpuAndMemory,
  addedAffinity: undefined,
  podAffinity: { required: 1, ignorePreferredOfOthers: false },
  spread: systemDefaults,
}

export const predicatesWith = (given: PluginArguments): readonly Predicate[] => [
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinityWith(given.addedAffinity),
  nodePorts,
  nodeResourcesWith(given.ignoredResources),
  volumeRestrictions,
  volumeLimits,
  volumeBinding,
  volumeZone,
  topologySpreadWith(given.spread),
  podAffinity,
  dynamicResources,
]

export const prioritiesWith = (given: PluginArguments): readonly WeightedPriority[] => [
  { priority: taintTolerationPriority, weight: 3 },
  { priority: nodeAffinityPriorityWith(given.addedAffinity), weight: 2 },
  { priority: nodeResourcesPriorityWith(given.strategy, given.strategyResources), weight: 1 },
  { priority: topologySpreadPriorityWith(given.spread), weight: 2 },
  { priority: podAffinityPriorityWith(given.podAffinity), weight: 2 },
  { priority: balancedAllocationOf(given.balancedResources), weight: 1 },
  { priority: imageLocality, weight: 1 },
]

export const defaultPlugins: Plugins = {
  predicates: predicatesWith(defaultArguments),
  priorities: prioritiesWith(defaultArguments),
}
