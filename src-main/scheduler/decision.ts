/** Which node for a pod: all predicates over the nodes, then all priorities over those that fit. */
import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { Random } from '../lib/random.ts'
import { filterNodes, type Filtered, type Refusal, type SearchLimits, type Unseen } from './filter-nodes.ts'
import { FilterRun } from './filter-run.ts'
import type { Refuser, Snapshot } from './framework.ts'
import type { NodeInfo } from './node-info.ts'
import type { Plugins, WeightedPriority } from './plugins.ts'
import type { Resources } from './resources.ts'

/** One priority's view of the feasible nodes, in their order. */
export interface Scores {
  readonly priority: string
  readonly weight: number
  readonly raw: readonly number[]
  /** 0–100. */
  readonly normalised: readonly number[]
}

/** What a node had when it was scored. */
export interface NodeFigures {
  readonly allocatable: Resources
  readonly requested: Resources
}

/** All that led to the choice, for whoever asks why. */
export interface Decision {
  readonly nodes: number
  readonly looked: number
  readonly refusals: readonly Refusal[]
  readonly unseen: Unseen | undefined
  /** Names; scores are in this order. */
  readonly feasible: readonly string[]
  readonly figures: readonly NodeFigures[]
  readonly scores: readonly Scores[]
  readonly totals: readonly number[]
  /** Undefined: no node fits. */
  readonly chosen: string | undefined
  /** The nodes with the best total, among which chance decided. */
  readonly tied: readonly string[]
}

export interface DecideOptions extends SearchLimits {
  readonly plugins: Plugins
  readonly random: Random
}

export interface Decided {
  readonly decision: Decision
  readonly refusedBy: readonly Refuser[]
  readonly run: FilterRun
  readonly looked: number
}

/** Rules outside of this thread, which take part after the predicates and beside the priorities. */
export interface OutsideRules {
  filter(pod: Live<Pod>, filtered: Filtered): Promise<Filtered>
  /** Undefined entries are rules that had to be bypassed. */
  score(pod: Live<Pod>, feasible: readonly NodeInfo[]): Promise<Scores[]>
}

export function decide(pod: Live<Pod>, snapshot: Snapshot, options: DecideOptions): Decided {
  const run = new FilterRun(pod, snapshot, options.plugins.predicates)
  const filtered = filterNodes(pod, run, snapshot, options)
  const { feasible } = filtered
  const scores = feasible.length < 2 ? [] : scoreNodes(pod, snapshot, feasible, options.plugins.priorities)
  return conclude(run, filtered, scores, snapshot, options.random)
}

/** The same with rules that must be waited for. The snapshot stays what it was when the cycle began. */
export async function decideWithOutside(
  pod: Live<Pod>,
  snapshot: Snapshot,
  options: DecideOptions,
  outside: OutsideRules,
): Promise<Decided> {
  const run = new FilterRun(pod, snapshot, options.plugins.predicates)
  const first = filterNodes(pod, run, snapshot, options)
  let filtered = await outside.filter(pod, first)
  // Where room was made will not do after all: any other node may.
  if (first.isNominated && filtered.feasible.length === 0)
    filtered = await outside.filter(pod, filterNodes(pod, run, snapshot, { ...options, everywhere: true }))
  const { feasible } = filtered
  const scores =
    feasible.length < 2
      ? []
      : [...scoreNodes(pod, snapshot, feasible, options.plugins.priorities), ...(await outside.score(pod, feasible))]
  return conclude(run, filtered, scores, snapshot, options.random)
}

export function scoreNodes(
  pod: Live<Pod>,
  snapshot: Snapshot,
  feasible: readonly NodeInfo[],
  priorities: readonly WeightedPriority[],
): Scores[] {
  return priorities.flatMap(({ priority, weight }) => {
    const prepared = priority.prepare(pod, snapshot, feasible)
    if (prepared === undefined) return []
    const { key } = prepared
    const score = (node: NodeInfo): number => prepared.score(node)
    const memory = key === undefined ? undefined : snapshot.memory.of<number>(priority, key)
    const raw = feasible.map(memory === undefined ? score : (node) => memory.of(node, score))
    const normalised = prepared.normalise?.(raw, feasible) ?? raw
    return [{ priority: priority.name, weight, raw, normalised }]
  })
}

function conclude(
  run: FilterRun,
  filtered: Filtered,
  scores: readonly Scores[],
  { nodes }: Snapshot,
  random: Random,
): Decided {
  const { feasible, refusals, unseen, looked, refusedBy } = filtered
  const totals = new Array<number>(feasible.length).fill(0)
  for (const { weight, normalised } of scores)
    for (let index = 0; index < totals.length; index++)
      totals[index] = (totals[index] ?? 0) + weight * (normalised[index] ?? 0)
  const names = feasible.map(({ name }) => name)
  const decision = {
    ...{ nodes: nodes.length, looked, refusals, unseen, scores, totals },
    feasible: names,
    figures: feasible,
    ...pick(names, totals, random),
  }
  return { decision, refusedBy, run, looked }
}

/** One of the best, each with the same chance. */
function pick(
  feasible: readonly string[],
  totals: readonly number[],
  random: Random,
): { chosen: string | undefined; tied: readonly string[] } {
  let best = -Infinity
  let tied: string[] = []
  feasible.forEach((name, index) => {
    const total = totals[index] ?? 0
    if (total > best) {
      best = total
      tied = [name]
    } else if (total === best) tied.push(name)
  })
  return { chosen: tied.length < 2 ? tied[0] : tied[random.integer(tied.length)], tied }
}

/** `2 Insufficient cpu, 1 Too many pods`, sorted. */
export const countedText = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ')

/** Why no node fits, in Kubernetes' words: how many nodes for each reason, and what preemption had to say. */
export function refusalMessage({ nodes, refusals, unseen }: Decision, preemption?: string): string {
  if (nodes === 0) return 'no nodes available to schedule pods'
  const counts = new Map<string, number>()
  const count = (reason: string, by: number): void => void counts.set(reason, (counts.get(reason) ?? 0) + by)
  // Most nodes share their list of reasons with many others.
  const lists = new Map<readonly string[], number>()
  for (const { reasons } of refusals) lists.set(reasons, (lists.get(reasons) ?? 0) + 1)
  for (const [reasons, nodesWith] of lists) for (const reason of reasons) count(reason, nodesWith)
  if (unseen !== undefined && !unseen.wholePod) count(unseen.reason, unseen.count)
  const why = unseen?.wholePod === true ? unseen.reason : countedText(counts)
  const reasons = why === '' ? '' : ` ${why}.`
  const after = preemption === undefined ? '' : ` ${preemption}`
  return `0/${nodes} nodes are available:${reasons}${after}`
}
