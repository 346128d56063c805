/** Keeps the number of pods that a ReplicaSet asks for. */
import { pod } from '../../api/kinds/core/pod.ts'
import { replicaSet } from '../../api/kinds/apps/replica-set.ts'
import { labelSelectorFrom } from '../../api/meta/label-selector.ts'
import { keyOf, type Live } from '../../api/meta/object.ts'
import { controllerOf } from '../../api/meta/owner-references.ts'
import { isPodActive, stableText } from '../../api/meta/pod.ts'
import type { ReplicaSet } from '../../api/types/apps-v1.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Informer } from '../../client/informer.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import { applyClaims, candidatesOf, controlledBy, indexByController, planClaims } from '../claims.ts'
import type { ControllerContext } from '../context.ts'
import { Expectations } from '../expectations.ts'
import { controllerKeyOf, meetExpectations } from '../pod-expectations.ts'
import { createPods, deletePods, podFromTemplate, PodControlError } from '../pod-control.ts'
import { planReplicaSet, replicaSetStatus, type ReplicaFailure, type ReplicaSetObserved } from './plan.ts'

interface Parts {
  readonly context: ControllerContext
  readonly replicaSets: Informer<ReplicaSet>
  readonly pods: Informer<Pod>
  readonly expectations: Expectations
}

export function startReplicaSetController(context: ControllerContext): Disposable {
  const { informers, clock, random, log, probe } = context
  const parts = {
    context,
    replicaSets: indexByController(informers.of(replicaSet)),
    pods: indexByController(informers.of(pod)),
    expectations: new Expectations(clock),
  }
  const started = new DisposableStack()
  started.use(meetExpectations(parts.pods, replicaSet.kind, parts.expectations))
  started.use(
    runController({
      name: 'replicaset',
      kind: replicaSet,
      sources: [watchOwn(parts.replicaSets), watchMapped(parts.pods, (one) => keysOfPod(parts, one))],
      workers: 5,
      reconcile: (key, reconcile) => reconcileReplicaSet(parts, key, reconcile),
      clock,
      random,
      log,
      probe,
    }),
  )
  return started
}

/** A pod without a controller may be for any ReplicaSet that selects it. */
function keysOfPod({ replicaSets }: Parts, one: Live<Pod>): string[] {
  if (controllerOf(one) !== undefined) {
    const key = controllerKeyOf(one, replicaSet.kind)
    return key === undefined ? [] : [key]
  }
  return replicaSets.lister
    .list(one.metadata.namespace)
    .filter(({ spec }) => labelSelectorFrom(spec?.selector).matches(one.metadata.labels))
    .map(keyOf)
}

async function reconcileReplicaSet(parts: Parts, key: string, { cause }: ReconcileContext): Promise<ReconcileResult> {
  const { context, replicaSets, pods, expectations } = parts
  const object = replicaSets.lister.byKey(key)
  if (object === undefined) {
    expectations.forget(key)
    return undefined
  }
  const claims = planClaims(object, labelSelectorFrom(object.spec?.selector), candidatesOf(pods, object))
  const { client } = context
  const owned = await applyClaims(claims, { client, ownerKind: replicaSet, owner: object, kind: pod, cause })
  const observed = { replicaSet: object, pods: owned, related: relatedPods(parts, object), nowMs: context.clock.now() }
  const waitMs = expectations.openForMs(key)
  const failure = waitMs > 0 ? undefined : await changePods(parts, key, observed, cause)
  await writeStatus(parts, observed, failure, cause)
  if (failure !== undefined) throw failure
  const again = [waitMs, planReplicaSet(observed).requeueAfterMs ?? 0].filter((ms) => ms > 0)
  return again.length === 0 ? undefined : { requeueAfterMs: Math.min(...again) }
}

function relatedPods({ replicaSets, pods }: Parts, object: Live<ReplicaSet>): Live<Pod>[] {
  const owner = controllerOf(object)
  const siblings = owner === undefined ? [object] : controlledBy(replicaSets, owner.uid)
  return siblings.flatMap((sibling) => controlledBy(pods, sibling.metadata.uid)).filter(isPodActive)
}

async function changePods(
  { context, expectations }: Parts,
  key: string,
  observed: ReplicaSetObserved,
  cause: ReconcileContext['cause'],
): Promise<PodControlError | undefined> {
  const { replicaSet: object } = observed
  const { create, remove } = planReplicaSet(observed)
  if (create === 0 && remove.length === 0) return undefined
  const removed = remove.map(({ metadata }) => metadata.uid)
  const owner = { kind: replicaSet, object, key, cause }
  const wanted = Array.from({ length: create }, () => podFromTemplate(object.spec?.template ?? {}, object, replicaSet))
  expectations.expect(key, create, removed)
  try {
    await createPods(context, owner, wanted, expectations)
    await deletePods(context, owner, remove, expectations)
    return undefined
  } catch (error) {
    if (error instanceof PodControlError) return error
    throw error
  }
}

async function writeStatus(
  { context }: Parts,
  observed: ReplicaSetObserved,
  error: PodControlError | undefined,
  cause: ReconcileContext['cause'],
): Promise<void> {
  const failure: ReplicaFailure | undefined =
    error === undefined ? undefined : { reason: error.code, message: error.message }
  const status = replicaSetStatus(observed, failure)
  const { replicaSet: object } = observed
  if (stableText(status) === stableText(object.status)) return
  await context.client.update(replicaSet, { ...object, status }, { subresource: 'status', cause })
}
