/** Keeps pods with lasting identities: names, ordinals and volumes of their own. */
import { isReason } from '../../api/errors.ts'
import { controllerRevision as revisionKind } from '../../api/kinds/apps/controller-revision.ts'
import { statefulSet as statefulSetKind } from '../../api/kinds/apps/stateful-set.ts'
import { persistentVolumeClaim as claimKind } from '../../api/kinds/core/persistent-volume-claim.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { labelSelectorFrom } from '../../api/meta/label-selector.ts'
import { keyOf, type Live } from '../../api/meta/object.ts'
import { controllerOf } from '../../api/meta/owner-references.ts'
import { isTerminating } from '../../api/meta/pod.ts'
import type { ControllerRevision, StatefulSet, StatefulSetStatus } from '../../api/types/apps-v1.ts'
import type { PersistentVolumeClaim, Pod } from '../../api/types/core-v1.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { watchMapped, watchOwn, watchOwned } from '../../client/controller-sources.ts'
import type { Informer } from '../../client/informer.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { describeError } from '../../lib/log.ts'
import { applyClaims, candidatesOf, controlledBy, indexByController, planClaims } from '../claims.ts'
import type { ControllerContext } from '../context.ts'
import { controllerKeyOf } from '../pod-expectations.ts'
import { applyRevision, planRevision, superfluousRevisions, templateOf } from '../revisions.ts'
import { isStoredStatus } from '../stored-status.ts'
import { changedOwners } from './claim-owners.ts'
import { claimsOf, identityLabels, ordinalOf, podNameLabel, statefulPod, versionOf, type Version } from './identity.ts'
import { planStatefulSet, type StatefulSetPlan } from './plan.ts'

interface Parts {
  readonly context: ControllerContext
  readonly sets: Informer<StatefulSet>
  readonly pods: Informer<Pod>
  readonly claims: Informer<PersistentVolumeClaim>
  readonly revisions: Informer<ControllerRevision>
}

type Cause = ReconcileContext['cause']

export function startStatefulSetController(context: ControllerContext): Disposable {
  const { informers, clock, random, log, probe } = context
  const parts = {
    context,
    sets: informers.of(statefulSetKind),
    pods: indexByController(informers.of(podKind)),
    claims: informers.of(claimKind),
    revisions: indexByController(informers.of(revisionKind)),
  }
  return runController({
    name: 'statefulset',
    kind: statefulSetKind,
    sources: [
      watchOwn(parts.sets),
      watchMapped(parts.pods, (pod) => keysOfPod(parts, pod)),
      watchOwned(parts.revisions, statefulSetKind),
      // Claims must be known before pods that need them; what becomes of one is no business of ours.
      watchMapped(parts.claims, () => []),
    ],
    workers: 5,
    reconcile: (key, reconcile) => reconcileStatefulSet(parts, key, reconcile),
    clock,
    random,
    log,
    probe,
  })
}

function keysOfPod({ sets }: Parts, pod: Live<Pod>): string[] {
  if (controllerOf(pod) !== undefined) {
    const key = controllerKeyOf(pod, statefulSetKind.kind)
    return key === undefined ? [] : [key]
  }
  return sets.lister
    .list(pod.metadata.namespace)
    .filter((set) => ordinalOf(set, pod) !== undefined)
    .filter(({ spec }) => labelSelectorFrom(spec?.selector).matches(pod.metadata.labels))
    .map(keyOf)
}

async function reconcileStatefulSet(parts: Parts, key: string, { cause }: ReconcileContext): Promise<ReconcileResult> {
  const { context, sets, pods } = parts
  const set = sets.lister.byKey(key)
  if (set === undefined) return undefined
  const { client, clock } = context
  // A pod whose name is not ours could never take an ordinal: it is not adopted.
  const candidates = candidatesOf(pods, set).filter(
    (pod) => controllerOf(pod) !== undefined || ordinalOf(set, pod) !== undefined,
  )
  const claims = planClaims(set, labelSelectorFrom(set.spec?.selector), candidates)
  const owned = await applyClaims(claims, { client, ownerKind: statefulSetKind, owner: set, kind: podKind, cause })
  const versions = await versionsOf(parts, set, cause)
  if (versions === undefined) return undefined
  await keepClaimOwners(parts, set, owned, cause)
  const plan = planStatefulSet({ set, pods: owned, ...versions, nowMs: clock.now() })
  const failure = await applyPlan(parts, set, owned, plan, cause).catch((error: unknown) => ({ error }))
  await removeOldRevisions(parts, set, owned, versions, cause)
  await writeStatus(context, set, plan.status, cause)
  if (failure !== undefined) throw failure.error
  return plan.requeueAfterMs === undefined ? undefined : { requeueAfterMs: plan.requeueAfterMs }
}

