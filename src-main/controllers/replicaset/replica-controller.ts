/** Keeps the number of pods that a ReplicaSet, or something like it, asks for. */
import { pod } from '../../api/kinds/core/pod.ts'
import type { Kind } from '../../api/define-kind.ts'
import { labelSelectorFrom } from '../../api/meta/label-selector.ts'
import { keyOf, type KubernetesObject, type Live } from '../../api/meta/object.ts'
import { controllerOf } from '../../api/meta/owner-references.ts'
import { isPodActive } from '../../api/meta/pod.ts'
import type { ReplicaSet, ReplicaSetStatus } from '../../api/types/apps-v1.ts'
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
import { isStoredStatus } from '../stored-status.ts'
import { planReplicaSet, replicaSetStatus, type ReplicaFailure, type ReplicaSetObserved } from './plan.ts'

/** A kind that keeps replicas, and how it is read as a ReplicaSet. */
export interface ReplicaKind<T extends KubernetesObject> {
  /** For spans and logs. */
  readonly name: string
  readonly kind: Kind<T>
  readonly asReplicaSet: (object: Live<T>) => Live<ReplicaSet>
  readonly withStatus: (object: Live<T>, status: ReplicaSetStatus) => Live<T>
}

interface Parts<T extends KubernetesObject> {
  readonly context: ControllerContext
  readonly replicas: ReplicaKind<T>
  readonly owners: Informer<T>
  readonly pods: Informer<Pod>
  readonly expectations: Expectations
}

type Cause = ReconcileContext['cause']

export function startReplicaController<T extends KubernetesObject>(
  context: ControllerContext,
  replicas: ReplicaKind<T>,
): Disposable {
  const { informers, clock, random, log, probe } = context
  const { name, kind } = replicas
  const parts: Parts<T> = {
    context,
    replicas,
    owners: indexByController(informers.of(kind)),
    pods: indexByController(informers.of(pod)),
    expectations: new Expectations(clock),
  }
  const started = new DisposableStack()
  started.use(meetExpectations(parts.pods, kind.kind, parts.expectations))
  started.use(
    runController({
      name,
      kind,
      sources: [watchOwn(parts.owners), watchMapped(parts.pods, (one) => keysOfPod(parts, one))],
      workers: 5,
      reconcile: (key, reconcile) => reconcileReplicas(parts, key, reconcile),
      clock,
      random,
      log,
      probe,
    }),
  )
  return started
}

/** A pod without a controller may be for any owner that selects it. */
function keysOfPod<T extends KubernetesObject>({ owners, replicas }: Parts<T>, one: Live<Pod>): string[] {
  if (controllerOf(one) !== undefined) {
    const key = controllerKeyOf(one, replicas.kind.kind)
    return key === undefined ? [] : [key]
  }
  return owners.lister
    .list(one.metadata.namespace)
    .map(replicas.asReplicaSet)
    .filter(({ spec }) => labelSelectorFrom(spec?.selector).matches(one.metadata.labels))
    .map(keyOf)
}

async function reconcileReplicas<T extends KubernetesObject>(
  parts: Parts<T>,
  key: string,
  { cause }: ReconcileContext,
): Promise<ReconcileResult> {
  const { context, owners, replicas, pods, expectations } = parts
  const owner = owners.lister.byKey(key)
  if (owner === undefined) {
    expectations.forget(key)
    return undefined
  }
  const object = replicas.asReplicaSet(owner)
  const claims = planClaims(object, labelSelectorFrom(object.spec?.selector), candidatesOf(pods, object))
  const { client } = context
  const owned = await applyClaims(claims, { client, ownerKind: replicas.kind, owner, kind: pod, cause })
  const observed = { replicaSet: object, pods: owned, related: relatedPods(parts, object), nowMs: context.clock.now() }
  const waitMs = expectations.openForMs(key)
  const failure = waitMs > 0 ? undefined : await changePods(parts, key, owner, observed, cause)
  await writeStatus(parts, owner, observed, failure, cause)
  if (failure !== undefined) throw failure
  const again = [waitMs, planReplicaSet(observed).requeueAfterMs ?? 0].filter((ms) => ms > 0)
  return again.length === 0 ? undefined : { requeueAfterMs: Math.min(...again) }
}

function relatedPods<T extends KubernetesObject>({ owners, pods }: Parts<T>, object: Live<ReplicaSet>): Live<Pod>[] {
  const owner = controllerOf(object)
  const siblings = owner === undefined ? [object] : controlledBy(owners, owner.uid)
  return siblings.flatMap((sibling) => controlledBy(pods, sibling.metadata.uid)).filter(isPodActive)
}

async function changePods<T extends KubernetesObject>(
  { context, expectations, replicas: { kind } }: Parts<T>,
  key: string,
  object: Live<T>,
  observed: ReplicaSetObserved,
  cause: Cause,
): Promise<PodControlError | undefined> {
  const { create, remove } = planReplicaSet(observed)
  if (create === 0 && remove.length === 0) return undefined
  const removed = remove.map(({ metadata }) => metadata.uid)
  const owner = { kind, object, key, cause }
  const template = observed.replicaSet.spec?.template ?? {}
  const wanted = Array.from({ length: create }, () => podFromTemplate(template, object, kind))
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

async function writeStatus<T extends KubernetesObject>(
  { context, replicas }: Parts<T>,
  owner: Live<T>,
  observed: ReplicaSetObserved,
  error: PodControlError | undefined,
  cause: Cause,
): Promise<void> {
  const failure: ReplicaFailure | undefined =
    error === undefined ? undefined : { reason: error.code, message: error.message }
  const status = replicaSetStatus(observed, failure)
  if (isStoredStatus(replicas.kind, status, replicas.asReplicaSet(owner).status)) return
  await context.client.update(replicas.kind, replicas.withStatus(owner, status), { subresource: 'status', cause })
}
