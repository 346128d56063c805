/** Since when, and how soon: the times behind a pod's readiness. */
import { podCondition } from '../api/meta/pod.ts'
import type { Pod } from '../api/types/core-v1.ts'

/** When the pod became ready, in Unix milliseconds; undefined when it is not. */
export function readySince(pod: Pod): number | undefined {
  const ready = podCondition(pod, 'Ready')
  if (ready?.status !== 'True') return undefined
  return ready.lastTransitionTime === undefined ? 0 : Date.parse(ready.lastTransitionTime)
}

/** Milliseconds until a ready pod counts as available; 0 when it does already, undefined when it is not ready. */
export function availableInMs(pod: Pod, minReadySeconds: number, nowMs: number): number | undefined {
  const since = readySince(pod)
  if (since === undefined) return undefined
  if (minReadySeconds === 0) return 0
  return Math.max(0, since + minReadySeconds * 1000 - nowMs)
}
