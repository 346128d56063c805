/** A pod that says that it is about to be disrupted, and is still there after a while, takes that back. */
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { findCondition, withCondition } from '../../api/meta/conditions.ts'
import type { Live } from '../../api/meta/object.ts'
import { isTerminated, isTerminating } from '../../api/meta/pod.ts'
import type { Pod, PodCondition } from '../../api/types/core-v1.ts'
import { runController, type ReconcileResult } from '../../client/controller.ts'
import { watchOwn } from '../../client/controller-sources.ts'
import { timestamp } from '../../lib/clock.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { deletionTimeoutMs } from './plan.ts'

const conditionType = 'DisruptionTarget'

export function startStaleDisruptionController(context: ControllerContext): Disposable {
  const { client, informers, clock, random, log, probe } = context
  const pods = informers.of(podKind)
  return runController({
    name: 'stale-pod-disruption',
    kind: podKind,
    sources: [watchOwn(pods, isDisrupted)],
    async reconcile(key, { cause }): Promise<ReconcileResult> {
      const pod = pods.lister.byKey(key)
      if (pod === undefined || !isDisrupted(pod)) return undefined
      const leftMs = staleInMs(pod, clock.now())
      if (leftMs > 0) return { requeueAfterMs: leftMs }
      const next = { type: conditionType, status: 'False' }
      const { conditions } = withCondition<PodCondition>(pod.status?.conditions, next, timestamp(clock.now()))
      const status = { ...pod.status, conditions }
      await client.update(podKind, { ...pod, status }, { subresource: 'status', cause })
      return undefined
    },
    clock,
    random,
    log,
    probe,
  })
}

const isDisrupted = (pod: Live<Pod>): boolean =>
  !isTerminating(pod) && !isTerminated(pod) && findCondition(pod.status?.conditions, conditionType)?.status === 'True'

function staleInMs({ status }: Pod, nowMs: number): number {
  const since = findCondition(status?.conditions, conditionType)?.lastTransitionTime
  return since === undefined ? 0 : Date.parse(since) + deletionTimeoutMs - nowMs
}
