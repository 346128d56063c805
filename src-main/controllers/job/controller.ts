/** Runs the pods of a Job until enough of them have succeeded, or too many have failed. */
import { isReason } from '../../api/errors.ts'
import { job as jobKind } from '../../api/kinds/batch/job.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { labelSelectorFrom } from '../../api/meta/label-selector.ts'
import { keyOf, splitKey, type Live } from '../../api/meta/object.ts'
import { controllerOf } from '../../api/meta/owner-references.ts'
import type { Job } from '../../api/types/batch-v1.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Informer } from '../../client/informer.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import { applyClaims, candidatesOf, indexByController, planClaims } from '../claims.ts'
import type { ControllerContext } from '../context.ts'
import { Expectations } from '../expectations.ts'
import { createPods, deletePods, type PodOwner } from '../pod-control.ts'
import { controllerKeyOf, meetExpectations } from '../pod-expectations.ts'
import { isStoredStatus } from '../stored-status.ts'
import { isTracked, jobPod, trackingFinalizer } from './job-pod.ts'
import { planJob, type JobPlan } from './plan.ts'

const ownName = 'kubernetes.io/job-controller'
const jobNameLabel = 'batch.kubernetes.io/job-name'

interface Parts {
  readonly context: ControllerContext
  readonly jobs: Informer<Job>
  readonly pods: Informer<Pod>
  readonly expectations: Expectations
}

type Cause = ReconcileContext['cause']

export function startJobController(context: ControllerContext): Disposable {
  const { informers, clock, random, log, probe } = context
  const parts = {
    context,
    jobs: informers.of(jobKind),
    pods: indexByController(informers.of(podKind)),
    expectations: new Expectations(clock),
  }
  const started = new DisposableStack()
  started.use(meetExpectations(parts.pods, jobKind.kind, parts.expectations))
  started.use(
    runController({
      name: 'job',
      kind: jobKind,
      sources: [watchOwn(parts.jobs), watchMapped(parts.pods, (pod) => keysOfPod(parts, pod))],
      workers: 5,
      reconcile: (key, reconcile) => reconcileJob(parts, key, reconcile),
      clock,
      random,
      log,
      probe,
    }),
  )
  return started
}

function keysOfPod({ jobs }: Parts, pod: Live<Pod>): string[] {
  const { namespace = '', labels } = pod.metadata
  if (controllerOf(pod) !== undefined) {
    const key = controllerKeyOf(pod, jobKind.kind)
    return key === undefined ? [] : [key]
  }
  // A pod that nobody owns but that a job still holds has to be let go under that job's name.
  const holder = isTracked(pod) ? labels?.[jobNameLabel] : undefined
  const selecting = jobs.lister
    .list(namespace)
    .filter(({ spec }) => labelSelectorFrom(spec?.selector).matches(labels))
    .map(keyOf)
  return holder === undefined ? selecting : [...selecting, `${namespace}/${holder}`]
}

async function reconcileJob(parts: Parts, key: string, { cause }: ReconcileContext): Promise<ReconcileResult> {
  const { context, jobs, pods, expectations } = parts
  const object = jobs.lister.byKey(key)
  await releaseOrphans(parts, key, object, cause)
  if (object === undefined) {
    expectations.forget(key)
    return undefined
  }
  if (object.spec?.managedBy !== undefined && object.spec.managedBy !== ownName) return undefined
  const { client, clock } = context
  const claims = planClaims(object, labelSelectorFrom(object.spec?.selector), candidatesOf(pods, object))
  const owned = await applyClaims(claims, {
    ...{ client, ownerKind: jobKind, owner: object, kind: podKind, cause },
    finalizer: trackingFinalizer,
  })
  const waitMs = expectations.openForMs(key)
  if (waitMs > 0) return { requeueAfterMs: waitMs }
  const plan = planJob({ job: object, pods: owned, nowMs: clock.now() })
  const failure = await changePods(parts, key, object, plan, cause)
  // What could not be removed is not told as gone; an end is announced when all pods are going.
  if (failure !== undefined && plan.remove.length > 0) throw failure.reason
  const status = failure === undefined ? { ...plan.status, ...plan.settled } : plan.status
  await writeStatus(context, object, { ...plan, status }, cause)
  await release(context, plan.release, cause)
  if (failure !== undefined) throw failure.reason
  return plan.requeueAfterMs === undefined ? undefined : { requeueAfterMs: plan.requeueAfterMs }
}

