import type { Selector } from '../api/meta/label-selector.ts'
import type { Live } from '../api/meta/object.ts'
import { isTerminating } from '../api/meta/pod.ts'
import type { Pod } from '../api/types/core-v1.ts'
import { CountsByLayout, type DomainCounts, type DomainLayout } from './domain-counts.ts'
import type { PodsPerNode } from './framework.ts'

interface Counter {
  readonly namespace: string
  readonly countsTerminating: boolean
  readonly selector: Selector
  readonly perNode: Map<string, number>
  readonly byLayout: CountsByLayout
}

/** Selectors whose counts are kept up to date; the one that was asked for longest ago goes first. */
const countersLimit = 256

/**
 * How many pods on each node match a selector. A count is made when a selector is first asked for, and kept as pods
 * come and go: spreading over thousands of nodes would otherwise look at every pod for every pod.
 */
export class MatchingCounts {
  private readonly counters = new Map<string, Counter>()
  private readonly assignedPods: (namespace: string) => Iterable<Live<Pod>>

  constructor(assignedPods: (namespace: string) => Iterable<Live<Pod>>) {
    this.assignedPods = assignedPods
  }

  of(namespace: string, selector: Selector, countsTerminating: boolean): PodsPerNode {
    return this.counter(namespace, selector, countsTerminating).perNode
  }

  inDomains(namespace: string, selector: Selector, countsTerminating: boolean, layout: DomainLayout): DomainCounts {
    return this.counter(namespace, selector, countsTerminating).byLayout.in(layout)
  }

  /** The layouts are out of date. */
  forgetDomains(): void {
    for (const { byLayout } of this.counters.values()) byLayout.forget()
  }

  /** A pod came to its node (`+1`) or left it (`-1`). */
  change(pod: Live<Pod>, by: 1 | -1): void {
    for (const counter of this.counters.values()) add(counter, pod, by)
  }

  private counter(namespace: string, selector: Selector, countsTerminating: boolean): Counter {
    const id = `${namespace} ${countsTerminating} ${selector.matchesNothing ? '-' : selector.toString()}`
    const counter = this.counters.get(id) ?? this.count(namespace, selector, countsTerminating)
    this.counters.delete(id)
    this.counters.set(id, counter)
    for (const oldest of this.counters.keys()) {
      if (this.counters.size <= countersLimit) break
      this.counters.delete(oldest)
    }
    return counter
  }

  private count(namespace: string, selector: Selector, countsTerminating: boolean): Counter {
    const perNode = new Map<string, number>()
    const counter = { namespace, selector, countsTerminating, perNode, byLayout: new CountsByLayout(perNode) }
    for (const pod of this.assignedPods(namespace)) add(counter, pod, 1)
    return counter
  }
}

function add(counter: Counter, pod: Live<Pod>, by: 1 | -1): void {
  const { namespace, selector, countsTerminating, perNode, byLayout } = counter
  if (pod.metadata.namespace !== namespace || !selector.matches(pod.metadata.labels)) return
  if (isTerminating(pod) && !countsTerminating) return
  const node = pod.spec?.nodeName ?? ''
  const count = (perNode.get(node) ?? 0) + by
  if (count === 0) perNode.delete(node)
  else perNode.set(node, count)
  byLayout.change(node, by)
}
