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
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { indexByNode, podsOnNode } from '../pods-on-node.ts'
import { watchSignificant } from '../significant-changes.ts'
import { departureOf } from './plan.ts'

export function startTaintEvictionController(context: ControllerContext): Disposable {
  const { informers, clock, random, log, probe } = context
  const nodes = informers.of(nodeKind)
  const pods = indexByNode(informers.of(podKind))
  const waiting = new Map<string, number>()
  const started = new DisposableStack()
  started.use(pods.on({ deleted: ({ metadata }) => void waiting.delete(metadata.uid) }))
  started.use(
    runController({
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
      reconcile: (key, { cause }) => reconcilePod({ context, nodes, pods, waiting }, key, cause),
      clock,
      random,
      log,
      probe,
    }),
  )
  return started
}

interface Parts {
  readonly context: ControllerContext
  readonly nodes: Informer<Node>
  readonly pods: Informer<Pod>
  /** Pods whose time to leave has been seen to come, by their uids, and since when. Unix milliseconds. */
  readonly waiting: Map<string, number>
}

async function reconcilePod(
  { context, nodes, pods, waiting }: Parts,
  key: string,
  cause: ReconcileContext['cause'],
): Promise<ReconcileResult> {
  const pod = pods.lister.byKey(key)
  if (pod === undefined || isTerminated(pod) || isTerminating(pod)) return undefined
  const { uid } = pod.metadata
  const node = nodes.lister.get(undefined, pod.spec?.nodeName ?? '')
  const nowMs = context.clock.now()
  const departure = departureOf(pod, node?.spec?.taints ?? [], waiting.get(uid) ?? nowMs)
  if (departure === 'never') {
    if (waiting.delete(uid)) report(context, pod, `Cancelling deletion of Pod ${key}`)
    return undefined
  }
  if (departure > nowMs) {
    if (!waiting.has(uid)) waiting.set(uid, nowMs)
    return { requeueAfterMs: departure - nowMs }
  }
  await evict(context, pod, cause)
  return undefined
}

const report = ({ events }: ControllerContext, pod: Live<Pod>, message: string): void =>
  events.event(
    { ...pod, apiVersion: podKind.apiVersion, kind: podKind.kind },
    'Normal',
    'TaintManagerEviction',
    message,
  )

async function evict(context: ControllerContext, pod: Live<Pod>, cause: ReconcileContext['cause']): Promise<void> {
  const { client, clock } = context
  const { name, namespace = '', uid } = pod.metadata
  report(context, pod, `Marking for deletion Pod ${keyOf(pod)}`)
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
