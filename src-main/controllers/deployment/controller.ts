/** Rolls a Deployment's template out over ReplicaSets. */
import { isReason } from '../../api/errors.ts'
import { deployment } from '../../api/kinds/apps/deployment.ts'
import { replicaSet } from '../../api/kinds/apps/replica-set.ts'
import { pod } from '../../api/kinds/core/pod.ts'
import { labelSelectorFrom } from '../../api/meta/label-selector.ts'
import { keyOf, type Live } from '../../api/meta/object.ts'
import { controllerOf, isControlledBy } from '../../api/meta/owner-references.ts'
import { isTerminated } from '../../api/meta/pod.ts'
import type { Deployment, ReplicaSet } from '../../api/types/apps-v1.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Informer } from '../../client/informer.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { describeError } from '../../lib/log.ts'
import { applyClaims, candidatesOf, controlledBy, indexByController, planClaims } from '../claims.ts'
import type { ControllerContext } from '../context.ts'
import { isNamespaceTerminating } from '../pod-control.ts'
import { isStoredStatus } from '../stored-status.ts'
import { isRolling } from './limits.ts'
import { planDeployment, type DeploymentPlan, type ReplicaSetChange } from './plan.ts'
import { sameTemplate } from './pod-template.ts'
import { refusedStatus } from './status.ts'

interface Parts {
  readonly context: ControllerContext
  readonly deployments: Informer<Deployment>
  readonly replicaSets: Informer<ReplicaSet>
  readonly pods: Informer<Pod>
}

type Cause = ReconcileContext['cause']

export function startDeploymentController(context: ControllerContext): Disposable {
  const { informers, clock, random, log, probe } = context
  const parts = {
    context,
    deployments: informers.of(deployment),
    replicaSets: indexByController(informers.of(replicaSet)),
    pods: indexByController(informers.of(pod)),
  }
  return runController({
    name: 'deployment',
    kind: deployment,
    sources: [
      watchOwn(parts.deployments),
      watchMapped(parts.replicaSets, (one) => keysOfReplicaSet(parts, one)),
      watchMapped(parts.pods, (one) => keysOfPod(parts, one)),
    ],
    workers: 5,
    reconcile: (key, reconcile) => reconcileDeployment(parts, key, reconcile),
    clock,
    random,
    log,
    probe,
  })
}

function keysOfReplicaSet({ deployments }: Parts, one: Live<ReplicaSet>): string[] {
  const { namespace = '', labels } = one.metadata
  const controller = controllerOf(one)
  if (controller !== undefined) return controller.kind === deployment.kind ? [`${namespace}/${controller.name}`] : []
  return deployments.lister
    .list(namespace)
    .filter(({ spec }) => labelSelectorFrom(spec?.selector).matches(labels))
    .map(keyOf)
}

/** Only the Recreate strategy waits for pods; all else follows from the ReplicaSets' status. */
function keysOfPod({ deployments, replicaSets }: Parts, one: Live<Pod>): string[] {
  const controller = controllerOf(one)
  if (controller?.kind !== replicaSet.kind) return []
  const owner = replicaSets.lister.get(one.metadata.namespace, controller.name)
  const top = owner === undefined ? undefined : controllerOf(owner)
  const found = top === undefined ? undefined : deployments.lister.get(one.metadata.namespace, top.name)
  return found === undefined || isRolling(found) ? [] : [keyOf(found)]
}

async function reconcileDeployment(parts: Parts, key: string, { cause }: ReconcileContext): Promise<ReconcileResult> {
  const { context, deployments, replicaSets, pods } = parts
  const object = deployments.lister.byKey(key)
  if (object === undefined) return undefined
  const claims = planClaims(object, labelSelectorFrom(object.spec?.selector), candidatesOf(replicaSets, object))
  const { client, clock } = context
  const owned = await applyClaims(claims, { client, ownerKind: deployment, owner: object, kind: replicaSet, cause })
  const oldPodsRun = owned
    .filter((one) => !sameTemplate(one.spec?.template, object.spec?.template))
    .some((one) => controlledBy(pods, one.metadata.uid).some((running) => !isTerminated(running)))
  const plan = planDeployment({ deployment: object, replicaSets: owned, oldPodsRun, nowMs: clock.now() })
  await applyPlan(parts, object, plan, cause)
  return plan.requeueAfterMs === undefined ? undefined : { requeueAfterMs: plan.requeueAfterMs }
}

