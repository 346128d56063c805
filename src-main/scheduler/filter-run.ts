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
  /** What every verdict depends on beside the node and those who hope for it; undefined: on more than can be said. */
  readonly key: string | undefined
  readonly predicates: readonly Predicate[]
  private readonly prepared: readonly Prepared[]
  /** How many predicates come first that look at nothing but the node. */
  private readonly leading: number
  private readonly early: NodeMemory<NamedRefusal | undefined> | undefined
  private readonly named = new Map<Refused, NodeMemory<NamedRefusal>>()
  /** Pods that are to come to a node and matter no less than this one, by the node's place. */
  private readonly rivals: readonly (readonly Live<Pod>[] | undefined)[] | undefined
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
    const key = JSON.stringify(keys)
    this.key = end === -1 ? key : undefined
    // Where few nodes are looked at, there is little to remember.
    if (names === undefined && this.leading > 0) this.early = snapshot.memory.of(predicates, key)
    this.rivals = rivalsByPlace(pod, snapshot)
  }

  /** What keeps the pod off the node, also when the pods for which room is being made there had come already. */
  refusal(node: NodeInfo): NamedRefusal | undefined {
    const rivals = this.rivals === undefined ? undefined : this.rivalsOn(node)
    if (rivals === undefined) return this.first(node)
    let crowded = node
    for (const rival of rivals) {
      this.arrives(rival, node)
      crowded = withPod(crowded, rival)
    }
    const refusal = this.first(crowded)
    for (const rival of rivals) this.leaves(rival, node)
    return refusal ?? this.first(node)
  }

  /** Pods that are to come to the node and matter no less than this one. */
  rivalsOn({ name, place }: NodeInfo): readonly Live<Pod>[] | undefined {
    if (this.rivals === undefined) return undefined
    return place < 0 ? rivalsAmong(this.pod, this.snapshot.nominated.get(name)) : this.rivals[place]
  }

  /** From now on the predicates reckon with one more pod on the node. */
  arrives(other: Live<Pod>, node: NodeInfo): void {
    for (const { prepared } of this.prepared) prepared.suppose?.(other, node, 1)
  }

  /** From now on the predicates reckon without that pod of the node. */
  leaves(other: Live<Pod>, node: NodeInfo): void {
    for (const { prepared } of this.prepared) prepared.suppose?.(other, node, -1)
  }

  private first(node: NodeInfo): NamedRefusal | undefined {
    const early = this.early === undefined ? this.lead(node) : this.early.of(node, this.lead)
    if (early !== undefined || this.leading === this.prepared.length) return early
    for (let index = this.leading; index < this.prepared.length; index++) {
      const one = this.prepared[index]
      const verdict = one?.prepared.check(node)
      if (one === undefined || verdict === undefined || verdict.fits) continue
      return this.nameOf(one.predicate, verdict).of(node, (refused) => named(one.predicate, verdict, refused))
    }
    return undefined
  }

  private readonly lead = (node: NodeInfo): NamedRefusal | undefined => {
    for (let index = 0; index < this.leading; index++) {
      const one = this.prepared[index]
      const verdict = one?.prepared.check(node)
      if (one !== undefined && verdict?.fits === false) return named(one.predicate, verdict, node)
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

function rivalsAmong(pod: Live<Pod>, hopeful: readonly Live<Pod>[] = []): readonly Live<Pod>[] | undefined {
  const priority = pod.spec?.priority ?? 0
  const rivals = hopeful.filter(
    ({ metadata, spec }) => metadata.uid !== pod.metadata.uid && (spec?.priority ?? 0) >= priority,
  )
  return rivals.length === 0 ? undefined : rivals
}

function rivalsByPlace(pod: Live<Pod>, snapshot: Snapshot): (readonly Live<Pod>[] | undefined)[] | undefined {
  if (snapshot.nominated.size === 0) return undefined
  const places = new Array<readonly Live<Pod>[] | undefined>(snapshot.nodes.length)
  for (const [name, hopeful] of snapshot.nominated) {
    const place = snapshot.nodeNamed(name)?.place ?? -1
    if (place >= 0) places[place] = rivalsAmong(pod, hopeful)
  }
  return places
}
