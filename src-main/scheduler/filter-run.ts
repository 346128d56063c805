/** The predicates of one pod, made ready once and asked about nodes one by one. */
import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { Predicate, PreparedPredicate, Refused, Snapshot } from './framework.ts'
import { withPod, type NodeInfo } from './node-info.ts'

export interface NamedRefusal extends Refused {
  readonly predicate: Predicate
}

const nobody: readonly Live<Pod>[] = []

const common = (a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...a].filter((one) => b.has(one)))

export class FilterRun {
  /** Why no node at all can do; undefined: nodes must be asked. */
  readonly whole: NamedRefusal | undefined
  /** The nodes that alone may fit, and the predicates that say so; undefined: any may. */
  readonly only: { readonly names: ReadonlySet<string>; readonly predicates: readonly Predicate[] } | undefined
  private readonly prepared: { readonly predicate: Predicate; readonly prepared: PreparedPredicate }[] = []
  private readonly pod: Live<Pod>
  private readonly snapshot: Snapshot

  constructor(pod: Live<Pod>, snapshot: Snapshot, predicates: readonly Predicate[]) {
    this.pod = pod
    this.snapshot = snapshot
    let names: ReadonlySet<string> | undefined
    const narrowing: Predicate[] = []
    for (const predicate of predicates) {
      const prepared = predicate.prepare(pod, snapshot)
      if (prepared === undefined) continue
      if ('fits' in prepared) {
        this.whole ??= { ...prepared, predicate }
        continue
      }
      this.prepared.push({ predicate, prepared })
      if (prepared.only === undefined) continue
      names = names === undefined ? prepared.only : common(names, prepared.only)
      narrowing.push(predicate)
    }
    this.only = names === undefined ? undefined : { names, predicates: narrowing }
  }

  /** What keeps the pod off the node, also when the pods for which room is being made there had come already. */
  refusal(node: NodeInfo): NamedRefusal | undefined {
    const { nominated } = this.snapshot
    const rivals = nominated.size === 0 ? nobody : (nominated.get(node.name) ?? nobody).filter(this.isRival)
    if (rivals.length === 0) return this.first(node)
    let crowded = node
    for (const rival of rivals) {
      this.arrives(rival, node)
      crowded = withPod(crowded, rival)
    }
    const refusal = this.first(crowded)
    for (const rival of rivals) this.leaves(rival, node)
    return refusal ?? this.first(node)
  }

  /** From now on the predicates reckon with one more pod on the node. */
  arrives(other: Live<Pod>, node: NodeInfo): void {
    for (const { prepared } of this.prepared) prepared.suppose?.(other, node, 1)
  }

  /** From now on the predicates reckon without that pod of the node. */
  leaves(other: Live<Pod>, node: NodeInfo): void {
    for (const { prepared } of this.prepared) prepared.suppose?.(other, node, -1)
  }

  private readonly isRival = (other: Live<Pod>): boolean =>
    other.metadata.uid !== this.pod.metadata.uid && (other.spec?.priority ?? 0) >= (this.pod.spec?.priority ?? 0)

  private first(node: NodeInfo): NamedRefusal | undefined {
    for (const { predicate, prepared } of this.prepared) {
      const verdict = prepared.check(node)
      if (!verdict.fits) return { ...verdict, predicate }
    }
    return undefined
  }
}
