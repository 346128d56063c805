import { stableText } from '../../api/meta/pod.ts'
import { fits, unresolvable, unschedulable, type Predicate } from '../framework.ts'
import { countDomains, domainOf, hasAllDomains, spreadOf } from '../topology-spread.ts'

const refusal = unschedulable("node(s) didn't match pod topology spread constraints")
const missingLabel = unresolvable("node(s) didn't match pod topology spread constraints (missing required label)")

/** No domain may get ahead of the emptiest by more than the constraint allows. */
export const topologySpread: Predicate = {
  name: 'PodTopologySpread',
  prepare(pod, snapshot) {
    const { constraints } = spreadOf(pod, 'DoNotSchedule', snapshot)
    if (constraints.length === 0) return undefined
    const nodes = snapshot.nodes.filter((node) => hasAllDomains(node, constraints))
    const counted = constraints.map((constraint) => {
      const domains = countDomains(constraint, pod, snapshot, nodes)
      const fewest = domains.size < constraint.minDomains ? 0 : Math.min(...domains.values())
      return { constraint, domains, fewest }
    })
    return (node) => {
      for (const { constraint, domains, fewest } of counted) {
        const domain = domainOf(node, constraint.topologyKey)
        if (domain === undefined) return missingLabel
        const skew = (domains.get(domain) ?? 0) + (constraint.countsSelf ? 1 : 0) - fewest
        if (skew > constraint.maxSkew) return refusal
      }
      return fits
    }
  },
  mayHelp(event, pod) {
    if (event.type === 'nodeAdded') return true
    if (event.type === 'nodeUpdated')
      return stableText(event.previous.metadata.labels) !== stableText(event.node.metadata.labels)
    return event.pod.metadata.namespace === pod.metadata.namespace
  },
}
