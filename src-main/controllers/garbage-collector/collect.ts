/** One round for one object: reads the graph, asks the server where that is not enough, and writes. */
import type { Kind } from '../../api/define-kind.ts'
import { isReason } from '../../api/errors.ts'
import { keyOf, splitKey, type KubernetesObject, type Live } from '../../api/meta/object.ts'
import type { OwnerReference } from '../../api/types/meta-v1.ts'
import type { Client, ObjectRef } from '../../client/client.ts'
import type { ReconcileContext, ReconcileResult } from '../../client/controller.ts'
import { foregroundFinalizer, nodeOf, orphanFinalizer, type GraphNode, type OwnerGraph } from './graph.ts'
import { blockingDependents, planCollect, type OwnerFact, type OwnerState } from './plan.ts'

/** When to look again at an owner that only the server, and not the graph, knows of. */
const lookAgainMs = 30_000

export interface Collector {
  readonly client: Client
  readonly graph: OwnerGraph
  readonly kindOf: (apiVersion: string, kind: string) => Kind | undefined
  /** The newest state in the caches. */
  readonly objectOf: (node: GraphNode) => Live<KubernetesObject> | undefined
  readonly enqueue: (node: GraphNode) => void
  /** Tells of a reference to an owner in another namespace. */
  readonly tellMisplaced: (kind: Kind, object: Live<KubernetesObject>, message: string) => void
}

type Cause = ReconcileContext['cause']

export async function collect(
  collector: Collector,
  kind: Kind,
  object: Live<KubernetesObject>,
  cause: Cause,
): Promise<ReconcileResult> {
  const { metadata } = object
  const finalizers = metadata.finalizers ?? []
  if (metadata.deletionTimestamp !== undefined) {
    if (finalizers.includes(orphanFinalizer)) await orphanDependents(collector, kind, object, cause)
    else if (finalizers.includes(foregroundFinalizer)) await finishForeground(collector, kind, object, cause)
    return undefined
  }
  const owners = metadata.ownerReferences ?? []
  if (owners.length === 0) return undefined
  const facts = await Promise.all(owners.map((reference) => factOf(collector, kind, object, reference)))
  const plan = planCollect({ owners: facts, finalizers, dependents: collector.graph.dependentsOf(metadata.uid) })
  if (plan.action === 'dropOwners') await dropOwners(collector, kind, object, plan.uids, cause)
  if (plan.action === 'delete') {
    if (plan.unblockOwners) await unblockOwners(collector, kind, object, cause)
    else await remove(collector, kind, object, plan.propagation, cause)
  }
  const unseen = facts.some(({ reference, state }) => state === 'solid' && !collector.graph.get(reference.uid))
  return unseen || plan.action === 'waitForOwners' ? { requeueAfterMs: lookAgainMs } : undefined
}

/** An owner counts only where the reference says that it is: its uid alone does not make it one (KEP-2336). */
async function factOf(
  collector: Collector,
  kind: Kind,
  object: Live<KubernetesObject>,
  reference: OwnerReference,
): Promise<OwnerFact> {
  const { client, graph, kindOf } = collector
  const known = graph.get(reference.uid)
  const ownerKind = kindOf(reference.apiVersion, reference.kind)
  if (known !== undefined && ownerKind !== undefined && isAt(known, ownerKind, reference.name, object))
    return { reference, state: stateOf(known) }
  if (known === undefined && graph.hasGone(reference, object.metadata.namespace)) return { reference, state: 'absent' }
  if (known !== undefined) tellMisplaced(collector, kind, object, reference, known)
  // A cluster-wide object cannot have an owner that lives in a namespace: nothing can be said of such a reference.
  if (ownerKind === undefined || (ownerKind.namespaced && !kind.namespaced)) return { reference, state: 'unknown' }
  try {
    const owner = await client.get(ownerKind, placeIn(ownerKind, reference.name, object.metadata.namespace))
    const same = owner.metadata.uid === reference.uid
    return { reference, state: same ? stateOf(nodeOf(ownerKind, owner)) : 'absent' }
  } catch (error) {
    if (isReason(error, 'NotFound')) return { reference, state: 'absent' }
    throw error
  }
}

function isAt({ kind, key }: GraphNode, ownerKind: Kind, name: string, { metadata }: Live<KubernetesObject>): boolean {
  const place = ownerKind.namespaced ? keyOf({ metadata: { name, namespace: metadata.namespace ?? '' } }) : name
  return kind.group === ownerKind.group && kind.plural === ownerKind.plural && key === place
}

