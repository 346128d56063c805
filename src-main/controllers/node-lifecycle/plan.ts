/** What a node's silence and its conditions mean: its conditions and its taints. */
import type { Live } from '../../api/meta/object.ts'
import type { Node, NodeCondition, Taint } from '../../api/types/core-v1.ts'
import { timestamp } from '../../lib/clock.ts'

const prefix = 'node.kubernetes.io/'
const notReady = `${prefix}not-ready`
const unreachable = `${prefix}unreachable`
const unschedulable = `${prefix}unschedulable`

/** Conditions that keep new pods away while they have this status. */
const conditionTaints: Readonly<Record<string, string>> = {
  MemoryPressure: `${prefix}memory-pressure`,
  DiskPressure: `${prefix}disk-pressure`,
  PIDPressure: `${prefix}pid-pressure`,
  NetworkUnavailable: `${prefix}network-unavailable`,
}
const ownKeys = new Set([notReady, unreachable, unschedulable, ...Object.values(conditionTaints)])

/** What a kubelet reports; without a word from it nobody knows. */
const heartbeatConditions = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']

export interface NodeObserved {
  readonly node: Live<Node>
  /** The kubelet has given no sign of life for longer than the grace time. */
  readonly silent: boolean
  /** False while it is more likely us who are cut off, or while other nodes of the zone go first. */
  readonly mayEvict: boolean
  readonly nowMs: number
}

export interface NodePlan {
  /** The new conditions, when some changed. */
  readonly conditions: NodeCondition[] | undefined
  /** The new taints, when some changed. */
  readonly taints: Taint[] | undefined
  /** The node is not ready: its pods serve nobody, whatever they said last. */
  readonly podsNotReady: boolean
}

export function planNode(observed: NodeObserved): NodePlan {
  const { node } = observed
  const conditions = observed.silent ? unknownConditions(observed) : undefined
  const current = conditions ?? node.status?.conditions ?? []
  const ready = statusOf(current, 'Ready')
  return {
    conditions,
    taints: changedTaints(observed, current),
    podsNotReady: ready !== undefined && ready !== 'True',
  }
}

const statusOf = (conditions: readonly NodeCondition[], type: string): string | undefined =>
  conditions.find((condition) => condition.type === type)?.status

function unknownConditions({ node, nowMs }: NodeObserved): NodeCondition[] | undefined {
  const now = timestamp(nowMs)
  const previous = node.status?.conditions ?? []
  const next = previous.map((condition) =>
    !heartbeatConditions.includes(condition.type) || condition.status === 'Unknown'
      ? condition
      : {
          ...condition,
          status: 'Unknown',
          reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.',
          lastTransitionTime: now,
        },
  )
  const missing = heartbeatConditions
    .filter((type) => statusOf(previous, type) === undefined)
    .map((type) => ({
      type,
      status: 'Unknown',
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
      lastHeartbeatTime: node.metadata.creationTimestamp,
      lastTransitionTime: now,
    }))
  const changed = missing.length > 0 || next.some((condition, index) => condition !== previous[index])
  return changed ? [...next, ...missing] : undefined
}

function changedTaints(
  { node, mayEvict, nowMs }: NodeObserved,
  conditions: readonly NodeCondition[],
): Taint[] | undefined {
  const existing = node.spec?.taints ?? []
  const others = existing.filter(({ key }) => !ownKeys.has(key))
  const own = existing.filter(({ key }) => ownKeys.has(key))
  const wanted = wantedTaints(node, conditions).filter(
    (taint) => taint.effect !== 'NoExecute' || mayEvict || own.some((known) => sameTaint(known, taint)),
  )
  const unchanged =
    wanted.length === own.length && wanted.every((taint) => own.some((known) => sameTaint(known, taint)))
  if (unchanged) return undefined
  const withTimes = wanted.map(
    (taint) => own.find((known) => sameTaint(known, taint)) ?? { ...taint, timeAdded: timestamp(nowMs) },
  )
  return [...others, ...withTimes]
}

const sameTaint = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect

function wantedTaints(node: Node, conditions: readonly NodeCondition[]): Taint[] {
  const taints: Taint[] = []
  const ready = statusOf(conditions, 'Ready')
  // A node that has not said anything yet is given no pods, but loses none either.
  if (ready === undefined) taints.push({ key: notReady, effect: 'NoSchedule' })
  const readyKey = ready === 'False' ? notReady : ready === 'Unknown' ? unreachable : undefined
  if (readyKey !== undefined)
    taints.push({ key: readyKey, effect: 'NoSchedule' }, { key: readyKey, effect: 'NoExecute' })
  for (const [type, key] of Object.entries(conditionTaints))
    if (statusOf(conditions, type) === 'True') taints.push({ key, effect: 'NoSchedule' })
  if (node.spec?.unschedulable === true) taints.push({ key: unschedulable, effect: 'NoSchedule' })
  return taints
}
