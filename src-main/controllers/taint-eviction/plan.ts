/** How long a pod may stay on a node that has taints with the effect NoExecute. */
import type { Taint, Toleration } from '../../api/types/core-v1.ts'
import { toleratesTaint } from '../../api/meta/tolerations.ts'

/** `no`: a taint is not tolerated. A number: for so many seconds from when the controller first saw pod and taints. */
export type Stay = 'no' | 'forever' | number

/** For each taint only the first toleration that covers it counts, as Kubernetes has it. */
export function stayOf(tolerations: readonly Toleration[] | undefined, taints: readonly Taint[] | undefined): Stay {
  const used = noExecute(taints).map((taint) => (tolerations ?? []).find((one) => toleratesTaint(one, taint)))
  if (used.includes(undefined)) return 'no'
  const limits = used.flatMap((toleration) => toleration?.tolerationSeconds ?? [])
  return limits.length === 0 ? 'forever' : Math.max(0, Math.min(...limits))
}

export const noExecute = (taints: readonly Taint[] | undefined): readonly Taint[] =>
  (taints ?? []).filter(({ effect }) => effect === 'NoExecute')

export type Step = 'nothing' | 'cancel' | 'cancelAndEvict' | { readonly evictInMs: number }

/**
 * What to do about a pod whose tolerations or whose node's taints changed. An eviction that already waits keeps its
 * time, however long the pod might stay by the new ones, unless it may stay for good or not at all.
 */
export function nextStep(isWaiting: boolean, stay: Stay): Step {
  if (stay === 'forever') return isWaiting ? 'cancel' : 'nothing'
  if (isWaiting) return stay === 'no' ? 'cancelAndEvict' : 'nothing'
  return { evictInMs: stay === 'no' ? 0 : stay * 1000 }
}
