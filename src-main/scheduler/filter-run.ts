/** The predicates of one pod, made ready once and asked about nodes one by one. */
import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { Refusal } from './filter-nodes.ts'
import type { Predicate, PreparedPredicate, Refused, Snapshot } from './framework.ts'
import { withPod, type NodeInfo } from './node-info.ts'
import type { NodeMemory } from './node-memory.ts'

export interface NamedRefusal extends Refusal {
  readonly refuser: Predicate
}

export interface WholeRefusal extends Refused {
  readonly predicate: Predicate
}

interface Prepared {
  readonly predicate: Predicate
  readonly prepared: PreparedPredicate
}

const common = (a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...a].filter((one) => b.has(one)))

export class FilterRun {
  /** Why no node at all can do; undefined: nodes must be asked. */
  readonly whole: WholeRefusal | undefined
  /** The nodes that alone may fit, and the predicates that say so; undefined: any may. */
  readonly only: { readonly names: ReadonlySet<string>; readonly predicates: readonly Predicate[] } | undefined
  /** What every verdict depends on beside the node; undefined: on more than can be said. */
  readonly key: string | undefined
  readonly predicates: readonly Predicate[]
  private readonly prepared: readonly Prepared[]
  /** How many predicates come first that look at nothing but the node. */
  private readonly leading: number
  private readonly early: NodeMemory<NamedRefusal | undefined> | undefined
  private readonly named = new Map<Refused, NodeMemory<NamedRefusal>>()
  private readonly pod: Live<Pod>
  private readonly snapshot: Snapshot

  constructor(pod: Live<Pod>, snapshot: Snapshot, predicates: readonly Predicate[]) {
    this.pod = pod
    this.snapshot = snapshot
    this.predicates = predicates
    const all: Prepared[] = []
    let names: ReadonlySet<string> | undefined
    const narrowing: Predicate[] = []
    for (const predicate of predicates) {
      const prepared = predicate.prepare(pod, snapshot)
      if (prepared === undefined) continue
      if ('fits' in prepared) {
        this.whole ??= { ...prepared, predicate }
        continue
      }
      all.push({ predicate, prepared })
      if (prepared.only === undefined) continue
      names = names === undefined ? prepared.only : common(names, prepared.only)
      narrowing.push(predicate)
    }
    this.only = names === undefined ? undefined : { names, predicates: narrowing }
    this.prepared = all
    const end = all.findIndex(({ prepared }) => prepared.key === undefined)
    this.leading = end === -1 ? all.length : end
    const keys = all.slice(0, this.leading).map(({ predicate, prepared }) => [predicate.name, prepared.key])
    const key = JSON.stringify([pod.spec?.priority ?? 0, keys])
    this.key = end === -1 ? key : undefined
    // Where few nodes are looked at, there is little to remember.
    if (names === undefined && this.leading > 0) this.early = snapshot.memory.of(predicates, key)
  }

  /** What keeps the pod off the node, also when the pods for which room is being made there had come already. */
  refusal(node: NodeInfo): NamedRefusal | undefined {
    const early = this.early === undefined || this.hopesFor(node) ? this.lead(node) : this.early.of(node, this.lead)
    if (early !== undefined || this.leading === this.prepared.length) return early
    const rivals = this.rivalsOn(node)
    if (rivals.length === 0) return this.late(node)
    for (const rival of rivals) this.arrives(rival, node)
    const refusal = this.late(rivals.reduce(withPod, node))
    for (const rival of rivals) this.leaves(rival, node)
    return refusal ?? this.late(node)
  }

  /** Room is being made there for this very pod. */
  hopesFor({ hopeful }: NodeInfo): boolean {
    const { uid } = this.pod.metadata
    return hopeful.length > 0 && hopeful.some(({ metadata }) => metadata.uid === uid)
  }

  /** From now on the predicates reckon with one more pod on the node. */
  arrives(other: Live<Pod>, node: NodeInfo): void {
    for (const { prepared } of this.prepared) prepared.suppose?.(other, node, 1)
  }

  /** From now on the predicates reckon without that pod of the node. */
  leaves(other: Live<Pod>, node: NodeInfo): void {
    for (const { prepared } of this.prepared) prepared.suppose?.(other, node, -1)
  }

  /** Those that hope for the node and matter no less than this pod. */
  private rivalsOn({ hopeful }: NodeInfo): readonly Live<Pod>[] {
    if (hopeful.length === 0) return hopeful
    const { metadata, spec } = this.pod
    return hopeful.filter(
      (other) => other.metadata.uid !== metadata.uid && (other.spec?.priority ?? 0) >= (spec?.priority ?? 0),
    )
  }

  private readonly lead = (node: NodeInfo): NamedRefusal | undefined => {
    const rivals = this.rivalsOn(node)
    const refusal = rivals.length === 0 ? undefined : this.leadOf(rivals.reduce(withPod, node))
    return refusal ?? this.leadOf(node)
  }

  private leadOf(node: NodeInfo): NamedRefusal | undefined {
    for (let index = 0; index < this.leading; index++) {
      const one = this.prepared[index]
      const verdict = one?.prepared.check(node)
      if (one !== undefined && verdict?.fits === false) return named(one.predicate, verdict, node)
    }
    return undefined
  }

  private late(node: NodeInfo): NamedRefusal | undefined {
    for (let index = this.leading; index < this.prepared.length; index++) {
      const one = this.prepared[index]
      const verdict = one?.prepared.check(node)
      if (one === undefined || verdict === undefined || verdict.fits) continue
      return this.nameOf(one.predicate, verdict).of(node, (refused) => named(one.predicate, verdict, refused))
    }
    return undefined
  }

  private nameOf(predicate: Predicate, verdict: Refused): NodeMemory<NamedRefusal> {
    const known = this.named.get(verdict)
    if (known !== undefined) return known
    const { code, reasons } = verdict
    const memory = this.snapshot.memory.of<NamedRefusal>(predicate, JSON.stringify([code, reasons]))
    this.named.set(verdict, memory)
    return memory
  }
}

const named = (refuser: Predicate, { code, reasons }: Refused, { name }: NodeInfo): NamedRefusal => ({
  node: name,
  predicate: refuser.name,
  code,
  reasons,
  refuser,
})
