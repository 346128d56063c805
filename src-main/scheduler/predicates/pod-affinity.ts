import type { Live } from '../../api/meta/object.ts'
import { stableText } from '../../api/meta/pod.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { matchesTerm, termsOf, type AffinityTerm } from '../affinity-terms.ts'
import { DomainCounts, everyNode, type DomainLayout } from '../domain-counts.ts'
import { fits, unresolvable, unschedulable, type ClusterEvent, type Predicate, type Snapshot } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'

const notNear = unresolvable("node(s) didn't match pod affinity rules")
const tooNear = unschedulable("node(s) didn't match pod anti-affinity rules")
const unwelcome = unschedulable("node(s) didn't satisfy existing pods anti-affinity rules")

const unrelated: ReadonlySet<ClusterEvent['type']> = new Set([
  ...(['storageChanged', 'nodeRemoved', 'claimChanged', 'deviceClassChanged'] as const),
])

/** Pods by domain of one topology key. */
class Domains {
  private readonly layout: DomainLayout
  private readonly counts: Int32Array

  constructor(layout: DomainLayout, counts: Int32Array) {
    this.layout = layout
    this.counts = counts
  }

  get isEmpty(): boolean {
    return this.counts.every((count) => count === 0)
  }

  /** How many are near the node; -1: it is in no domain. */
  near(node: NodeInfo): number {
    const domain = this.layout.of(node)
    return domain < 0 ? -1 : (this.counts[domain] ?? 0)
  }

  add(node: NodeInfo, by: number): void {
    const domain = this.layout.of(node)
    if (domain >= 0) this.counts[domain] = (this.counts[domain] ?? 0) + by
  }

  addAll(counts: Int32Array): void {
    counts.forEach((count, domain) => (this.counts[domain] = (this.counts[domain] ?? 0) + count))
  }
}

/** Domains from which the pods that are there already keep this one away, by topology key. */
function forbidden(pod: Live<Pod>, snapshot: Snapshot): Map<string, Domains> {
  const keys = new Map<string, Domains>()
  for (const { term, byLayout } of snapshot.termsOfPods('antiAffinity')) {
    if (!matchesTerm(term, pod, snapshot.labelsOfNamespace)) continue
    const layout = snapshot.layoutOf(everyNode(term.topologyKey))
    const counts = byLayout.in(layout).take()
    const known = keys.get(term.topologyKey)
    if (known === undefined) keys.set(term.topologyKey, new Domains(layout, counts))
    else known.addAll(counts)
  }
  return keys
}

/** Only a pod that all terms mean is one to be near to. */
function wantedDomains(terms: readonly AffinityTerm[], snapshot: Snapshot): Domains[] {
  const [only] = terms
  const near = terms.length < 2 ? undefined : snapshot.countTerms(terms)
  return terms.map(({ topologyKey }) => {
    const layout = snapshot.layoutOf(everyNode(topologyKey))
    const counts = near === undefined ? undefined : new DomainCounts(layout, near).take()
    return new Domains(
      layout,
      counts ?? (only === undefined ? emptyIn(layout) : snapshot.countTermInDomains(only, layout)),
    )
  })
}

const emptyIn = (layout: DomainLayout): Int32Array => new Int32Array(layout.domains.length)

/** Whether a pod that hopes for a node might keep others away once it is there. */
function someoneShuns({ nominated }: Snapshot): boolean {
  for (const hopeful of nominated.values())
    for (const pod of hopeful) if (termsOf(pod).antiAffinity.length > 0) return true
  return false
}

/** Near the pods that it wants, away from those that it shuns, and away from those that shun it. */
export const podAffinity: Predicate = {
  name: 'InterPodAffinity',
  prepare(pod, snapshot) {
    const { affinity, antiAffinity } = termsOf(pod)
    const keptFrom = forbidden(pod, snapshot)
    const nobody = affinity.length === 0 && antiAffinity.length === 0 && keptFrom.size === 0
    if (nobody && !someoneShuns(snapshot)) return undefined
    const { labelsOfNamespace: labelsOf } = snapshot
    const wanted = wantedDomains(affinity, snapshot)
    const shunned = antiAffinity.map((term) => {
      const layout = snapshot.layoutOf(everyNode(term.topologyKey))
      return { term, domains: new Domains(layout, snapshot.countTermInDomains(term, layout)) }
    })
    const wantsItself = affinity.every((term) => matchesTerm(term, pod, labelsOf))
    let mayBegin: boolean | undefined
    return {
      check(node) {
        for (const domains of wanted) {
          const near = domains.near(node)
          if (near > 0) continue
          // The first of a group that wants to be together has nobody to be near to, and may begin anywhere.
          mayBegin ??= wantsItself && wanted.every(({ isEmpty }) => isEmpty)
          if (near < 0 || !mayBegin) return notNear
        }
        for (const { domains } of shunned) if (domains.near(node) > 0) return tooNear
        for (const domains of keptFrom.values()) if (domains.near(node) > 0) return unwelcome
        return fits
      },
      suppose(other, node, by) {
        const means = (term: AffinityTerm): boolean => matchesTerm(term, other, labelsOf)
        mayBegin = undefined
        if (affinity.length > 0 && affinity.every(means)) for (const domains of wanted) domains.add(node, by)
        for (const { term, domains } of shunned) if (means(term)) domains.add(node, by)
        for (const term of termsOf(other).antiAffinity) {
          if (!matchesTerm(term, pod, labelsOf)) continue
          const layout = snapshot.layoutOf(everyNode(term.topologyKey))
          const domains = keptFrom.get(term.topologyKey) ?? new Domains(layout, emptyIn(layout))
          domains.add(node, by)
          keptFrom.set(term.topologyKey, domains)
        }
      },
    }
  },
  mayHelp(event) {
    if (unrelated.has(event.type)) return false
    if (event.type !== 'nodeUpdated' && event.type !== 'podChanged') return true
    const [before, now] = event.type === 'nodeUpdated' ? [event.previous, event.node] : [event.previous, event.pod]
    return stableText(before.metadata.labels) !== stableText(now.metadata.labels)
  },
}
