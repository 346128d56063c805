/** Removes pods that nobody else will: on nodes that are gone, deleted before they had a node, or ended and too many. */
import { isReason } from '../../api/errors.ts'
import { node as nodeKind } from '../../api/kinds/core/node.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { keyOf, type Live } from '../../api/meta/object.ts'
import { isTerminated, isTerminating } from '../../api/meta/pod.ts'
import type { Node, Pod } from '../../api/types/core-v1.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Informer } from '../../client/informer.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { indexByNode, podsOnNode } from '../pods-on-node.ts'

/** A node that is away for a moment, as while it is registered anew, keeps its pods. */
const quarantineMs = 40_000
/** So many ended pods are kept for a look at their logs. */
const endedPodsLimit = 12_500
const endedIndex = 'ended'

interface Parts {
  readonly context: ControllerContext
  readonly nodes: Informer<Node>
  readonly pods: Informer<Pod>
  /** When each absent node was first missed, by the monotonic clock. */
  readonly missedSince: Map<string, number>
}

export function startPodGcController(context: ControllerContext): Disposable {
  const { informers, clock, random, log, probe } = context
  const parts = {
    context,
    nodes: informers.of(nodeKind),
    pods: indexByNode(informers.of(podKind)).addIndex(endedIndex, (pod) => (isTerminated(pod) ? [''] : [])),
    missedSince: new Map<string, number>(),
  }
  return runController({
    name: 'pod-gc',
    kind: podKind,
    sources: [
      watchOwn(parts.pods, (pod) => isTerminated(pod) || isTerminating(pod) || nodeIsMissing(parts, pod)),
      watchMapped(parts.nodes, ({ metadata }) =>
        parts.nodes.lister.byKey(metadata.name) === undefined ? podsOnNode(parts.pods, metadata.name).map(keyOf) : [],
      ),
    ],
    reconcile: (key, { cause }) => reconcilePod(parts, key, cause),
    clock,
    random,
    log,
    probe,
  })
}

function nodeIsMissing({ nodes }: Pick<Parts, 'nodes'>, { spec }: Pod): boolean {
  const name = spec?.nodeName ?? ''
  return name !== '' && nodes.lister.byKey(name) === undefined
}

async function reconcilePod(parts: Parts, key: string, cause: ReconcileContext['cause']): Promise<ReconcileResult> {
  const pod = parts.pods.lister.byKey(key)
  if (pod === undefined) return undefined
  const nodeName = pod.spec?.nodeName ?? ''
  if (nodeName === '' && isTerminating(pod)) await remove(parts, pod, cause)
  if (nodeIsMissing(parts, pod)) return removeFromLostNode(parts, pod, nodeName, cause)
  parts.missedSince.delete(nodeName)
  if (isTerminated(pod)) await removeOldestEnded(parts, cause)
  return undefined
}

async function removeFromLostNode(
  parts: Parts,
  pod: Live<Pod>,
  nodeName: string,
  cause: ReconcileContext['cause'],
): Promise<ReconcileResult> {
  const { context, missedSince } = parts
  const now = context.clock.monotonic()
  const since = missedSince.get(nodeName) ?? now
  missedSince.set(nodeName, since)
  const leftMs = since + quarantineMs - now
  if (leftMs > 0) return { requeueAfterMs: leftMs }
  if (await nodeExists(parts, nodeName)) return { requeueAfterMs: quarantineMs }
  await remove(parts, pod, cause)
  return undefined
}

/** The cache may be old, and what is deleted here is gone for good. */
async function nodeExists({ context }: Parts, name: string): Promise<boolean> {
  try {
    await context.client.get(nodeKind, { name })
    return true
  } catch (error) {
    if (isReason(error, 'NotFound')) return false
    throw error
  }
}

async function removeOldestEnded(parts: Parts, cause: ReconcileContext['cause']): Promise<void> {
  const ended = parts.pods.lister.byIndex(endedIndex, '')
  const excess = ended.length - endedPodsLimit
  if (excess <= 0) return
  const createdAt = ({ metadata }: Live<Pod>): number => Date.parse(metadata.creationTimestamp)
  const oldest = ended.sort((a, b) => createdAt(a) - createdAt(b)).slice(0, excess)
  for (const pod of oldest) await remove(parts, pod, cause)
}

async function remove({ context }: Parts, pod: Live<Pod>, cause: ReconcileContext['cause']): Promise<void> {
  const { name, namespace = '', uid } = pod.metadata
  try {
    const options = { gracePeriodSeconds: 0, preconditions: { uid }, cause }
    await context.client.delete(podKind, { name, namespace }, options)
  } catch (error) {
    if (!isReason(error, 'NotFound', 'Conflict')) throw error
  }
}
