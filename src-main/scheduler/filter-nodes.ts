/** The nodes that a pod fits, as many as are wanted, and why the others do not do. */
import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { FilterRun } from './filter-run.ts'
import type { Refuser, Snapshot } from './framework.ts'
import type { NodeInfo } from './node-info.ts'

export interface Refusal {
  readonly node: string
  readonly predicate: string
  readonly code: 'unschedulable' | 'unresolvable'
  readonly reasons: readonly string[]
}

/** Nodes that need not be looked at, since something about the pod rules them out. */
export interface Unseen {
  readonly count: number
  readonly predicates: readonly string[]
  readonly reason: string
  /** The reason concerns the pod alone: it is told without a count. */
  readonly wholePod: boolean
}

export interface Filtered {
  readonly feasible: readonly NodeInfo[]
  readonly refusals: readonly Refusal[]
  readonly unseen: Unseen | undefined
  /** Who refused a node. */
  readonly refusedBy: readonly Refuser[]
  /** How many nodes were examined: the next search begins after them. */
  readonly looked: number
  /** Only the node was looked at on which room was made for the pod. */
  readonly isNominated?: boolean
}

export interface SearchLimits {
  /** Where the search among the nodes begins, and how many that fit are enough. */
  readonly start: number
  readonly enough: number
  /** Also when room was made for the pod on a node. */
  readonly everywhere?: boolean
}

/** Scoring every node of a large cluster takes longer than the choice is worth. `percentage` 0: by the cluster's size. */
export function enoughNodes(nodes: number, percentage = 0): number {
  if (nodes < 100) return nodes
  const percent = percentage === 0 ? Math.max(5, 50 - Math.floor(nodes / 125)) : percentage
  return Math.min(nodes, Math.max(100, Math.floor((nodes * percent) / 100)))
}

export function filterNodes(pod: Live<Pod>, run: FilterRun, snapshot: Snapshot, limits: SearchLimits): Filtered {
  const { nodes } = snapshot
  if (run.whole !== undefined) {
    const { predicate, reasons } = run.whole
    const unseen = {
      count: nodes.length,
      predicates: [predicate.name],
      reason: reasons.join(', '),
      wholePod: true,
    }
    return { feasible: [], refusals: [], unseen, refusedBy: [predicate], looked: 0 }
  }
  // Room was made for the pod there: no other node is worth a look as long as that one does.
  const nominated = limits.everywhere === true ? undefined : snapshot.nodeNamed(pod.status?.nominatedNodeName ?? '')
  if (nominated !== undefined && run.refusal(nominated) === undefined)
    return { feasible: [nominated], refusals: [], unseen: undefined, refusedBy: [], looked: 0, isNominated: true }
  if (run.only === undefined) return { ...search(run, nodes, limits), unseen: undefined }
  const { names, predicates } = run.only
  const candidates = [...names].flatMap((name) => snapshot.nodeNamed(name) ?? [])
  const found = search(run, candidates, { start: 0, enough: limits.enough })
  const count = nodes.length - candidates.length
  const narrowing = predicates.map(({ name }) => name).sort()
  const reason = `node(s) didn't satisfy plugin(s) [${narrowing.join(' ')}]`
  return {
    ...found,
    unseen: count === 0 ? undefined : { count, predicates: narrowing, reason, wholePod: false },
    refusedBy: [...new Set([...found.refusedBy, ...predicates])],
    looked: 0,
  }
}

function search(
  run: FilterRun,
  nodes: readonly NodeInfo[],
  { start, enough }: SearchLimits,
): Omit<Filtered, 'unseen' | 'isNominated'> {
  const feasible: NodeInfo[] = []
  const refusals: Refusal[] = []
  const refusedBy = new Set<Refuser>()
  let looked = 0
  for (; looked < nodes.length && feasible.length < enough; looked++) {
    const node = nodes[(start + looked) % nodes.length]
    if (node === undefined) continue
    const refusal = run.refusal(node)
    if (refusal === undefined) feasible.push(node)
    else {
      refusedBy.add(refusal.refuser)
      refusals.push(refusal)
    }
  }
  return { feasible, refusals, refusedBy: [...refusedBy], looked }
}
