/** Runs one pod on every node that a DaemonSet is for. */
import { controllerRevision as revisionKind } from '../../api/kinds/apps/controller-revision.ts'
import { daemonSet as daemonSetKind } from '../../api/kinds/apps/daemon-set.ts'
import { node as nodeKind } from '../../api/kinds/core/node.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { labelSelectorFrom } from '../../api/meta/label-selector.ts'
import { keyOf, type Live } from '../../api/meta/object.ts'
import { controllerOf } from '../../api/meta/owner-references.ts'
import { stableText } from '../../api/meta/pod.ts'
import type { ControllerRevision, DaemonSet } from '../../api/types/apps-v1.ts'
import type { Node, Pod } from '../../api/types/core-v1.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { watchMapped, watchOwn, watchOwned } from '../../client/controller-sources.ts'
import type { Informer } from '../../client/informer.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import { applyClaims, candidatesOf, controlledBy, indexByController, planClaims } from '../claims.ts'
import type { ControllerContext } from '../context.ts'
import { Expectations } from '../expectations.ts'
import { createPods, deletePods } from '../pod-control.ts'
import { controllerKeyOf, meetExpectations } from '../pod-expectations.ts'
import { applyRevision, planRevision, revisionHash, revisionHashLabel, superfluousRevisions } from '../revisions.ts'
import { watchSignificant } from '../significant-changes.ts'
import { isStoredStatus } from '../stored-status.ts'
import { daemonPod } from './daemon-pod.ts'
import { EndedPods } from './ended-pods.ts'
import { daemonSetStatus, planDaemonSet, type DaemonSetObserved } from './plan.ts'

interface Parts {
  readonly context: ControllerContext
  readonly daemonSets: Informer<DaemonSet>
  readonly pods: Informer<Pod>
  readonly nodes: Informer<Node>
  readonly revisions: Informer<ControllerRevision>
  readonly expectations: Expectations
  readonly endedPods: EndedPods
}

type Cause = ReconcileContext['cause']

export function startDaemonSetController(context: ControllerContext): Disposable {
  const { informers, clock, random, log, probe } = context
  const parts = {
    context,
    daemonSets: informers.of(daemonSetKind),
    pods: indexByController(informers.of(podKind)),
    nodes: informers.of(nodeKind),
    revisions: indexByController(informers.of(revisionKind)),
    expectations: new Expectations(clock),
    endedPods: new EndedPods(),
  }
  const placing = ({ metadata, spec }: Live<Node>): string => stableText([metadata.labels, spec])
  const started = new DisposableStack()
  started.use(meetExpectations(parts.pods, daemonSetKind.kind, parts.expectations))
  started.use(
    runController({
      name: 'daemonset',
      kind: daemonSetKind,
      sources: [
        watchOwn(parts.daemonSets),
        watchMapped(parts.pods, (pod) => keysOfPod(parts, pod)),
        watchOwned(parts.revisions, daemonSetKind),
        watchSignificant(parts.nodes, placing, () => parts.daemonSets.lister.list().map(keyOf)),
      ],
      workers: 2,
      reconcile: (key, reconcile) => reconcileDaemonSet(parts, key, reconcile),
      clock,
      random,
      log,
      probe,
    }),
  )
  return started
}

function keysOfPod({ daemonSets }: Parts, pod: Live<Pod>): string[] {
  if (controllerOf(pod) !== undefined) {
    const key = controllerKeyOf(pod, daemonSetKind.kind)
    return key === undefined ? [] : [key]
  }
  return daemonSets.lister
    .list(pod.metadata.namespace)
    .filter(({ spec }) => labelSelectorFrom(spec?.selector).matches(pod.metadata.labels))
    .map(keyOf)
}

