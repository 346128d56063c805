import { isTerminating, stableText } from '../../api/meta/pod.ts'
import type { Node } from '../../api/types/core-v1.ts'
import type { DomainCounts, DomainLayout } from '../domain-counts.ts'
import { fits, unresolvable, unschedulable, type Predicate } from '../framework.ts'
import {
  countDomains,
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
  readonly layout: DomainLayout
  private readonly counts: Int32Array
  private known: number | undefined

  constructor(constraint: SpreadConstraint, counts: DomainCounts) {
    this.constraint = constraint
    this.layout = counts.layout
    this.counts = counts.take()
  }

  /** Too few domains for the constraint count as one that is empty. */
  get fewest(): number {
    return (this.known ??= this.findFewest())
  }

  of(domain: number): number {
    return this.counts[domain] ?? 0
  }

  /** Nodes that the constraint leaves out stay left out. */
  add(domain: number, by: number): void {
    if (this.layout.counted[domain] !== 1) return
    this.counts[domain] = this.of(domain) + by
    this.known = undefined
  }

  private findFewest(): number {
    const { counted, size } = this.layout
    if (size < this.constraint.minDomains) return 0
    let fewest = Infinity
    for (let domain = 0; domain < counted.length; domain++)
      if (counted[domain] === 1) fewest = Math.min(fewest, this.of(domain))
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
            const { countsSelf, maxSkew } = one.constraint
            const domain = one.layout.of(node)
            if (domain < 0) return missingLabel
            if (one.of(domain) + (countsSelf ? 1 : 0) - one.fewest > maxSkew) return refusal
          }
          return fits
        },
        suppose(other, node, by) {
          if (other.metadata.namespace !== pod.metadata.namespace || isTerminating(other)) return
          if (!hasAllDomains(node, constraints)) return
          for (const one of counted) {
            const domain = one.layout.of(node)
            if (domain < 0 || !one.constraint.includes(node)) continue
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
const nodeFacts = ({ metadata, spec }: Node): unknown => [metadata?.labels, spec?.taints]
