/** Says on a pod that it is about to be removed, and by whom, before it is: its Job may count that apart. */
import { withCondition, type ConditionChange } from '../api/meta/conditions.ts'
import type { Live } from '../api/meta/object.ts'
import type { Pod, PodCondition } from '../api/types/core-v1.ts'
import { timestamp } from '../lib/clock.ts'

/** The pod's conditions with `DisruptionTarget` in its place. Source: KEP-3329. */
export function disruptedConditions(
  { metadata, status }: Live<Pod>,
  why: { readonly reason: string; readonly message: string },
  nowMs: number,
): ConditionChange<PodCondition> {
  const { generation } = metadata
  const observed = generation === undefined ? {} : { observedGeneration: generation }
  const next = { type: 'DisruptionTarget', status: 'True', ...why, ...observed }
  return withCondition<PodCondition>(status?.conditions, next, timestamp(nowMs))
}