async function changePods(
  { context, expectations }: Parts,
  key: string,
  object: Live<Job>,
  { create, remove, uncounted }: JobPlan,
  cause: Cause,
): Promise<PromiseRejectedResult | undefined> {
  if (create.length === 0 && remove.length === 0) return undefined
  const removed = remove.map(({ metadata }) => metadata.uid)
  expectations.expect(key, create.length, removed)
  const owner = { kind: jobKind, object, key, cause }
  const wanted = create.map((one) => jobPod(object, one))
  const results = await Promise.allSettled([
    uncounted
      ? removeUncounted(context, owner, remove, expectations)
      : deletePods(context, owner, remove, expectations),
    createPods(context, owner, wanted, expectations),
  ])
  return results.find((result) => result.status === 'rejected')
}

/** Events tell of what the status says, so they come after it. */
async function writeStatus(
  { client, events }: ControllerContext,
  object: Live<Job>,
  { status, events: planned }: JobPlan,
  cause: Cause,
): Promise<void> {
  if (isStoredStatus(jobKind, status, object.status)) return
  await client.update(jobKind, { ...object, status }, { subresource: 'status', cause })
  const about = { ...object, apiVersion: jobKind.apiVersion, kind: jobKind.kind }
  for (const { type, reason, message } of planned) events.event(about, type, reason, message)
}

/** These pods are too many: they go without a mark on the Job, so they are let go before they end. */
async function removeUncounted(
  context: ControllerContext,
  owner: PodOwner<Job>,
  pods: readonly Live<Pod>[],
  expectations: Expectations,
): Promise<void> {
  const freed = await Promise.allSettled(pods.map((pod) => free(context, pod, owner.cause)))
  const failures = freed.map((result) =>
    result.status === 'rejected' && !isReason(result.reason, 'NotFound') ? result : undefined,
  )
  for (const [index, pod] of pods.entries()) {
    if (failures[index] !== undefined) expectations.deleted(owner.key, pod.metadata.uid)
  }
  await deletePods(
    context,
    owner,
    pods.filter((_, index) => failures[index] === undefined),
    expectations,
  )
  const failed = failures.find((failure) => failure !== undefined)
  if (failed !== undefined) throw failed.reason
}

/** Whatever else has changed of the pod meanwhile, as its deletion does, this finalizer alone goes. */
async function free({ client }: ControllerContext, pod: Live<Pod>, cause: Cause): Promise<void> {
  if (!isTracked(pod)) return
  const { name, namespace = '', uid } = pod.metadata
  const patch = { metadata: { uid, '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] } }
  await client.patch(podKind, { name, namespace }, { type: 'strategic', patch }, { cause })
}

/** Pods whose end the status tells may go. */
async function release(context: ControllerContext, pods: readonly Live<Pod>[], cause: Cause): Promise<void> {
  const results = await Promise.allSettled(pods.map((pod) => free(context, pod, cause)))
  const failed = results.find((result) => result.status === 'rejected' && !isReason(result.reason, 'NotFound'))
  if (failed?.status === 'rejected') throw failed.reason
}

/** Pods that a job held and that are nobody's now: the job is gone, or was told to leave them behind. */
async function releaseOrphans(parts: Parts, key: string, object: Live<Job> | undefined, cause: Cause): Promise<void> {
  const { namespace, name } = splitKey(key)
  const orphans = parts.pods.lister.list(namespace).filter((pod) => {
    if (!isTracked(pod)) return false
    const controller = controllerOf(pod)
    if (controller === undefined) {
      const free = object === undefined || !labelSelectorFrom(object.spec?.selector).matches(pod.metadata.labels)
      return free && pod.metadata.labels?.[jobNameLabel] === name
    }
    return controller.kind === jobKind.kind && controller.name === name && controller.uid !== object?.metadata.uid
  })
  await release(parts.context, orphans, cause)
}