function tellMisplaced(
  { tellMisplaced: tell }: Collector,
  kind: Kind,
  object: Live<KubernetesObject>,
  { apiVersion, kind: ownerKind, name, uid }: OwnerReference,
  owner: GraphNode,
): void {
  const { namespace = '' } = object.metadata
  if (!owner.kind.namespaced || (splitKey(owner.key).namespace ?? '') === namespace) return
  const words = `[${apiVersion}/${ownerKind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`
  tell(kind, object, `ownerRef ${words} does not exist in namespace ${JSON.stringify(namespace)}`)
}

const stateOf = ({ waitsForDependents }: GraphNode): OwnerState => (waitsForDependents ? 'waiting' : 'solid')

const placeIn = (kind: Kind, name: string, namespace: string | undefined): ObjectRef => ({
  name,
  ...(kind.namespaced && namespace !== undefined ? { namespace } : {}),
})

async function orphanDependents(
  collector: Collector,
  kind: Kind,
  object: Live<KubernetesObject>,
  cause: Cause,
): Promise<void> {
  const { uid } = object.metadata
  await Promise.all(
    collector.graph.dependentsOf(uid).map(async (node) => {
      const dependent = collector.objectOf(node)
      if (dependent !== undefined) await dropOwners(collector, node.kind, dependent, [uid], cause)
    }),
  )
  await removeFinalizer(collector, kind, object, orphanFinalizer, cause)
}

async function finishForeground(
  collector: Collector,
  kind: Kind,
  object: Live<KubernetesObject>,
  cause: Cause,
): Promise<void> {
  const { uid } = object.metadata
  const dependents = collector.graph.dependentsOf(uid)
  if (blockingDependents(uid, dependents).length === 0)
    return removeFinalizer(collector, kind, object, foregroundFinalizer, cause)
  for (const dependent of dependents) if (!dependent.isDeleting) collector.enqueue(dependent)
}

async function dropOwners(
  collector: Collector,
  kind: Kind,
  object: Live<KubernetesObject>,
  uids: readonly string[],
  cause: Cause,
): Promise<void> {
  const ownerReferences = object.metadata.ownerReferences?.filter(({ uid }) => !uids.includes(uid)) ?? []
  await patchMeta(collector, kind, object, { ownerReferences: orNull(ownerReferences) }, cause)
}

async function unblockOwners(
  collector: Collector,
  kind: Kind,
  object: Live<KubernetesObject>,
  cause: Cause,
): Promise<void> {
  const ownerReferences = object.metadata.ownerReferences?.map((one) =>
    one.blockOwnerDeletion === true ? { ...one, blockOwnerDeletion: false } : one,
  )
  const patched = await patchMeta(collector, kind, object, { ownerReferences }, cause)
  if (patched !== undefined) await remove(collector, kind, patched, 'Foreground', cause)
}

async function removeFinalizer(
  collector: Collector,
  kind: Kind,
  object: Live<KubernetesObject>,
  finalizer: string,
  cause: Cause,
): Promise<void> {
  const finalizers = object.metadata.finalizers?.filter((one) => one !== finalizer) ?? []
  await patchMeta(collector, kind, object, { finalizers: orNull(finalizers) }, cause)
}

const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list)

/** Undefined when the object is gone. The resource version makes sure that what was decided on is what is changed. */
async function patchMeta(
  { client }: Collector,
  kind: Kind,
  { metadata: { name, namespace, uid, resourceVersion } }: Live<KubernetesObject>,
  fields: object,
  cause: Cause,
): Promise<Live<KubernetesObject> | undefined> {
  const patch = { metadata: { uid, resourceVersion, ...fields } }
  try {
    return await client.patch(kind, placeIn(kind, name, namespace), { type: 'merge', patch }, { cause })
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}

async function remove(
  { client }: Collector,
  kind: Kind,
  { metadata: { name, namespace, uid, resourceVersion } }: Live<KubernetesObject>,
  propagationPolicy: 'Foreground' | 'Background' | 'Orphan' | undefined,
  cause: Cause,
): Promise<void> {
  const options = {
    preconditions: { uid, resourceVersion },
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    cause,
  }
  try {
    await client.delete(kind, placeIn(kind, name, namespace), options)
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}
