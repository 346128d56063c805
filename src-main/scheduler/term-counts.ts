import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import { termsOf, type AffinityTerm } from './affinity-terms.ts'
import { CountsByLayout } from './domain-counts.ts'

export type TermKind = 'affinity' | 'antiAffinity' | 'preferred' | 'preferredAnti'

export interface CountedTerm {
  readonly term: AffinityTerm
  readonly weight: number
  /** How many pods with this term each node has, by its name. */
  readonly perNode: ReadonlyMap<string, number>
  readonly byLayout: CountsByLayout
}

type Counted = CountedTerm & { readonly perNode: Map<string, number> }

/**
 * The affinity terms of the pods that have a node. Pods of one make share their terms, so there are few to look at
 * even in a large cluster.
 */
export class TermCounts {
  private readonly kinds: Record<TermKind, Map<string, Counted>> = {
    affinity: new Map(),
    antiAffinity: new Map(),
    preferred: new Map(),
    preferredAnti: new Map(),
  }

  of(kind: TermKind): Iterable<CountedTerm> {
    return this.kinds[kind].values()
  }

  /** The layouts are out of date. */
  forgetDomains(): void {
    for (const terms of Object.values(this.kinds)) for (const { byLayout } of terms.values()) byLayout.forget()
  }

  /** A pod came to its node (`+1`) or left it (`-1`). */
  change(pod: Live<Pod>, by: 1 | -1): void {
    const { affinity, antiAffinity, preferred, preferredAnti } = termsOf(pod)
    const node = pod.spec?.nodeName ?? ''
    for (const term of affinity) this.add('affinity', term, 1, node, by)
    for (const term of antiAffinity) this.add('antiAffinity', term, 1, node, by)
    for (const { term, weight } of preferred) this.add('preferred', term, weight, node, by)
    for (const { term, weight } of preferredAnti) this.add('preferredAnti', term, weight, node, by)
  }

  private add(kind: TermKind, term: AffinityTerm, weight: number, node: string, by: 1 | -1): void {
    const id = `${weight} ${term.id}`
    const counted = this.kinds[kind].get(id) ?? newCount(term, weight)
    this.kinds[kind].set(id, counted)
    const count = (counted.perNode.get(node) ?? 0) + by
    if (count === 0) counted.perNode.delete(node)
    else counted.perNode.set(node, count)
    counted.byLayout.change(node, by)
    if (counted.perNode.size === 0) this.kinds[kind].delete(id)
  }
}

function newCount(term: AffinityTerm, weight: number): Counted {
  const perNode = new Map<string, number>()
  return { term, weight, perNode, byLayout: new CountsByLayout(perNode) }
}
