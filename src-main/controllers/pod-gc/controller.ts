/** Removes pods that nobody else will: on nodes that are gone or off, deleted before they had a node, or ended and too many. */
import { isReason } from '../../api/errors.ts'
import { node as nodeKind } from '../../api/kinds/core/node.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { keyOf, type Live } from '../../api/meta/object.ts'
import { isTerminated, isTerminating } from '../../api/meta/pod.ts'
import type { Node, Pod } from '../../api/types/core-v1.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { watchOwn } from '../../client/controller-sources.ts'
import type { Informer } from '../../client/informer.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { indexByNode, podsOnNode } from '../pods-on-node.ts'
import { watchSignificant } from '../significant-changes.ts'
import { endedTooMany, fateOf, finalStatus, isOutOfService, type Fate } from './plan.ts'

/** A node that is away for a moment, as while it is registered anew, keeps its pods. */
const quarantineMs = 40_000
/** So many ended pods are kept for a look at their logs. */
const endedPodsLimit = 12_500
const endedIndex = 'ended'

type Cause = ReconcileContext['cause']

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
  const started = new DisposableStack()
  started.use(parts.nodes.on({ added: ({ metadata }) => void parts.missedSince.delete(metadata.name) }))
  started.use(
    runController({
      name: 'pod-gc',
      kind: podKind,
      sources: [
        watchOwn(parts.pods, (pod) => isTerminated(pod) || isTerminating(pod) || fateIn(parts, pod) !== 'stays'),
        watchSignificant(
          parts.nodes,
          (node) => String(isOutOfService(node)),
          ({ metadata }) =>
            podsOnNode(parts.pods, metadata.name)
              .filter((pod) => fateIn(parts, pod) !== 'stays')
              .map(keyOf),
        ),
      ],
      reconcile: (key, { cause }) => reconcilePod(parts, key, cause),
      clock,
      random,
      log,
      probe,
    }),
  )
  return started
}

const fateIn = ({ nodes }: Pick<Parts, 'nodes'>, pod: Pod): Fate =>
  fateOf(pod, nodes.lister.byKey(pod.spec?.nodeName ?? ''))

async function reconcilePod(parts: Parts, key: string, cause: Cause): Promise<ReconcileResult> {
  const pod = parts.pods.lister.byKey(key)
  if (pod === undefined) return undefined
  if (isTerminated(pod)) await removeEndedTooMany(parts, cause)
  const fate = fateIn(parts, pod)
  if (fate === 'orphaned') return removeFromLostNode(parts, pod, cause)
  if (fate !== 'stays') await remove(parts, pod, fate, cause)
  return undefined
}

async function removeFromLostNode(parts: Parts, pod: Live<Pod>, cause: Cause): Promise<ReconcileResult> {
  const { context, missedSince } = parts
  const nodeName = pod.spec?.nodeName ?? ''
  const now = context.clock.monotonic()
  const since = missedSince.get(nodeName) ?? now
  missedSince.set(nodeName, since)
  const leftMs = since + quarantineMs - now
  if (leftMs > 0) return { requeueAfterMs: leftMs }
  if (await nodeExists(parts, nodeName)) return { requeueAfterMs: quarantineMs }
  await remove(parts, pod, 'orphaned', cause)
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

async function removeEndedTooMany(parts: Parts, cause: Cause): Promise<void> {
  const tooMany = endedTooMany(parts.pods.lister.byIndex(endedIndex, ''), endedPodsLimit)
  await Promise.all(tooMany.map((pod) => remove(parts, pod, 'stays', cause)))
}

async function remove({ context }: Parts, pod: Live<Pod>, fate: Fate, cause: Cause): Promise<void> {
  const { client, clock } = context
  const { name, namespace = '', uid } = pod.metadata
  const status = finalStatus(pod, fate, clock.now())
  const patch = { metadata: { uid }, status }
  try {
    if (status !== undefined)
      await client.patch(podKind, { name, namespace }, { type: 'strategic', patch }, { subresource: 'status', cause })
    await client.delete(podKind, { name, namespace }, { gracePeriodSeconds: 0, preconditions: { uid }, cause })
  } catch (error) {
    if (!isReason(error, 'NotFound', 'Conflict')) throw error
  }
}
