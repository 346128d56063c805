import type { Live } from '../../api/meta/object.ts'
import { stableText } from '../../api/meta/pod.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { matchesTerm, termsOf, type AffinityTerm } from '../affinity-terms.ts'
import { fits, unresolvable, unschedulable, type PodsPerNode, type Predicate, type Snapshot } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'

const notNear = unresolvable("node(s) didn't match pod affinity rules")
const tooNear = unschedulable("node(s) didn't match pod anti-affinity rules")
const unwelcome = unschedulable("node(s) didn't satisfy existing pods anti-affinity rules")

/** Pods by domain. */
type Domains = Map<string, number>

const domainOf = (node: NodeInfo | undefined, topologyKey: string): string | undefined =>
  node?.node.metadata.labels?.[topologyKey]

function add(domains: Domains, domain: string | undefined, by: number): void {
  if (domain === undefined) return
  const count = (domains.get(domain) ?? 0) + by
  if (count === 0) domains.delete(domain)
  else domains.set(domain, count)
}

function countDomains(pods: PodsPerNode, topologyKey: string, { nodeNamed }: Snapshot): Domains {
  const domains: Domains = new Map()
  for (const [name, count] of pods) add(domains, domainOf(nodeNamed(name), topologyKey), count)
  return domains
}

/** Domains from which the pods that are there already keep this one away, by topology key. */
function forbidden(pod: Live<Pod>, snapshot: Snapshot): Map<string, Domains> {
  const keys = new Map<string, Domains>()
  for (const { term, perNode } of snapshot.termsOfPods('antiAffinity')) {
    if (!matchesTerm(term, pod, snapshot.labelsOfNamespace)) continue
    const domains = keys.get(term.topologyKey) ?? new Map<string, number>()
    for (const [name, count] of perNode) add(domains, domainOf(snapshot.nodeNamed(name), term.topologyKey), count)
    keys.set(term.topologyKey, domains)
  }
  return keys
}

/** Near the pods that it wants, away from those that it shuns, and away from those that shun it. */
export const podAffinity: Predicate = {
  name: 'InterPodAffinity',
  prepare(pod, snapshot) {
    const { affinity, antiAffinity } = termsOf(pod)
    const keptFrom = forbidden(pod, snapshot)
    const nobody = affinity.length === 0 && antiAffinity.length === 0 && keptFrom.size === 0
    if (nobody && snapshot.nominated.size === 0) return undefined
    const { labelsOfNamespace: labelsOf } = snapshot
    // Only a pod that all terms mean is one to be near to.
    const near = affinity.length === 0 ? new Map<string, number>() : snapshot.countTerms(affinity)
    const wanted = affinity.map(({ topologyKey }) => ({
      topologyKey,
      domains: countDomains(near, topologyKey, snapshot),
    }))
    const shunned = antiAffinity.map((term) => ({
      term,
      domains: countDomains(snapshot.countTerms([term]), term.topologyKey, snapshot),
    }))
    const wantsItself = affinity.every((term) => matchesTerm(term, pod, labelsOf))
    return {
      check(node) {
        // The first of a group that wants to be together has nobody to be near to, and may begin anywhere.
        const mayBegin = wantsItself && wanted.every(({ domains }) => domains.size === 0)
        for (const { topologyKey, domains } of wanted) {
          const domain = domainOf(node, topologyKey)
          if (domain === undefined || (!domains.has(domain) && !mayBegin)) return notNear
        }
        for (const { term, domains } of shunned) {
          const domain = domainOf(node, term.topologyKey)
          if (domain !== undefined && domains.has(domain)) return tooNear
        }
        for (const [key, domains] of keptFrom) {
          const domain = domainOf(node, key)
          if (domain !== undefined && domains.has(domain)) return unwelcome
        }
        return fits
      },
      suppose(other, node, by) {
        const means = (term: AffinityTerm): boolean => matchesTerm(term, other, labelsOf)
        if (affinity.length > 0 && affinity.every(means))
          for (const { topologyKey, domains } of wanted) add(domains, domainOf(node, topologyKey), by)
        for (const { term, domains } of shunned) if (means(term)) add(domains, domainOf(node, term.topologyKey), by)
        for (const term of termsOf(other).antiAffinity) {
          if (!matchesTerm(term, pod, labelsOf)) continue
          const domains = keptFrom.get(term.topologyKey) ?? new Map<string, number>()
          add(domains, domainOf(node, term.topologyKey), by)
          keptFrom.set(term.topologyKey, domains)
        }
      },
    }
  },
  mayHelp(event) {
    if (event.type === 'storageChanged' || event.type === 'nodeRemoved') return false
    if (event.type !== 'nodeUpdated' && event.type !== 'podChanged') return true
    const [before, now] = event.type === 'nodeUpdated' ? [event.previous, event.node] : [event.previous, event.pod]
    return stableText(before.metadata.labels) !== stableText(now.metadata.labels)
  },
}