/** Undefined when the name of the new revision was taken: the status that says so calls again. */
async function versionsOf(
  { context, revisions }: Parts,
  set: Live<StatefulSet>,
  cause: Cause,
): Promise<{ current: Version; update: Version } | undefined> {
  const known = controlledBy(revisions, set.metadata.uid)
  const { collisionCount, currentRevision } = set.status ?? {}
  const template = set.spec?.template ?? {}
  const plan = planRevision({ kind: statefulSetKind, object: set, template, collisionCount }, known)
  const leaving = set.metadata.deletionTimestamp !== undefined
  const newest = leaving ? plan.revision : await applyRevision(context.client, plan, cause)
  if (newest === undefined) {
    const status = { replicas: 0, ...set.status, collisionCount: (collisionCount ?? 0) + 1 }
    await writeStatus(context, set, status, cause)
    return undefined
  }
  const update = { name: newest.metadata?.name ?? '', template }
  const held = known.find(({ metadata }) => metadata.name === currentRevision)
  return { current: held === undefined ? update : { name: held.metadata.name, template: templateOf(held) }, update }
}

async function applyPlan(
  parts: Parts,
  set: Live<StatefulSet>,
  owned: readonly Live<Pod>[],
  { create, remove }: StatefulSetPlan,
  cause: Cause,
): Promise<undefined> {
  const { client } = parts.context
  const { namespace = '' } = set.metadata
  for (const pod of owned) {
    const ordinal = ordinalOf(set, pod)
    if (ordinal === undefined || pod.metadata.labels?.[podNameLabel] !== undefined) continue
    const patch = { metadata: { uid: pod.metadata.uid, labels: identityLabels(set, ordinal) } }
    await client.patch(podKind, { name: pod.metadata.name, namespace }, { type: 'merge', patch }, { cause })
    report(parts, set, 'Normal', 'SuccessfulUpdate', told('update', set, pod.metadata.name))
  }
  // A pod that waits for a claim that somebody has deleted would wait for ever.
  for (const pod of owned) {
    const ordinal = ordinalOf(set, pod)
    if (ordinal !== undefined && pod.status?.phase === 'Pending' && !isTerminating(pod))
      await createClaims(parts, set, ordinal, pod.metadata.name, cause)
  }
  for (const { ordinal, version } of create) await createPod(parts, set, ordinal, version, cause)
  for (const pod of remove) await deletePod(parts, set, pod, cause)
  return undefined
}

async function createPod(
  parts: Parts,
  set: Live<StatefulSet>,
  ordinal: number,
  version: Version,
  cause: Cause,
): Promise<void> {
  const { client } = parts.context
  const wanted = statefulPod(set, ordinal, version)
  const name = wanted.metadata?.name ?? ''
  try {
    await createClaims(parts, set, ordinal, name, cause)
    refuseLeavingClaims(parts, set, ordinal)
    await client.create(podKind, wanted, { cause })
  } catch (error) {
    // Two pods of one ordinal cannot be: they would have one name. Who has it now is for the next round.
    if (isReason(error, 'AlreadyExists')) return
    report(parts, set, 'Warning', 'FailedCreate', told('create', set, name, error))
    throw error
  }
  report(parts, set, 'Normal', 'SuccessfulCreate', told('create', set, name))
}

function told(verb: string, { metadata }: Live<StatefulSet>, pod: string, error?: unknown): string {
  const end = error === undefined ? 'successful' : `failed error: ${describeError(error)}`
  return `${verb} Pod ${pod} in StatefulSet ${metadata.name} ${end}`
}

