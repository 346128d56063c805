/** What a ReplicaSet needs next, decided from the set and its pods alone. */
import type { Live } from '../../api/meta/object.ts'
import { isPodActive, isPodReady, isTerminated, isTerminating } from '../../api/meta/pod.ts'
import type { ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from '../../api/types/apps-v1.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { timestamp } from '../../lib/clock.ts'
import { availableInMs } from '../pod-readiness.ts'
import { deletionOrder } from './deletion-order.ts'

/** At most so many pods are created or deleted in one go. */
const burst = 500

export interface ReplicaSetObserved {
  readonly replicaSet: Live<ReplicaSet>
  /** The pods that the set controls, in any state. */
  readonly pods: readonly Live<Pod>[]
  /** Active pods of all ReplicaSets with the same owner. */
  readonly related: readonly Pod[]
  readonly nowMs: number
}

export interface ReplicaSetPlan {
  readonly create: number
  readonly remove: readonly Live<Pod>[]
  /** Until a pod that is ready now has been so for minReadySeconds. */
  readonly requeueAfterMs: number | undefined
}

export function planReplicaSet({ replicaSet, pods, related, nowMs }: ReplicaSetObserved): ReplicaSetPlan {
  const requeueAfterMs = nextAvailableMs(replicaSet, pods, nowMs)
  if (replicaSet.metadata.deletionTimestamp !== undefined) return { create: 0, remove: [], requeueAfterMs }
  const active = pods.filter(isPodActive)
  const missing = (replicaSet.spec?.replicas ?? 1) - active.length
  return {
    create: Math.max(0, Math.min(missing, burst)),
    remove: missing < 0 ? deletionOrder(active, related, nowMs).slice(0, Math.min(-missing, burst)) : [],
    requeueAfterMs,
  }
}

function nextAvailableMs(replicaSet: ReplicaSet, pods: readonly Pod[], nowMs: number): number | undefined {
  const minReadySeconds = replicaSet.spec?.minReadySeconds ?? 0
  const waits = pods
    .filter(isPodActive)
    .map((pod) => availableInMs(pod, minReadySeconds, nowMs) ?? 0)
    .filter((wait) => wait > 0)
  return waits.length === 0 ? undefined : Math.min(...waits)
}

/** `failure` is the message of a create or delete that was refused in this round. */
export interface ReplicaFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete'
  readonly message: string
}

export function replicaSetStatus(
  { replicaSet, pods, nowMs }: ReplicaSetObserved,
  failure: ReplicaFailure | undefined,
): ReplicaSetStatus {
  const minReadySeconds = replicaSet.spec?.minReadySeconds ?? 0
  const templateLabels = Object.entries(replicaSet.spec?.template?.metadata?.labels ?? {})
  const active = pods.filter(isPodActive)
  const labelled = (pod: Pod): boolean =>
    templateLabels.every(([name, value]) => pod.metadata?.labels?.[name] === value)
  const conditions = failureConditions(replicaSet.status?.conditions ?? [], failure, nowMs)
  return {
    replicas: active.length,
    fullyLabeledReplicas: active.filter(labelled).length,
    readyReplicas: active.filter(isPodReady).length,
    availableReplicas: active.filter((pod) => availableInMs(pod, minReadySeconds, nowMs) === 0).length,
    terminatingReplicas: pods.filter((pod) => isTerminating(pod) && !isTerminated(pod)).length,
    observedGeneration: replicaSet.metadata.generation ?? 0,
    ...(conditions.length === 0 ? {} : { conditions }),
  }
}

function failureConditions(
  previous: readonly ReplicaSetCondition[],
  failure: ReplicaFailure | undefined,
  nowMs: number,
): ReplicaSetCondition[] {
  const others = previous.filter((condition) => condition.type !== 'ReplicaFailure')
  if (failure === undefined) return others
  const known = previous.find((condition) => condition.type === 'ReplicaFailure')
  if (known?.reason === failure.reason) return [...others, known]
  const lastTransitionTime = timestamp(nowMs)
  return [...others, { type: 'ReplicaFailure', status: 'True', ...failure, lastTransitionTime }]
}
