/** Whether evicting less important pods would make room for a pod, where, and whom. */
import type { Live } from '../../api/meta/object.ts'
import { isTerminating } from '../../api/meta/pod.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { PreemptionLimits } from '../configuration/configuration.ts'
import { countedText } from '../decision.ts'
import type { Filtered } from '../filter-nodes.ts'
import type { FilterRun } from '../filter-run.ts'
import type { Snapshot } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'
import type { NodeMemory } from '../node-memory.ts'
import { findVictims, priorityOf, type Budget, type Candidate } from './victims.ts'

/** With more, telling their states apart costs more than it saves. */
const budgetsRemembered = 20

const notHelpful = 'Preemption is not helpful for scheduling'
const stillLeaving = 'not eligible due to a terminating pod on the nominated node.'
const noVictims = 'No preemption victims found for incoming pod'

export type PreemptionPlan =
  | { readonly candidates: readonly Candidate[] }
  /** `keeps`: where the pod hopes to go stays what it was. */
  | { readonly candidates?: never; readonly message: string; readonly keeps: boolean; readonly isError?: boolean }

/** Pods that are being evicted to make room for another. */
const isPreempted = ({ status }: Pod): boolean =>
  status?.conditions?.some(
    ({ type, status: is, reason }) =>
      type === 'DisruptionTarget' && is === 'True' && reason === 'PreemptionByScheduler',
  ) ?? false

/** Why the pod may not evict anybody now; undefined: it may. */
export function notEligible(pod: Live<Pod>, refusals: Filtered['refusals'], snapshot: Snapshot): string | undefined {
  if (pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const name = pod.status?.nominatedNodeName ?? ''
  const node = snapshot.nodeNamed(name)
  if (node === undefined) return undefined
  // Where room was made can no longer be used, or was not even looked at: another node may be tried.
  const refusal = refusals.find((one) => one.node === name)
  if (refusal === undefined || refusal.code === 'unresolvable') return undefined
  const waits = [...node.pods.values()].some(
    (other) => isTerminating(other) && priorityOf(other) < priorityOf(pod) && isPreempted(other),
  )
  return waits ? stillLeaving : undefined
}

type Found = ReturnType<typeof findVictims>

/** Whom a pod of one make would drive from a node is found out once, unless it depends on more than that node. */
function memoryFor(run: FilterRun, snapshot: Snapshot, budgets: readonly Budget[]): NodeMemory<Found> | undefined {
  if (run.key === undefined || budgets.length > budgetsRemembered) return undefined
  const key = JSON.stringify(['victims', run.key, budgets.map(({ id }) => id)])
  return snapshot.memory.of(run.predicates, key)
}

export interface PlanOptions {
  readonly budgets: readonly Budget[]
  readonly limits: PreemptionLimits
  /** Where the search begins, from 0 to 1: not always with the same nodes. */
  readonly offset: number
}

export function planPreemption(
  pod: Live<Pod>,
  filtered: Pick<Filtered, 'refusals' | 'unseen'>,
  run: FilterRun,
  snapshot: Snapshot,
  { budgets, limits, offset }: PlanOptions,
): PreemptionPlan {
  const why = notEligible(pod, filtered.refusals, snapshot)
  if (why !== undefined) return { message: `preemption: ${why}`, keeps: true }
  const possible = filtered.refusals.filter(({ code }) => code === 'unschedulable')
  const counts = new Map<string, number>()
  const count = (reason: string, by = 1): void => void counts.set(reason, (counts.get(reason) ?? 0) + by)
  const total = snapshot.nodes.length
  if (total > possible.length) count(notHelpful, total - possible.length)
  const wanted = Math.min(
    Math.max(
      Math.floor((possible.length * limits.minCandidateNodesPercentage) / 100),
      limits.minCandidateNodesAbsolute,
    ),
    possible.length,
  )
  const start = Math.floor(offset * possible.length)
  const candidates: Candidate[] = []
  // Only what is not a predicate, such as an extender, keeps the pod off such a node.
  let withoutVictims: string | undefined
  const find = (node: NodeInfo): Found => findVictims(pod, node, run, budgets)
  const memory = memoryFor(run, snapshot, budgets)
  const gentle = (): boolean => candidates.some(({ violations }) => violations === 0)
  for (let looked = 0; looked < possible.length; looked++) {
    // Enough, and one of them breaks no budget.
    if (candidates.length >= wanted && gentle()) break
    const refusal = possible[(start + looked) % possible.length]
    const node = snapshot.nodeNamed(refusal?.node ?? '')
    if (node === undefined) continue
    const isKnown = memory !== undefined && !run.hopesFor(node)
    const found = isKnown ? memory.of(node, find) : find(node)
    if (found === undefined) count(noVictims)
    else if ('victims' in found && found.victims.length === 0) withoutVictims ??= node.name
    else if ('victims' in found) candidates.push(found)
    else for (const reason of found.reasons) count(reason)
  }
  if (candidates.length > 0) return { candidates }
  if (withoutVictims !== undefined)
    return {
      message: `preemption: expected at least one victim pod on node ${JSON.stringify(withoutVictims)}`,
      keeps: true,
      isError: true,
    }
  return { message: `preemption: 0/${total} nodes are available: ${countedText(counts)}.`, keeps: false }
}