async function reconcileDaemonSet(parts: Parts, key: string, { cause }: ReconcileContext): Promise<ReconcileResult> {
  const { context, daemonSets, pods, nodes, expectations, endedPods } = parts
  const object = daemonSets.lister.byKey(key)
  if (object === undefined) {
    expectations.forget(key)
    endedPods.forget(key)
    return undefined
  }
  const { client, clock } = context
  const claims = planClaims(object, labelSelectorFrom(object.spec?.selector), candidatesOf(pods, object))
  const owned = await applyClaims(claims, { client, ownerKind: daemonSetKind, owner: object, kind: podKind, cause })
  const hash = await currentHash(parts, object, cause)
  if (hash === undefined) return undefined
  const observed = {
    daemonSet: object,
    nodes: nodes.lister.list(),
    pods: owned,
    hash,
    pauseMs: (nodeName: string) => endedPods.pauseMs(key, nodeName, clock.monotonic()),
    nowMs: clock.now(),
  }
  const waitMs = expectations.openForMs(key)
  const againMs = waitMs > 0 ? waitMs : await changePods(parts, key, observed, cause)
  await removeOldRevisions(parts, observed, cause)
  const status = daemonSetStatus(observed)
  if (!isStoredStatus(daemonSetKind, status, object.status))
    await client.update(daemonSetKind, { ...object, status }, { subresource: 'status', cause })
  return againMs === undefined ? undefined : { requeueAfterMs: againMs }
}

/** Undefined when the name was taken: the status that says so calls again. */
async function currentHash(
  { context: { client }, revisions }: Parts,
  object: Live<DaemonSet>,
  cause: Cause,
): Promise<string | undefined> {
  const { collisionCount } = object.status ?? {}
  const template = object.spec?.template ?? {}
  const known = controlledBy(revisions, object.metadata.uid)
  const plan = planRevision({ kind: daemonSetKind, object, template, collisionCount }, known)
  if (object.metadata.deletionTimestamp !== undefined) return plan.type === 'create' ? '' : revisionHash(plan.revision)
  const revision = await applyRevision(client, plan, cause)
  if (revision !== undefined) return revisionHash(revision)
  const status = { ...observedNothing, ...object.status, collisionCount: (collisionCount ?? 0) + 1 }
  await client.update(daemonSetKind, { ...object, status }, { subresource: 'status', cause })
  return undefined
}

const observedNothing = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 }

async function changePods(
  { context, expectations, endedPods }: Parts,
  key: string,
  observed: DaemonSetObserved,
  cause: Cause,
): Promise<number | undefined> {
  const { daemonSet: object, hash } = observed
  const { create, remove, ended, requeueAfterMs } = planDaemonSet(observed)
  const about = { ...object, apiVersion: daemonSetKind.apiVersion, kind: daemonSetKind.kind }
  for (const { pod, nodeName } of ended) {
    const [type, reason, word] =
      pod.status?.phase === 'Failed'
        ? (['Warning', 'FailedDaemonPod', 'failed'] as const)
        : (['Normal', 'SucceededDaemonPod', 'succeeded'] as const)
    const message = `Found ${word} daemon pod ${keyOf(pod)} on node ${nodeName}, will try to delete it`
    context.events.event(about, type, reason, message)
    endedPods.replaced(key, nodeName, context.clock.monotonic())
  }
  if (create.length === 0 && remove.length === 0) return requeueAfterMs
  const removed = remove.map(({ metadata }) => metadata.uid)
  const owner = { kind: daemonSetKind, object, key, cause }
  expectations.expect(key, create.length, removed)
  const wanted = create.map((nodeName) => daemonPod(object, nodeName, hash))
  // Both are tried: a node that gets no pod must not keep another from losing its own.
  const results = await Promise.allSettled([
    createPods(context, owner, wanted, expectations),
    deletePods(context, owner, remove, expectations),
  ])
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return requeueAfterMs
}

async function removeOldRevisions(
  { context: { client }, revisions }: Parts,
  { daemonSet: object, pods, hash }: DaemonSetObserved,
  cause: Cause,
): Promise<void> {
  const inUse = new Set([hash, ...pods.map(({ metadata }) => metadata.labels?.[revisionHashLabel])])
  const known = controlledBy(revisions, object.metadata.uid)
  const limit = object.spec?.revisionHistoryLimit ?? 10
  for (const { metadata } of superfluousRevisions(known, limit, (revision) => inUse.has(revisionHash(revision)))) {
    const { name, namespace = '', uid } = metadata
    await client.delete(revisionKind, { name, namespace }, { preconditions: { uid }, cause })
  }
}
