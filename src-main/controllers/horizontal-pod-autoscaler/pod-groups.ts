/** Which pods count for a decision on replicas, and how. */
import { podCondition } from '../../api/meta/pod.ts'
import { isTerminating } from '../../api/meta/pod.ts'
import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'

/** What one pod uses, in thousandths. */
export interface PodUsage {
  readonly atMs: number
  readonly windowMs: number
  readonly milli: number
}

export interface PodGroups {
  /** Measured, and their measure is to be trusted. */
  readonly ready: ReadonlyMap<string, PodUsage>
  /** On their way up: what they use now says nothing of later. */
  readonly unready: ReadonlySet<string>
  /** Running, but nobody has measured them. */
  readonly missing: ReadonlySet<string>
}

export const noPods = 'no pods returned by selector while calculating replica count'

/** For so long after its start a pod's CPU usage may be that of starting up. */
const cpuInitializationMs = 5 * 60_000
/** A pod that became unready so soon after its start never was ready. */
const initialReadinessMs = 30_000

export function groupPods(
  pods: readonly Live<Pod>[],
  usages: ReadonlyMap<string, PodUsage>,
  resource: string,
  nowMs: number,
): PodGroups {
  const ready = new Map<string, PodUsage>()
  const unready = new Set<string>()
  const missing = new Set<string>()
  for (const pod of pods) {
    const { name } = pod.metadata
    if (isTerminating(pod) || pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') continue
    const usage = usages.get(name)
    if (pod.status?.phase === 'Pending') unready.add(name)
    else if (usage === undefined) missing.add(name)
    else if (resource === 'cpu' && isStarting(pod, usage, nowMs)) unready.add(name)
    else ready.set(name, usage)
  }
  return { ready, unready, missing }
}

function isStarting(pod: Pod, usage: PodUsage, nowMs: number): boolean {
  const ready = podCondition(pod, 'Ready')
  const { startTime } = pod.status ?? {}
  if (ready?.lastTransitionTime === undefined || startTime === undefined) return true
  const startedMs = Date.parse(startTime)
  const changedMs = Date.parse(ready.lastTransitionTime)
  if (startedMs + cpuInitializationMs > nowMs)
    return ready.status === 'False' || usage.atMs < changedMs + usage.windowMs
  return ready.status === 'False' && startedMs + initialReadinessMs > changedMs
}
