/** Which node for a pod: all predicates over all nodes, then all priorities over those that fit. */
import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { Random } from '../lib/random.ts'
import { type Predicate, type Snapshot, type Verdict } from './framework.ts'
import type { NodeInfo } from './node-info.ts'
import type { Plugins } from './plugins.ts'

export interface Refusal {
  readonly node: string
  readonly predicate: string
  readonly code: 'unschedulable' | 'unresolvable'
  readonly reasons: readonly string[]
}

/** One priority's view of the feasible nodes, in their order. */
export interface Scores {
  readonly priority: string
  readonly weight: number
  readonly raw: readonly number[]
  /** 0–100. */
  readonly normalised: readonly number[]
}

/** All that led to the choice, for whoever asks why. */
export interface Decision {
  readonly nodes: number
  readonly refusals: readonly Refusal[]
  /** Names; scores are in this order. */
  readonly feasible: readonly string[]
  readonly scores: readonly Scores[]
  readonly totals: readonly number[]
  /** Undefined: no node fits. */
  readonly chosen: string | undefined
  /** The nodes with the best total, among which chance decided. */
  readonly tied: readonly string[]
}

export interface DecisionWithCauses extends Decision {
  readonly refusedBy: readonly Predicate[]
}

export interface DecideOptions {
  readonly plugins: Plugins
  readonly random: Random
  /** Where the search among the nodes begins, and how many that fit are enough. */
  readonly start: number
  readonly enough: number
}

/** Scoring every node of a large cluster takes longer than the choice is worth. */
export function enoughNodes(nodes: number): number {
  if (nodes < 100) return nodes
  const percent = Math.max(5, 50 - Math.floor(nodes / 125))
  return Math.max(100, Math.floor((nodes * percent) / 100))
}

/** `looked` is how many nodes were examined: the next search begins after them. */
export function decide(
  pod: Live<Pod>,
  snapshot: Snapshot,
  { plugins, random, start, enough }: DecideOptions,
): { readonly decision: DecisionWithCauses; readonly looked: number } {
  const { feasible, refusals, refusedBy, looked } = filter(pod, snapshot, plugins.predicates, start, enough)
  const scores = feasible.length < 2 ? [] : score(pod, snapshot, feasible, plugins)
  const totals = feasible.map((_, index) =>
    scores.reduce((sum, { weight, normalised }) => sum + weight * (normalised[index] ?? 0), 0),
  )
  const { chosen, tied } = pick(feasible, totals, random)
  const names = feasible.map(({ name }) => name)
  const decision = { nodes: snapshot.nodes.length, refusals, feasible: names, scores, totals, chosen, tied, refusedBy }
  return { decision, looked }
}

function filter(
  pod: Live<Pod>,
  snapshot: Snapshot,
  predicates: readonly Predicate[],
  start: number,
  enough: number,
): { feasible: NodeInfo[]; refusals: Refusal[]; refusedBy: Predicate[]; looked: number } {
  const { nodes } = snapshot
  const prepared = predicates.flatMap((predicate) => {
    const check = predicate.prepare(pod, snapshot)
    return check === undefined ? [] : [{ predicate, check }]
  })
  const feasible: NodeInfo[] = []
  const refusals: Refusal[] = []
  const refusedBy = new Set<Predicate>()
  let looked = 0
  for (; looked < nodes.length && feasible.length < enough; looked++) {
    const node = nodes[(start + looked) % nodes.length]
    if (node === undefined) continue
    const refusal = firstRefusal(node, prepared)
    if (refusal === undefined) feasible.push(node)
    else {
      const { predicate, code, reasons } = refusal
      refusedBy.add(predicate)
      refusals.push({ node: node.name, predicate: predicate.name, code, reasons })
    }
  }
  return { feasible, refusals, refusedBy: [...refusedBy], looked }
}

type PreparedPredicate = { readonly predicate: Predicate; readonly check: (node: NodeInfo) => Verdict }

function firstRefusal(
  node: NodeInfo,
  prepared: readonly PreparedPredicate[],
): (Extract<Verdict, { fits: false }> & { readonly predicate: Predicate }) | undefined {
  for (const { predicate, check } of prepared) {
    const verdict = check(node)
    if (!verdict.fits) return { ...verdict, predicate }
  }
  return undefined
}

function score(pod: Live<Pod>, snapshot: Snapshot, feasible: readonly NodeInfo[], plugins: Plugins): Scores[] {
  return plugins.priorities.flatMap(({ priority, weight }) => {
    const prepared = priority.prepare(pod, snapshot, feasible)
    if (prepared === undefined) return []
    const raw = feasible.map((node) => prepared.score(node))
    const normalised = prepared.normalise?.(raw, feasible) ?? raw
    return [{ priority: priority.name, weight, raw, normalised }]
  })
}

/** One of the best, each with the same chance. */
function pick(
  feasible: readonly NodeInfo[],
  totals: readonly number[],
  random: Random,
): { chosen: string | undefined; tied: readonly string[] } {
  let best = -Infinity
  let tied: string[] = []
  feasible.forEach(({ name }, index) => {
    const total = totals[index] ?? 0
    if (total > best) {
      best = total
      tied = [name]
    } else if (total === best) tied.push(name)
  })
  return { chosen: tied.length < 2 ? tied[0] : tied[random.integer(tied.length)], tied }
}

/** Why no node fits, in Kubernetes' words: how many nodes for each reason. */
export function refusalMessage({ nodes, refusals }: Decision): string {
  if (nodes === 0) return 'no nodes available to schedule pods'
  const counts = new Map<string, number>()
  for (const reason of refusals.flatMap(({ reasons }) => reasons)) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort()
  return `0/${nodes} nodes are available: ${parts.join(', ')}.`
}
