import type { Live } from '../api/meta/object.ts'
import { isTerminated, isTerminating, stableText } from '../api/meta/pod.ts'
import type { Node, Pod } from '../api/types/core-v1.ts'
import type { Clock } from '../lib/clock.ts'
import { conjunction, inNamespaces, type AffinityTerm } from './affinity-terms.ts'
import { ClaimUsers } from './claim-users.ts'
import { DomainCounts, DomainLayouts, type DomainLayout } from './domain-counts.ts'
import type { PodsPerNode, Snapshot, Surroundings } from './framework.ts'
import { ImageCounts } from './image-counts.ts'
import { MatchingCounts } from './matching-counts.ts'
import { nodeInfoOf, withHopeful, withNode, withoutPod, withPod } from './node-info.ts'
import { NodeList } from './node-list.ts'
import { NodeMemories } from './node-memory.ts'
import { NominatedPods } from './nominated-pods.ts'
import { requestsOf } from './resources.ts'
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

/** Whether the node may have other domains, or count in others, than before. */
const differInDomains = (before: Node, now: Node): boolean =>
  stableText([before.metadata?.labels, before.spec?.taints]) !== stableText([now.metadata?.labels, now.spec?.taints])

/** Whether the server says of a pod what was assumed of it, so that nothing need be counted anew. */
function confirms(pod: Live<Pod>, assumed: Live<Pod>): boolean {
  return (
    pod.spec?.nodeName === assumed.spec?.nodeName &&
    !isTerminated(pod) &&
    !isTerminating(pod) &&
    !isTerminating(assumed) &&
    stableText(pod.metadata.labels) === stableText(assumed.metadata.labels) &&
    stableText(requestsOf(pod).requests) === stableText(requestsOf(assumed).requests)
  )
}

/**
 * The scheduler's picture of the cluster, fed by watches and by its own decisions. The nodes of a snapshot are values
 * that stay what they were; its counts are those of the moment in which they are asked for.
 */
export class SchedulerCache {
  /** Pods for which others are being evicted. */
  readonly nominated = new NominatedPods((name) => this.setHopeful(name))
  private readonly infos = new NodeList()
  /** Pods that have a node, by uid: those that the server has told of and those that are assumed. */
  private readonly assigned = new Map<string, Live<Pod>>()
  private readonly byNode = new Map<string, Set<string>>()
  private readonly assumed = new Map<string, Assumption>()
  private readonly counts = new MatchingCounts((namespace) => this.assignedIn(namespace))
  private readonly clock: Clock
  private readonly surroundings: Surroundings
  private readonly terms = new TermCounts()
  private readonly images = new ImageCounts()
  private readonly claims = new ClaimUsers()
  private readonly layouts = new DomainLayouts()
  private readonly memory = new NodeMemories()

  constructor(clock: Clock, surroundings: Surroundings) {
    this.clock = clock
    this.surroundings = surroundings
  }

  setNode(node: Live<Node>): void {
    const { name } = node.metadata
    const known = this.infos.get(name)
    this.images.change(known?.node, node)
    if (known === undefined || differInDomains(known.node, node)) this.forgetDomains()
    if (known !== undefined) return this.infos.set(withNode(known, node))
    this.infos.set(withHopeful(nodeInfoOf(node, this.podsOn(name)), this.nominated.byNode.get(name)))
  }

  removeNode(name: string): void {
    this.images.change(this.infos.get(name)?.node, undefined)
    this.infos.delete(name)
    this.forgetDomains()
  }

  /** The server's word on a pod: assigned, moved on, ended or unassigned. */
  setPod(pod: Live<Pod>): void {
    const assumption = this.assumed.get(pod.metadata.uid)
    this.assumed.delete(pod.metadata.uid)
    this.nominated.set(pod)
    if (assumption !== undefined && confirms(pod, assumption.pod)) {
      this.assigned.set(pod.metadata.uid, pod)
      return
    }
    this.removeAssigned(pod.metadata.uid)
    if ((pod.spec?.nodeName ?? '') !== '' && !isTerminated(pod)) this.addAssigned(pod)
  }

  removePod(uid: string): void {
    this.nominated.delete(uid)
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
    const { siblingsOf, labelsOfNamespace, storage, devices } = this.surroundings
    return {
      nodes: this.infos.all(),
      countMatching: (namespace, selector) => this.counts.of(namespace, selector, false),
      countInDomains: (namespace, selector, layout) => this.counts.inDomains(namespace, selector, false, layout),
      layoutOf: (rule) => this.layouts.of(rule, () => this.infos.all()),
      countTermInDomains: (term, layout) => this.countTermInDomains(term, layout),
      memory: this.memory,
      siblingsOf,
      nodeNamed: (name) => this.infos.get(name),
      nodesWithImage: (image) => this.images.of(image),
      countTerms: (terms) => this.countTerms(terms),
      termsOfPods: (kind) => this.terms.of(kind),
      labelsOfNamespace,
      storage,
      devices,
      usersOfClaim: (key) => this.claims.of(key),
      nominated: this.nominated.byNode,
    }
  }

  private setHopeful(nodeName: string): void {
    const info = this.infos.get(nodeName)
    if (info !== undefined) this.infos.set(withHopeful(info, this.nominated.byNode.get(nodeName)))
  }

  private forgetDomains(): void {
    this.layouts.clear()
    this.counts.forgetDomains()
    this.terms.forgetDomains()
  }

  private countTermInDomains(term: AffinityTerm, layout: DomainLayout): Int32Array {
    const [only] = term.namespaces
    if (only !== undefined && term.namespaces.size === 1 && term.namespaceSelector === undefined)
      return this.counts.inDomains(only, term.selector, true, layout).take()
    return new DomainCounts(layout, this.countTerms([term])).take()
  }

  private countTerms(terms: readonly AffinityTerm[]): PodsPerNode {
    const { namespaces, labelsOfNamespace } = this.surroundings
    const selector = conjunction(terms)
    const names = new Set(terms.flatMap((term) => [...term.namespaces]))
    if (terms.some(({ namespaceSelector }) => namespaceSelector !== undefined))
      for (const name of namespaces()) names.add(name)
    const counts = [...names]
      .filter((name) => terms.every((term) => inNamespaces(term, name, labelsOfNamespace)))
      .map((name) => this.counts.of(name, selector, true))
    const [only] = counts
    if (only !== undefined && counts.length === 1) return only
    const sums = new Map<string, number>()
    for (const one of counts) for (const [node, count] of one) sums.set(node, (sums.get(node) ?? 0) + count)
    return sums
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
    this.claims.change(pod, 1)
    const info = this.infos.get(nodeName)
    if (info !== undefined) this.infos.set(withPod(info, pod))
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
    this.claims.change(pod, -1)
    const info = this.infos.get(nodeName)
    if (info !== undefined) this.infos.set(withoutPod(info, uid))
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
