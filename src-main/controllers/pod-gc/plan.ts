/** Which pods nobody else will remove, and what is written on them before they go. */
import { isConditionTrue } from '../../api/meta/conditions.ts'
import type { Live } from '../../api/meta/object.ts'
import { isTerminated, isTerminating } from '../../api/meta/pod.ts'
import type { Node, Pod, PodStatus } from '../../api/types/core-v1.ts'
import { disruptedConditions } from '../disruption-target.ts'

export type Fate = 'stays' | 'unscheduled' | 'outOfService' | 'orphaned'

/** What becomes of a pod whose node is as given; `orphaned` holds only once the node has been missed for long enough. */
export function fateOf(pod: Pod, node: Node | undefined): Fate {
  const nodeName = pod.spec?.nodeName ?? ''
  if (nodeName === '') return isTerminating(pod) ? 'unscheduled' : 'stays'
  if (node === undefined) return 'orphaned'
  return isTerminating(pod) && isOutOfService(node) ? 'outOfService' : 'stays'
}

/** Somebody vouches that the node is off for good, and it does not say otherwise itself. Source: KEP-2268. */
export const isOutOfService = ({ spec, status }: Node): boolean =>
  !isConditionTrue(status?.conditions, 'Ready') &&
  (spec?.taints ?? []).some(({ key }) => key === 'node.kubernetes.io/out-of-service')

const orphaned = { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' }

/** What the status of a pod needs before the pod goes: whoever owns it shall see how it ended. Undefined: nothing. */
export function finalStatus(pod: Live<Pod>, fate: Fate, nowMs: number): PodStatus | undefined {
  if (isTerminated(pod)) return undefined
  const { generation } = pod.metadata
  return {
    phase: 'Failed',
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(fate === 'orphaned' ? { conditions: disruptedConditions(pod, orphaned, nowMs).conditions } : {}),
  }
}

/** The pods that are too many among those that have ended: evicted ones first, then the oldest. */
export function endedTooMany(ended: readonly Live<Pod>[], limit: number): Live<Pod>[] {
  const excess = ended.length - limit
  return excess <= 0 ? [] : ended.toSorted(byEvictionAndAge).slice(0, excess)
}

const isEvicted = ({ status }: Pod): boolean => status?.phase === 'Failed' && status.reason === 'Evicted'

function byEvictionAndAge(a: Live<Pod>, b: Live<Pod>): number {
  if (isEvicted(a) !== isEvicted(b)) return isEvicted(a) ? -1 : 1
  const younger = Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp)
  return younger !== 0 ? younger : a.metadata.name < b.metadata.name ? -1 : 1
}
