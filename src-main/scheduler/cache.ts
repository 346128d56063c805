import type { Selector } from '../api/meta/label-selector.ts'
import type { Live } from '../api/meta/object.ts'
import { isTerminated } from '../api/meta/pod.ts'
import type { Node, Pod } from '../api/types/core-v1.ts'
import type { Clock } from '../lib/clock.ts'
import { inNamespaces, type AffinityTerm } from './affinity-terms.ts'
import type { Snapshot, Surroundings } from './framework.ts'
import { ImageCounts } from './image-counts.ts'
import { MatchingCounts } from './matching-counts.ts'
import { nodeInfoOf, withNode, withoutPod, withPod, type NodeInfo } from './node-info.ts'
import { TermCounts } from './term-counts.ts'

/** An assumption that no watch has confirmed for so long is given up. */
const assumptionMs = 15 * 60_000

interface Assumption {
  readonly pod: Live<Pod>
  readonly expires: number
}

/** A pod with the node that it was given, before the API server says so. */
export const onNode = (pod: Live<Pod>, nodeName: string): Live<Pod> => ({
  ...pod,
  spec: { containers: [], ...pod.spec, nodeName },
})

/**
 * The scheduler's picture of the cluster, fed by watches and by its own decisions. The nodes of a snapshot are values
 * that stay what they were; its counts are those of the moment in which they are asked for.
 */
export class SchedulerCache {
  private readonly infos = new Map<string, NodeInfo>()
  /** Pods that have a node, by uid: those that the server has told of and those that are assumed. */
  private readonly assigned = new Map<string, Live<Pod>>()
  private readonly byNode = new Map<string, Set<string>>()
  private readonly assumed = new Map<string, Assumption>()
  private readonly counts = new MatchingCounts((namespace) => this.assignedIn(namespace))
  private readonly clock: Clock
  private readonly surroundings: Surroundings
  private readonly terms = new TermCounts()
  private readonly images = new ImageCounts()
  private list: readonly NodeInfo[] | undefined

  constructor(clock: Clock, surroundings: Surroundings) {
    this.clock = clock
    this.surroundings = surroundings
  }

  setNode(node: Live<Node>): void {
    const { name } = node.metadata
    const known = this.infos.get(name)
    this.images.change(known?.node, node)
    this.set(known === undefined ? nodeInfoOf(node, this.podsOn(name)) : withNode(known, node))
  }

  removeNode(name: string): void {
    this.images.change(this.infos.get(name)?.node, undefined)
    this.infos.delete(name)
    this.list = undefined
  }

  /** The server's word on a pod: assigned, moved on, ended or unassigned. */
  setPod(pod: Live<Pod>): void {
    this.assumed.delete(pod.metadata.uid)
    this.removeAssigned(pod.metadata.uid)
    if ((pod.spec?.nodeName ?? '') !== '' && !isTerminated(pod)) this.addAssigned(pod)
  }

  removePod(uid: string): void {
    this.assumed.delete(uid)
    this.removeAssigned(uid)
  }

  isAssumed(uid: string): boolean {
    return this.assumed.has(uid)
  }

  /** Counts the pod on the node from now on, though the server does not know yet. */
  assume(pod: Live<Pod>, nodeName: string): void {
    const placed = onNode(pod, nodeName)
    this.removeAssigned(pod.metadata.uid)
    this.addAssigned(placed)
    this.assumed.set(pod.metadata.uid, { pod: placed, expires: this.clock.monotonic() + assumptionMs })
  }

  /** Takes an assumption back; what the server has confirmed meanwhile stays. */
  forget(uid: string): void {
    if (this.assumed.delete(uid)) this.removeAssigned(uid)
  }

  snapshot(): Snapshot {
    this.expire()
    this.list ??= [...this.infos.values()]
    const { siblingsOf, labelsOfNamespace } = this.surroundings
    return {
      nodes: this.list,
      countMatching: (namespace: string, selector: Selector) => this.counts.of(namespace, selector, false),
      siblingsOf,
      nodeNamed: (name) => this.infos.get(name),
      nodesWithImage: (image) => this.images.of(image),
      countTerm: (term) => this.countTerm(term),
      termsOfPods: (kind) => this.terms.of(kind),
      labelsOfNamespace,
    }
  }

  private countTerm(term: AffinityTerm): (nodeName: string) => number {
    const { namespaces, labelsOfNamespace } = this.surroundings
    const names =
      term.namespaceSelector === undefined ? term.namespaces : new Set([...term.namespaces, ...namespaces()])
    const counts = [...names]
      .filter((name) => inNamespaces(term, name, labelsOfNamespace))
      .map((name) => this.counts.of(name, term.selector, true))
    const [only] = counts
    if (only !== undefined && counts.length === 1) return only
    return (nodeName) => counts.reduce((sum, count) => sum + count(nodeName), 0)
  }

  private expire(): void {
    if (this.assumed.size === 0) return
    const now = this.clock.monotonic()
    for (const [uid, { expires }] of this.assumed) {
      // Assumptions are in the order of their making: the first that holds ends the search.
      if (expires > now) return
      this.forget(uid)
    }
  }

  private addAssigned(pod: Live<Pod>): void {
    const { uid } = pod.metadata
    const nodeName = pod.spec?.nodeName ?? ''
    this.assigned.set(uid, pod)
    const there = this.byNode.get(nodeName) ?? new Set()
    this.byNode.set(nodeName, there.add(uid))
    this.counts.change(pod, 1)
    this.terms.change(pod, 1)
    const info = this.infos.get(nodeName)
    if (info !== undefined) this.set(withPod(info, pod))
  }

  private removeAssigned(uid: string): void {
    const pod = this.assigned.get(uid)
    if (pod === undefined) return
    const nodeName = pod.spec?.nodeName ?? ''
    this.assigned.delete(uid)
    const there = this.byNode.get(nodeName)
    there?.delete(uid)
    if (there?.size === 0) this.byNode.delete(nodeName)
    this.counts.change(pod, -1)
    this.terms.change(pod, -1)
    const info = this.infos.get(nodeName)
    if (info !== undefined) this.set(withoutPod(info, uid))
  }

  private set(info: NodeInfo): void {
    this.infos.set(info.name, info)
    this.list = undefined
  }

  private podsOn(nodeName: string): Live<Pod>[] {
    return [...(this.byNode.get(nodeName) ?? [])].flatMap((uid) => {
      const pod = this.assigned.get(uid)
      return pod === undefined ? [] : [pod]
    })
  }

  private *assignedIn(namespace: string): Iterable<Live<Pod>> {
    for (const pod of this.assigned.values()) if (pod.metadata.namespace === namespace) yield pod
  }
}
