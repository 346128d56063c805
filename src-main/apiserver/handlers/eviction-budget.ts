/** What a disruption budget says to one eviction. */
import { forbiddenRequest, tooManyRequests, StatusError } from '../../api/errors.ts'
import { withCondition } from '../../api/meta/conditions.ts'
import type { DynamicObject, Live } from '../../api/meta/object.ts'
import type { Condition, StatusCause } from '../../api/types/meta-v1.ts'
import type { PodDisruptionBudget } from '../../api/types/policy-v1.ts'
import { timestamp } from '../../lib/clock.ts'

/** More evictions than this that the controller has not seen yet are no longer kept track of. */
const disruptedPodsLimit = 2000
const words = "Cannot evict pod as it would violate the pod's disruption budget."
const budgets = { group: 'policy', plural: 'poddisruptionbudgets' }

/** A pod that is not healthy takes nothing from a budget that lets such pods go (KEP-3017). */
export function mayGoUnasked({ spec, status }: PodDisruptionBudget, podIsReady: boolean): boolean {
  if (podIsReady) return false
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {}
  return currentHealthy >= desiredHealthy && desiredHealthy > 0
}

/** The budget after one more eviction. Throws a StatusError when it allows none. */
export function takeDisruption(budget: Live<PodDisruptionBudget>, podName: string, nowMs: number): DynamicObject {
  const { metadata, status = {} } = budget
  const { name, generation = 0 } = metadata
  const { disruptionsAllowed = 0, disruptedPods = {}, observedGeneration = 0 } = status
  if (observedGeneration < generation) throw stillProcessed(name)
  if (disruptionsAllowed < 0) throw forbiddenRequest(budgets, name, 'pdb disruptions allowed is negative')
  if (Object.keys(disruptedPods).length > disruptedPodsLimit) {
    const text = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller'
    throw forbiddenRequest(budgets, name, text)
  }
  if (disruptionsAllowed === 0) throw noneLeft(budget)
  const left = disruptionsAllowed - 1
  const none = { type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', message: '' }
  const { conditions } =
    left > 0
      ? { conditions: status.conditions ?? [] }
      : withCondition<Condition>(status.conditions, { ...none, observedGeneration }, timestamp(nowMs))
  // No claim on a version: what counts is what stands there when it is written.
  const { resourceVersion: _resourceVersion, ...meta } = metadata
  const pods = { ...disruptedPods, [podName]: timestamp(nowMs) }
  const after = { ...status, conditions, disruptionsAllowed: left, disruptedPods: pods }
  return { ...budget, metadata: meta, status: after } as unknown as DynamicObject
}

function noneLeft({ metadata: { name }, status }: Live<PodDisruptionBudget>): StatusError {
  const { desiredHealthy = 0, currentHealthy = 0, conditions } = status ?? {}
  const failed = conditions?.find(({ type, reason }) => type === 'DisruptionAllowed' && reason === 'SyncFailed')
  return refused(
    failed === undefined
      ? `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
      : `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${failed.message}`,
    0,
  )
}

/** The controller has not counted yet, or something has just changed: the client may try again soon. */
export const stillProcessed = (name: string): StatusError =>
  refused(`The disruption budget ${name} is still being processed by the server.`, 10)

function refused(message: string, retryAfterSeconds: number): StatusError {
  const cause: StatusCause = { reason: 'DisruptionBudget', message }
  const { code, reason, details } = tooManyRequests(words, retryAfterSeconds)
  const { retryAfterSeconds: after, ...rest } = details ?? {}
  const retry = after === undefined || after === 0 ? {} : { retryAfterSeconds: after }
  return new StatusError(code, reason, words, { ...rest, ...retry, causes: [cause] })
}
