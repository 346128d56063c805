import { isTerminating, stableText } from '../../api/meta/pod.ts'
import { fits, unresolvable, unschedulable, type Predicate } from '../framework.ts'
import {
  countDomains,
  domainOf,
  hasAllDomains,
  spreadOf,
  systemDefaults,
  type SpreadConstraint,
  type SpreadDefaults,
} from '../topology-spread.ts'

const refusal = unschedulable("node(s) didn't match pod topology spread constraints")
const missingLabel = unresolvable("node(s) didn't match pod topology spread constraints (missing required label)")

/** The pods of one constraint by domain, with the fewest of them at hand. */
class Counted {
  readonly constraint: SpreadConstraint
  private readonly domains: Map<string, number>
  private known: number | undefined

  constructor(constraint: SpreadConstraint, domains: Map<string, number>) {
    this.constraint = constraint
    this.domains = domains
  }

  /** Too few domains for the constraint count as one that is empty. */
  get fewest(): number {
    return (this.known ??= this.findFewest())
  }

  of(domain: string): number {
    return this.domains.get(domain) ?? 0
  }

  /** Nodes that the constraint leaves out stay left out. */
  add(domain: string, by: number): void {
    const before = this.domains.get(domain)
    if (before === undefined) return
    this.domains.set(domain, before + by)
    this.known = undefined
  }

  private findFewest(): number {
    if (this.domains.size < this.constraint.minDomains) return 0
    let fewest = Infinity
    for (const count of this.domains.values()) if (count < fewest) fewest = count
    return fewest
  }
}

/** No domain may get ahead of the emptiest by more than the constraint allows. */
export function topologySpreadWith(defaults: SpreadDefaults = systemDefaults): Predicate {
  return {
    name: 'PodTopologySpread',
    prepare(pod, snapshot) {
      const { constraints } = spreadOf(pod, 'DoNotSchedule', snapshot, defaults)
      if (constraints.length === 0) return undefined
      const counted = constraints.map(
        (constraint) => new Counted(constraint, countDomains(constraint, constraints, pod, snapshot)),
      )
      return {
        check(node) {
          for (const one of counted) {
            const { topologyKey, countsSelf, maxSkew } = one.constraint
            const domain = domainOf(node, topologyKey)
            if (domain === undefined) return missingLabel
            if (one.of(domain) + (countsSelf ? 1 : 0) - one.fewest > maxSkew) return refusal
          }
          return fits
        },
        suppose(other, node, by) {
          if (other.metadata.namespace !== pod.metadata.namespace || isTerminating(other)) return
          if (!hasAllDomains(node, constraints)) return
          for (const one of counted) {
            const domain = domainOf(node, one.constraint.topologyKey)
            if (domain === undefined || !one.constraint.includes(node)) continue
            if (one.constraint.selector.matches(other.metadata.labels)) one.add(domain, by)
          }
        },
      }
    },
    mayHelp(event, pod) {
      if (event.type === 'nodeAdded' || event.type === 'nodeRemoved') return true
      if (event.type === 'nodeUpdated')
        return stableText(nodeFacts(event.previous)) !== stableText(nodeFacts(event.node))
      return 'pod' in event && event.pod.metadata.namespace === pod.metadata.namespace
    },
  }
}

/** What decides whether a node counts. */
const nodeFacts = ({ metadata, spec }: Parameters<typeof domainOf>[0]['node']): unknown => [
  metadata.labels,
  spec?.taints,
]
