import { matchesTerm, termsOf, type AffinityTerm } from '../affinity-terms.ts'
import { stableText } from '../../api/meta/pod.ts'
import { fits, unresolvable, unschedulable, type Predicate, type Snapshot } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'

const notNear = unresolvable("node(s) didn't match pod affinity rules")
const tooNear = unschedulable("node(s) didn't match pod anti-affinity rules")
const unwelcome = unschedulable("node(s) didn't satisfy existing pods anti-affinity rules")

const domainOf = (node: NodeInfo | undefined, { topologyKey }: AffinityTerm): string | undefined =>
  node?.node.metadata.labels?.[topologyKey]

/** Domains with a pod that the term means. */
function occupied(term: AffinityTerm, { nodes, countTerm }: Snapshot): Set<string> {
  const count = countTerm(term)
  const domains = nodes.flatMap((node) => {
    const domain = domainOf(node, term)
    return domain !== undefined && count(node.name) > 0 ? [domain] : []
  })
  return new Set(domains)
}

/** Domains from which a pod that is there already keeps this one away. */
function forbidden(pod: Parameters<Predicate['prepare']>[0], snapshot: Snapshot): Map<string, Set<string>> {
  const domains = new Map<string, Set<string>>()
  for (const { term, perNode } of snapshot.termsOfPods('antiAffinity')) {
    if (!matchesTerm(term, pod, snapshot.labelsOfNamespace)) continue
    const ofKey = domains.get(term.topologyKey) ?? new Set<string>()
    for (const name of perNode.keys()) {
      const domain = domainOf(snapshot.nodeNamed(name), term)
      if (domain !== undefined) ofKey.add(domain)
    }
    domains.set(term.topologyKey, ofKey)
  }
  return domains
}

/** Near the pods that it wants, away from those that it shuns, and away from those that shun it. */
export const podAffinity: Predicate = {
  name: 'InterPodAffinity',
  prepare(pod, snapshot) {
    const { affinity, antiAffinity } = termsOf(pod)
    const keptFrom = forbidden(pod, snapshot)
    if (affinity.length === 0 && antiAffinity.length === 0 && keptFrom.size === 0) return undefined
    const wanted = affinity.map((term) => ({ term, domains: occupied(term, snapshot) }))
    const shunned = antiAffinity.map((term) => ({ term, domains: occupied(term, snapshot) }))
    // The first of a group that wants to be together has nobody to be near to, and may begin anywhere.
    const isFirst =
      wanted.every(({ domains }) => domains.size === 0) &&
      affinity.every((term) => matchesTerm(term, pod, snapshot.labelsOfNamespace))
    return (node) => {
      for (const { term, domains } of wanted) {
        const domain = domainOf(node, term)
        if (domain === undefined || (!domains.has(domain) && !isFirst)) return notNear
      }
      for (const { term, domains } of shunned) {
        const domain = domainOf(node, term)
        if (domain !== undefined && domains.has(domain)) return tooNear
      }
      for (const [key, domains] of keptFrom) {
        const domain = node.node.metadata.labels?.[key]
        if (domain !== undefined && domains.has(domain)) return unwelcome
      }
      return fits
    }
  },
  mayHelp(event) {
    if (event.type !== 'nodeUpdated' && event.type !== 'podChanged') return true
    const [before, now] = event.type === 'nodeUpdated' ? [event.previous, event.node] : [event.previous, event.pod]
    return stableText(before.metadata.labels) !== stableText(now.metadata.labels)
  },
}
