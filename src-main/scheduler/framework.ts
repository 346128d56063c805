/** What a scheduler plugin is: predicates say whether a pod can run on a node, priorities how well. */
import type { Selector } from '../api/meta/label-selector.ts'
import type { Live } from '../api/meta/object.ts'
import type { Node, Pod } from '../api/types/core-v1.ts'
import type { AffinityTerm } from './affinity-terms.ts'
import type { NodeInfo } from './node-info.ts'
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

export const fits: Verdict = { fits: true }
export const unschedulable = (...reasons: string[]): Verdict => ({ fits: false, code: 'unschedulable', reasons })
export const unresolvable = (...reasons: string[]): Verdict => ({ fits: false, code: 'unresolvable', reasons })

/** The state of the cluster in one scheduling cycle. */
export interface Snapshot {
  readonly nodes: readonly NodeInfo[]
  /** How many pods of a namespace that are not being deleted match, by the name of their node. */
  countMatching(namespace: string, selector: Selector): (nodeName: string) => number
  /** What the services and the controller of a pod select: pods of the same make. Undefined when there are none. */
  siblingsOf(pod: Live<Pod>): Selector | undefined
  nodeNamed(name: string): NodeInfo | undefined
  /** How many nodes have an image, by its full name. */
  nodesWithImage(image: string): number
  /** How many pods an affinity term means, also those that are being deleted, by the name of their node. */
  countTerm(term: AffinityTerm): (nodeName: string) => number
  /** The affinity terms of the pods that have a node. */
  termsOfPods(kind: TermKind): Iterable<CountedTerm>
  labelsOfNamespace(name: string): Readonly<Record<string, string>> | undefined
}

/** What the cache is told of the cluster beside nodes and pods. */
export type Surroundings = Pick<Snapshot, 'siblingsOf' | 'labelsOfNamespace'> & {
  readonly namespaces: () => Iterable<string>
}

/** Something that happened and may make room for a pod that had none. */
export type ClusterEvent =
  | { readonly type: 'nodeAdded'; readonly node: Live<Node> }
  | { readonly type: 'nodeUpdated'; readonly previous: Live<Node>; readonly node: Live<Node> }
  | { readonly type: 'podAssigned'; readonly pod: Live<Pod> }
  | { readonly type: 'podChanged'; readonly previous: Live<Pod>; readonly pod: Live<Pod> }
  | { readonly type: 'podGone'; readonly pod: Live<Pod> }

export interface Predicate {
  readonly name: string
  /** Reads the pod once for all nodes. Undefined: every node fits, as far as this predicate is concerned. */
  prepare(pod: Live<Pod>, snapshot: Snapshot): ((node: NodeInfo) => Verdict) | undefined
  /** Whether an event may change this predicate's refusal of the pod. In doubt, yes. */
  mayHelp(event: ClusterEvent, pod: Live<Pod>): boolean
}

export interface PreparedPriority {
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