async function applyPlan(parts: Parts, object: Live<Deployment>, plan: DeploymentPlan, cause: Cause): Promise<void> {
  const { client } = parts.context
  const { name, namespace = '' } = object.metadata
  if (plan.create !== undefined && !(await createReplicaSet(parts, object, plan.create, cause))) return
  for (const change of plan.changes) await changeReplicaSet(parts, object, change, cause)
  for (const { metadata } of plan.remove) {
    const preconditions = { uid: metadata.uid, resourceVersion: metadata.resourceVersion }
    await client.delete(replicaSet, { name: metadata.name, namespace }, { preconditions, cause })
  }
  let current = object
  if (plan.revision !== undefined) {
    const annotations = { 'deployment.kubernetes.io/revision': plan.revision }
    const patch = { metadata: { uid: object.metadata.uid, annotations } }
    current = await client.patch(deployment, { name, namespace }, { type: 'merge', patch }, { cause })
  }
  if (isStoredStatus(deployment, plan.status, current.status)) return
  await client.update(deployment, { ...current, status: plan.status }, { subresource: 'status', cause })
}

/** False when it was there already, though the cache does not show it yet: the watch will call again. */
async function createReplicaSet(
  { context }: Parts,
  object: Live<Deployment>,
  wanted: ReplicaSet,
  cause: Cause,
): Promise<boolean> {
  const { client, events } = context
  try {
    await client.create(replicaSet, wanted, { cause })
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) {
      if (!isNamespaceTerminating(error)) await tellOfRefusal(context, object, wanted, error, cause)
      throw error
    }
    const { name = '', namespace = '' } = wanted.metadata ?? {}
    const there = await client.get(replicaSet, { name, namespace })
    if (isControlledBy(there, object) && sameTemplate(there.spec?.template, object.spec?.template)) return false
    const collisionCount = (object.status?.collisionCount ?? 0) + 1
    const status = { ...object.status, collisionCount }
    await client.update(deployment, { ...object, status }, { subresource: 'status', cause })
    return false
  }
  const replicas = wanted.spec?.replicas ?? 0
  if (replicas > 0) {
    const message = `Scaled up replica set ${wanted.metadata?.name ?? ''} from 0 to ${replicas}`
    events.event(withType(object), 'Normal', 'ScalingReplicaSet', message)
  }
  return true
}

async function tellOfRefusal(
  { client, clock, events }: ControllerContext,
  object: Live<Deployment>,
  wanted: ReplicaSet,
  error: unknown,
  cause: Cause,
): Promise<void> {
  const name = JSON.stringify(wanted.metadata?.name)
  const message = `Failed to create new replica set ${name}: ${describeError(error)}`
  const status = refusedStatus(object, message, clock.now())
  if (!isStoredStatus(deployment, status, object.status ?? {}))
    await client.update(deployment, { ...object, status }, { subresource: 'status', cause })
  events.event(withType(object), 'Warning', 'ReplicaSetCreateError', message)
}

async function changeReplicaSet(
  { context: { client, events } }: Parts,
  object: Live<Deployment>,
  { replicaSet: before, resize, annotations, minReadySeconds }: ReplicaSetChange,
  cause: Cause,
): Promise<void> {
  const changed = {
    ...before,
    metadata: { ...before.metadata, ...(annotations === undefined ? {} : { annotations: { ...annotations } }) },
    spec: {
      selector: {},
      ...before.spec,
      ...(resize === undefined ? {} : { replicas: resize.to }),
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
    },
  }
  await client.update(replicaSet, changed, { cause })
  if (resize === undefined) return
  const { from, to } = resize
  const message = `Scaled ${to > from ? 'up' : 'down'} replica set ${before.metadata.name} from ${from} to ${to}`
  events.event(withType(object), 'Normal', 'ScalingReplicaSet', message)
}

/** Objects from lists may lack their type, which an event needs. */
const withType = (object: Live<Deployment>): Live<Deployment> => ({
  ...object,
  apiVersion: deployment.apiVersion,
  kind: deployment.kind,
})
