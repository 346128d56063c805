/** When a pod has to leave a node that has taints with the effect NoExecute. */
import type { Pod, Taint } from '../../api/types/core-v1.ts'
import { toleratesTaint } from '../../api/meta/tolerations.ts'

/** `never`: it may stay. Otherwise Unix milliseconds, which may lie in the past. */
export type Departure = 'never' | number

/** A taint counts from when it was added, or, when it does not say so, from when it was first seen. */
export function departureOf(pod: Pod, taints: readonly Taint[], seenMs: number): Departure {
  const departures = taints
    .filter(({ effect }) => effect === 'NoExecute')
    .map((taint) => departureFor(pod, taint, seenMs))
  const times = departures.filter((departure) => departure !== 'never')
  return times.length === 0 ? 'never' : Math.min(...times)
}

function departureFor(pod: Pod, taint: Taint, seenMs: number): Departure {
  const matching = (pod.spec?.tolerations ?? []).filter((toleration) => toleratesTaint(toleration, taint))
  if (matching.length === 0) return seenMs
  const limits = matching.flatMap(({ tolerationSeconds }) =>
    tolerationSeconds === undefined ? [] : [tolerationSeconds],
  )
  if (limits.length === 0) return 'never'
  const since = taint.timeAdded === undefined ? seenMs : Date.parse(taint.timeAdded)
  return since + Math.max(0, Math.min(...limits)) * 1000
}