/** Throws when a claim is on its way out, its volume with it: a pod that was given to it now would never start. */
function refuseLeavingClaims({ claims }: Parts, set: Live<StatefulSet>, ordinal: number): void {
  for (const { metadata } of claimsOf(set, ordinal)) {
    const { name = '', namespace } = metadata ?? {}
    if (claims.lister.get(namespace, name)?.metadata.deletionTimestamp !== undefined)
      throw new Error(`pvc ${name} is being deleted`)
  }
}

async function createClaims(
  parts: Parts,
  set: Live<StatefulSet>,
  ordinal: number,
  podName: string,
  cause: Cause,
): Promise<void> {
  const { client } = parts.context
  for (const claim of claimsOf(set, ordinal)) {
    const { name = '', namespace } = claim.metadata ?? {}
    if (parts.claims.lister.get(namespace, name) !== undefined) continue
    const subject = `create Claim ${name} Pod ${podName} in StatefulSet ${set.metadata.name}`
    try {
      await client.create(claimKind, claim, { cause })
    } catch (error) {
      if (isReason(error, 'AlreadyExists')) continue
      report(parts, set, 'Warning', 'FailedCreate', `${subject} failed error: ${describeError(error)}`)
      throw error
    }
    report(parts, set, 'Normal', 'SuccessfulCreate', `${subject} success`)
  }
}

async function deletePod(parts: Parts, set: Live<StatefulSet>, pod: Live<Pod>, cause: Cause): Promise<void> {
  const { name, namespace = '', uid } = pod.metadata
  try {
    await parts.context.client.delete(podKind, { name, namespace }, { preconditions: { uid }, cause })
  } catch (error) {
    if (isReason(error, 'NotFound', 'Conflict')) return
    report(parts, set, 'Warning', 'FailedDelete', told('delete', set, name, error))
    throw error
  }
  report(parts, set, 'Normal', 'SuccessfulDelete', told('delete', set, name))
}

function report(
  { context }: Parts,
  set: Live<StatefulSet>,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void {
  const about = { ...set, apiVersion: statefulSetKind.apiVersion, kind: statefulSetKind.kind }
  context.events.event(about, type, reason, message)
}

/** Before a pod goes, its claims must say whether they go with it. */
async function keepClaimOwners(
  { context, claims }: Parts,
  set: Live<StatefulSet>,
  owned: readonly Live<Pod>[],
  cause: Cause,
): Promise<void> {
  for (const pod of owned) {
    const ordinal = ordinalOf(set, pod)
    if (ordinal === undefined) continue
    for (const { metadata } of claimsOf(set, ordinal)) {
      const claim = claims.lister.get(metadata?.namespace, metadata?.name ?? '')
      const owners = claim === undefined ? undefined : changedOwners(set, ordinal, pod, claim)
      if (claim === undefined || owners === undefined) continue
      const { name, namespace = '', uid, resourceVersion } = claim.metadata
      const patch = { metadata: { uid, resourceVersion, ownerReferences: owners.length === 0 ? null : owners } }
      await context.client.patch(claimKind, { name, namespace }, { type: 'merge', patch }, { cause })
    }
  }
}

async function removeOldRevisions(
  { context, revisions }: Parts,
  set: Live<StatefulSet>,
  owned: readonly Live<Pod>[],
  { current, update }: { current: Version; update: Version },
  cause: Cause,
): Promise<void> {
  const inUse = new Set([current.name, update.name, ...owned.map(versionOf)])
  const known = controlledBy(revisions, set.metadata.uid)
  const limit = set.spec?.revisionHistoryLimit ?? 10
  for (const { metadata } of superfluousRevisions(known, limit, (revision) => inUse.has(revision.metadata.name))) {
    const { name, namespace = '', uid } = metadata
    await context.client.delete(revisionKind, { name, namespace }, { preconditions: { uid }, cause })
  }
}

async function writeStatus(
  { client }: ControllerContext,
  set: Live<StatefulSet>,
  status: StatefulSetStatus,
  cause: Cause,
): Promise<void> {
  if (isStoredStatus(statefulSetKind, status, set.status)) return
  await client.update(statefulSetKind, { ...set, status }, { subresource: 'status', cause })
}
