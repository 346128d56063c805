import type { Pod } from '../api/types/core-v1.ts'
import type { Action, Plan, PlanInput } from './actions.ts'
import { graceOf } from './grace.ts'
import { containerEntries } from './pod-containers.ts'
import type { ObservedContainer } from './runtime/runtime.ts'

/** A pod that ends: first its containers, then its sidecars, then the sandbox; when it is gone, everything is removed. */
export function planEnd(input: PlanInput): Plan {
  const { observed, busy, gone, pod } = input
  const sidecars = new Set(
    containerEntries(pod.spec)
      .filter(({ sidecar }) => sidecar)
      .map(({ container }) => container.name),
  )
  const running = observed.containers.filter(({ state }) => state === 'running')
  const main = running.filter(({ identity }) => !sidecars.has(identity.container))
  if (running.length > 0) {
    const targets = main.length > 0 ? main : running
    return {
      actions: targets.filter((one) => !busy.has(one.identity.container)).map((one) => kill(input, one)),
      wakeAt: undefined,
    }
  }
  // An action that is under way may still bring a container up.
  if (busy.size > 0) return { actions: [], wakeAt: undefined }
  const sandboxes: Action[] = observed.sandboxes
    .filter(({ state }) => state === 'running')
    .map((target) => ({ type: 'stop-sandbox', target }))
  if (sandboxes.length > 0 || !gone) return { actions: sandboxes, wakeAt: undefined }
  const removals: Action[] = [...observed.containers, ...observed.sandboxes].map((target) => ({
    type: 'remove',
    target,
  }))
  return { actions: removals, wakeAt: undefined }
}

/** Nothing of the pod runs any more, and nothing is about to. */
export function hasEnded({ observed, busy }: Pick<PlanInput, 'observed' | 'busy'>): boolean {
  const all = [...observed.containers, ...observed.sandboxes]
  return busy.size === 0 && all.every(({ state }) => state !== 'running')
}

function kill({ pod, now, gone }: PlanInput, target: ObservedContainer): Action {
  return { type: 'kill-container', target, graceSeconds: gone ? 1 : remainingGrace(pod, now), why: '' }
}

/** What is left of the grace period: `deletionTimestamp` is when it ends. */
function remainingGrace(pod: Pod, now: number): number {
  const { metadata } = pod
  const ends = metadata?.deletionTimestamp
  if (ends === undefined) return graceOf(pod)
  const left = Math.ceil((Date.parse(ends) - now) / 1000)
  return Math.max(1, Math.min(left, metadata?.deletionGracePeriodSeconds ?? left))
}
