/** How many pods of a disruption budget may be taken away, and what its status says of it. */
import { withCondition } from '../../api/meta/conditions.ts'
import type { Live } from '../../api/meta/object.ts'
import { isPodReady, isTerminating } from '../../api/meta/pod.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { Condition } from '../../api/types/meta-v1.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/types/policy-v1.ts'
import type { IntOrString } from '../../api/types/scalars.ts'
import { timestamp } from '../../lib/clock.ts'

/** An evicted pod that is still there after this time was not deleted after all. */
export const deletionTimeoutMs = 2 * 60_000
const conditionType = 'DisruptionAllowed'

export interface BudgetObserved {
  readonly budget: Live<PodDisruptionBudget>
  /** The pods that the budget selects. */
  readonly pods: readonly Live<Pod>[]
  /** How many pods their owners want altogether; only read where the budget counts from there. */
  readonly expectedScale: number
  readonly nowMs: number
}

export interface BudgetPlan {
  readonly status: PodDisruptionBudgetStatus
  /** Evicted pods that did not go. */
  readonly notDeleted: readonly Live<Pod>[]
  /** When evicted pods must be looked at again. */
  readonly recheckAfterMs: number | undefined
}

/** Whether the owners of the pods must be asked how many pods there should be. */
export const countsByScale = ({ spec }: PodDisruptionBudget): boolean =>
  spec?.maxUnavailable !== undefined || typeof spec?.minAvailable === 'string'

export function planBudget(observed: BudgetObserved): BudgetPlan {
  const { budget, pods, nowMs } = observed
  const { disruptedPods, notDeleted, recheckAfterMs } = disruptions(observed)
  const currentHealthy = pods.filter(
    (pod) => !isTerminating(pod) && disruptedPods[pod.metadata.name] === undefined && isPodReady(pod),
  ).length
  const { expectedPods, desiredHealthy } = expectations(observed)
  const spare = currentHealthy - desiredHealthy
  const disruptionsAllowed = expectedPods <= 0 || spare <= 0 ? 0 : spare
  const observedGeneration = budget.metadata.generation ?? 0
  const next = allowedCondition(disruptionsAllowed, observedGeneration)
  const { conditions } = withCondition<Condition>(budget.status?.conditions, next, timestamp(nowMs))
  const status = {
    ...{ observedGeneration, currentHealthy, desiredHealthy, expectedPods, disruptionsAllowed, conditions },
    ...(Object.keys(disruptedPods).length === 0 ? {} : { disruptedPods }),
  }
  return { status, notDeleted, recheckAfterMs }
}

/** The status of a budget whose expectations cannot be worked out: nothing may be taken away. */
export function failedStatus(
  { metadata, status }: Live<PodDisruptionBudget>,
  message: string,
  nowMs: number,
): PodDisruptionBudgetStatus {
  const observedGeneration = metadata.generation ?? 0
  const next = { type: conditionType, status: 'False', reason: 'SyncFailed', message, observedGeneration }
  const { conditions } = withCondition<Condition>(status?.conditions, next, timestamp(nowMs))
  return { ...status, observedGeneration, disruptionsAllowed: 0, conditions }
}

function allowedCondition(
  disruptionsAllowed: number,
  observedGeneration: number,
): Omit<Condition, 'lastTransitionTime'> {
  const enough = disruptionsAllowed > 0
  return {
    type: conditionType,
    status: enough ? 'True' : 'False',
    reason: enough ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    observedGeneration,
  }
}

function expectations({ budget, pods, expectedScale }: BudgetObserved): {
  expectedPods: number
  desiredHealthy: number
} {
  const { minAvailable, maxUnavailable } = budget.spec ?? {}
  if (maxUnavailable !== undefined) {
    const desiredHealthy = Math.max(0, expectedScale - scaled(maxUnavailable, expectedScale))
    return { expectedPods: expectedScale, desiredHealthy }
  }
  if (typeof minAvailable === 'string')
    return { expectedPods: expectedScale, desiredHealthy: scaled(minAvailable, expectedScale) }
  return { expectedPods: pods.length, desiredHealthy: minAvailable ?? 0 }
}

/** A count as it is; a share of the total, rounded up. */
function scaled(value: IntOrString, total: number): number {
  if (typeof value === 'number') return value
  return Math.ceil((Number(/^(\d+)%$/.exec(value)?.[1] ?? 0) * total) / 100)
}

/** Evictions that were granted and whose pods still stand: they count as gone for a while. */
function disruptions({ budget, pods, nowMs }: BudgetObserved): {
  disruptedPods: Record<string, string>
  notDeleted: Live<Pod>[]
  recheckAfterMs: number | undefined
} {
  const granted = budget.status?.disruptedPods ?? {}
  const disruptedPods: Record<string, string> = {}
  const notDeleted: Live<Pod>[] = []
  let recheckAfterMs: number | undefined
  for (const pod of pods) {
    const since = granted[pod.metadata.name]
    if (since === undefined || isTerminating(pod)) continue
    const leftMs = Date.parse(since) + deletionTimeoutMs - nowMs
    if (leftMs <= 0) notDeleted.push(pod)
    else {
      disruptedPods[pod.metadata.name] = since
      recheckAfterMs = Math.min(recheckAfterMs ?? Infinity, leftMs)
    }
  }
  return { disruptedPods, notDeleted, recheckAfterMs }
}
