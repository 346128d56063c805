/** Deletes pods from nodes whose NoExecute taints they do not tolerate, or tolerate no longer. */
import { isReason } from '../../api/errors.ts'
import { node as nodeKind } from '../../api/kinds/core/node.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { keyOf, type Live } from '../../api/meta/object.ts'
import { isTerminated, isTerminating, stableText } from '../../api/meta/pod.ts'
import type { Node, Pod } from '../../api/types/core-v1.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { watchOwn } from '../../client/controller-sources.ts'
import type { Informer } from '../../client/informer.ts'
import { timestamp } from '../../lib/clock.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { indexByNode, podsOnNode } from '../pods-on-node.ts'
import { watchSignificant } from '../significant-changes.ts'
import { departureOf } from './plan.ts'

export function startTaintEvictionController(context: ControllerContext): Disposable {
  const { informers, clock, random, log, probe } = context
  const nodes = informers.of(nodeKind)
  const pods = indexByNode(informers.of(podKind))
  return runController({
    name: 'taint-eviction',
    kind: podKind,
    sources: [
      watchOwn(pods, ({ spec }) => nodes.lister.get(undefined, spec?.nodeName ?? '')?.spec?.taints !== undefined),
      watchSignificant(
        nodes,
        ({ spec }) => stableText(spec?.taints ?? []),
        ({ metadata }) => podsOnNode(pods, metadata.name).map(keyOf),
      ),
    ],
    workers: 5,
    reconcile: (key, { cause }) => reconcilePod({ context, nodes, pods }, key, cause),
    clock,
    random,
    log,
    probe,
  })
}

interface Parts {
  readonly context: ControllerContext
  readonly nodes: Informer<Node>
  readonly pods: Informer<Pod>
}

async function reconcilePod(
  { context, nodes, pods }: Parts,
  key: string,
  cause: ReconcileContext['cause'],
): Promise<ReconcileResult> {
  const pod = pods.lister.byKey(key)
  if (pod === undefined || isTerminated(pod) || isTerminating(pod)) return undefined
  const node = nodes.lister.get(undefined, pod.spec?.nodeName ?? '')
  const nowMs = context.clock.now()
  const departure = departureOf(pod, node?.spec?.taints ?? [], nowMs)
  if (departure === 'never') return undefined
  if (departure > nowMs) return { requeueAfterMs: departure - nowMs }
  await evict(context, pod, cause)
  return undefined
}

async function evict(
  { client, events, clock }: ControllerContext,
  pod: Live<Pod>,
  cause: ReconcileContext['cause'],
): Promise<void> {
  const { name, namespace = '', uid } = pod.metadata
  const about = { ...pod, apiVersion: podKind.apiVersion, kind: podKind.kind }
  events.event(about, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${keyOf(pod)}`)
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
    lastTransitionTime: timestamp(clock.now()),
  }
  const patch = { metadata: { uid }, status: { conditions: [condition] } }
  try {
    await client.patch(podKind, { name, namespace }, { type: 'strategic', patch }, { subresource: 'status', cause })
    await client.delete(podKind, { name, namespace }, { preconditions: { uid }, cause })
  } catch (error) {
    if (!isReason(error, 'NotFound', 'Conflict')) throw error
  }
}
