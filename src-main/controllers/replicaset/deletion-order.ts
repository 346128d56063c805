/** Which pods go first when a ReplicaSet has too many. */
import type { Live } from '../../api/meta/object.ts'
import { isPodReady } from '../../api/meta/pod.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { readySince } from '../pod-readiness.ts'

const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost'
const phaseRank: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 }

function deletionCost(pod: Pod): number {
  const cost = Number(pod.metadata?.annotations?.[deletionCostAnnotation] ?? '0')
  return Number.isInteger(cost) ? cost : 0
}

/** Ages of the same order of magnitude count as equal, so that the newest are not always the ones to go. */
function ageBucket(sinceMs: number, nowMs: number): number {
  const seconds = (nowMs - sinceMs) / 1000
  return seconds <= 0 ? -1 : Math.floor(Math.log2(seconds) + 1)
}

const restartsOf = (pod: Pod): number =>
  (pod.status?.containerStatuses ?? []).reduce((sum, container) => sum + container.restartCount, 0)
const createdAt = (pod: Live<Pod>): number => Date.parse(pod.metadata.creationTimestamp)
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** How far a pod has come. */
const stage = (pod: Pod): { placed: number; phase: number; ready: number } => ({
  placed: pod.spec?.nodeName === undefined || pod.spec.nodeName === '' ? 0 : 1,
  phase: phaseRank[pod.status?.phase ?? 'Pending'] ?? 0,
  ready: isPodReady(pod) ? 1 : 0,
})

interface Ranked {
  readonly pod: Live<Pod>
  readonly ranks: readonly number[]
}

const sortByRanks = (ranked: Ranked[]): Live<Pod>[] =>
  ranked
    .sort((a, b) => {
      const place = a.ranks.findIndex((rank, index) => rank !== b.ranks[index])
      if (place >= 0) return (a.ranks[place] ?? 0) - (b.ranks[place] ?? 0)
      return compareText(a.pod.metadata.uid, b.pod.metadata.uid)
    })
    .map(({ pod }) => pod)

/** The facts of a pod in the order in which they decide; the smaller goes first. */
function ranks(pod: Live<Pod>, neighbours: number, nowMs: number): readonly number[] {
  const { placed, phase, ready } = stage(pod)
  return [
    placed,
    phase,
    ready,
    deletionCost(pod),
    -neighbours,
    ageBucket(readySince(pod) ?? nowMs, nowMs),
    -restartsOf(pod),
    ageBucket(createdAt(pod), nowMs),
  ]
}

/**
 * The pods, first to be deleted first: unassigned, pending, not ready, cheap, doubled up on a node, recently ready,
 * often restarted, new. `related` are the pods of every ReplicaSet with the same owner: they count as neighbours.
 */
export function deletionOrder(
  pods: readonly Live<Pod>[],
  related: readonly Pod[],
  nowMs: number,
): readonly Live<Pod>[] {
  const perNode = new Map<string, number>()
  for (const { spec } of related) {
    const node = spec?.nodeName ?? ''
    if (node !== '') perNode.set(node, (perNode.get(node) ?? 0) + 1)
  }
  return sortByRanks(pods.map((pod) => ({ pod, ranks: ranks(pod, perNode.get(pod.spec?.nodeName ?? '') ?? 0, nowMs) })))
}

/** Active pods, first to be deleted first, as the owners see it that know neither costs nor neighbours. */
export function activeOrder(pods: readonly Live<Pod>[]): readonly Live<Pod>[] {
  return sortByRanks(
    pods.map((pod) => {
      const { placed, phase, ready } = stage(pod)
      return { pod, ranks: [placed, phase, ready, -(readySince(pod) ?? 0), -restartsOf(pod), -createdAt(pod)] }
    }),
  )
}
