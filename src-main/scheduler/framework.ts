/** What a scheduler plugin is: predicates say whether a pod can run on a node, priorities how well. */
import type { Selector } from '../api/meta/label-selector.ts'
import type { Live } from '../api/meta/object.ts'
import type { Node, Pod } from '../api/types/core-v1.ts'
import type { ResourceClaim } from '../api/types/resource-v1.ts'
import type { AffinityTerm } from './affinity-terms.ts'
import type { DomainCounts, DomainLayout, DomainRule } from './domain-counts.ts'
import type { NodeInfo } from './node-info.ts'
import type { NodeMemories } from './node-memory.ts'
import type { DeviceView } from './devices/device-view.ts'
import type { StorageView } from './volumes/storage-view.ts'
import type { CountedTerm, TermKind } from './term-counts.ts'

export type Verdict =
  | { readonly fits: true }
  | {
      readonly fits: false
      /** `unresolvable`: removing pods from the node would not help. */
      readonly code: 'unschedulable' | 'unresolvable'
      /** In the words that events use. */
      readonly reasons: readonly string[]
    }

export type Refused = Extract<Verdict, { fits: false }>

export const fits: Verdict = { fits: true }
export const unschedulable = (...reasons: string[]): Refused => ({ fits: false, code: 'unschedulable', reasons })
export const unresolvable = (...reasons: string[]): Refused => ({ fits: false, code: 'unresolvable', reasons })

/** Pods on each node, by the node's name; nodes without any are left out. */
export type PodsPerNode = ReadonlyMap<string, number>

/** The state of the cluster in one scheduling cycle. */
export interface Snapshot {
  readonly nodes: readonly NodeInfo[]
  /** Pods of a namespace that are not being deleted and match. */
  countMatching(namespace: string, selector: Selector): PodsPerNode
  /** The same by domain. */
  countInDomains(namespace: string, selector: Selector, layout: DomainLayout): DomainCounts
  /** The domains of a topology key. */
  layoutOf(rule: DomainRule): DomainLayout
  /** What the services and the controller of a pod select: pods of the same make. Undefined when there are none. */
  siblingsOf(pod: Live<Pod>): Selector | undefined
  nodeNamed(name: string): NodeInfo | undefined
  /** How many nodes have an image, by its full name. */
  nodesWithImage(image: string): number
  /** Pods that every one of these affinity terms means, also those that are being deleted. */
  countTerms(terms: readonly AffinityTerm[]): PodsPerNode
  /** The same by domain. */
  countTermInDomains(term: AffinityTerm, layout: DomainLayout): Int32Array
  /** The affinity terms of the pods that have a node. */
  termsOfPods(kind: TermKind): Iterable<CountedTerm>
  labelsOfNamespace(name: string): Readonly<Record<string, string>> | undefined
  readonly storage: StorageView
  readonly devices: DeviceView
  /** How many pods with a node use the claim `namespace/name`. */
  usersOfClaim(key: string): number
  /** Pods for which others are being evicted, by the name of the node on which. */
  readonly nominated: ReadonlyMap<string, readonly Live<Pod>[]>
  /** What earlier pods found out about nodes. */
  readonly memory: NodeMemories
}

/** What the cache is told of the cluster beside nodes and pods. */
export type Surroundings = Pick<Snapshot, 'siblingsOf' | 'labelsOfNamespace' | 'storage' | 'devices'> & {
  readonly namespaces: () => Iterable<string>
}

/** Something that happened and may make room for a pod that had none. */
export type ClusterEvent =
  | { readonly type: 'nodeAdded'; readonly node: Live<Node> }
  | { readonly type: 'nodeUpdated'; readonly previous: Live<Node>; readonly node: Live<Node> }
  | { readonly type: 'podAssigned'; readonly pod: Live<Pod> }
  | { readonly type: 'podChanged'; readonly previous: Live<Pod>; readonly pod: Live<Pod> }
  | { readonly type: 'podGone'; readonly pod: Live<Pod> }
  | { readonly type: 'nodeRemoved' | 'namespaceChanged' }
  | { readonly type: 'storageChanged'; readonly kind: StorageKind }
  | { readonly type: 'claimChanged'; readonly claim: Live<ResourceClaim> }
  | { readonly type: 'deviceClassChanged' }
  /** Another scheduling rule, such as a new version of a user's plugin. */
  | { readonly type: 'rulesChanged' }

export type StorageKind =
  'PersistentVolume' | 'PersistentVolumeClaim' | 'StorageClass' | 'CSINode' | 'CSIDriver' | 'CSIStorageCapacity'

export interface PreparedPredicate {
  /** The nodes that alone may fit; absent: any. The others need not be looked at. */
  readonly only?: ReadonlySet<string>
  /** Present when the verdict depends on nothing but the node and what this text says. */
  readonly key?: string
  check(node: NodeInfo): Verdict
  /**
   * Supposes that another pod comes to the node (`1`) or leaves it (`-1`), for what depends on more than the node that
   * is checked. Every supposition is taken back by its opposite.
   */
  suppose?(other: Live<Pod>, node: NodeInfo, by: 1 | -1): void
}

/** Who refused a pod, and which events may change that. */
export interface Refuser {
  readonly name: string
  /** Whether an event may change its refusal of the pod. In doubt, yes. */
  mayHelp(event: ClusterEvent, pod: Live<Pod>): boolean
}

export interface Predicate extends Refuser {
  /**
   * Reads the pod once for all nodes. Undefined: every node fits, as far as this predicate is concerned. A refusal: no
   * node can.
   */
  prepare(pod: Live<Pod>, snapshot: Snapshot): PreparedPredicate | Refused | undefined
}

export interface PreparedPriority {
  /** Present when the raw score depends on nothing but the node and what this text says. */
  readonly key?: string
  /** Any number; larger is better, unless `normalise` turns it around. */
  score(node: NodeInfo): number
  /** From raw scores to 0–100; absent: raw scores are so already. `nodes` are in the order of the scores. */
  normalise?(scores: readonly number[], nodes: readonly NodeInfo[]): number[]
}

export interface Priority {
  readonly name: string
  /** Undefined: it does not tell these nodes apart for this pod. `feasible` are the nodes that will be scored. */
  prepare(pod: Live<Pod>, snapshot: Snapshot, feasible: readonly NodeInfo[]): PreparedPriority | undefined
}

export const bestScore = 100

/** Scales scores so that the largest becomes 100, or, reversed, 0. */
export function scaleToBest(scores: readonly number[], reversed = false): number[] {
  const most = Math.max(0, ...scores)
  if (most === 0) return scores.map(() => (reversed ? bestScore : 0))
  return scores.map((score) => {
    const scaled = Math.floor((score * bestScore) / most)
    return reversed ? bestScore - scaled : scaled
  })
}
