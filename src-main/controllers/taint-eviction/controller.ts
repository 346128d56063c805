/** Deletes pods from nodes whose NoExecute taints they do not tolerate, or tolerate no longer. */
import { isReason } from '../../api/errors.ts'
import { node as nodeKind } from '../../api/kinds/core/node.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { keyOf, splitKey, type Live } from '../../api/meta/object.ts'
import { stableText } from '../../api/meta/pod.ts'
import type { Node, Pod } from '../../api/types/core-v1.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import type { Informer } from '../../client/informer.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { disruptedConditions } from '../disruption-target.ts'
import { indexByNode, podsOnNode } from '../pods-on-node.ts'
import { watchSignificant } from '../significant-changes.ts'
import { nextStep, noExecute, stayOf } from './plan.ts'

export function startTaintEvictionController(context: ControllerContext): Disposable {
  const { informers, clock, random, log, probe } = context
  const nodes = informers.of(nodeKind)
  const pods = indexByNode(informers.of(podKind))
  const parts: Parts = { context, nodes, pods, evictions: new Map() }
  return runController({
    name: 'taint-eviction',
    kind: podKind,
    sources: [
      watchSignificant(
        pods,
        ({ spec }) => stableText([spec?.nodeName, spec?.tolerations]),
        (pod) => (parts.evictions.has(keyOf(pod)) || isOnTaintedNode(parts, pod) ? [keyOf(pod)] : []),
      ),
      watchSignificant(
        nodes,
        ({ spec }) => stableText(noExecute(spec?.taints)),
        ({ metadata }) => podsOnNode(pods, metadata.name).map(keyOf),
      ),
    ],
    workers: 8,
    reconcile: (key, { cause }) => reconcilePod(parts, key, cause),
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
  /** By the keys of pods. */
  readonly evictions: Map<string, Eviction>
}

interface Eviction {
  readonly uid: string
  /** Unix milliseconds. */
  readonly dueMs: number
  /** Under way: it has been told of, and can no longer be called off. */
  begun: boolean
}

function isOnTaintedNode({ nodes }: Parts, { spec }: Pod): boolean {
  return noExecute(nodes.lister.byKey(spec?.nodeName ?? '')?.spec?.taints).length > 0
}

/** Pods count in whatever phase they are: also one that has ended leaves a node that it does not tolerate. */
async function reconcilePod(parts: Parts, key: string, cause: ReconcileContext['cause']): Promise<ReconcileResult> {
  const { context, nodes, pods, evictions } = parts
  const pod = pods.lister.byKey(key)
  if (pod?.metadata.uid !== evictions.get(key)?.uid) callOff(parts, key)
  if (pod === undefined) return undefined
  const node = nodes.lister.byKey(pod.spec?.nodeName ?? '')
  const nowMs = context.clock.now()
  if (node !== undefined && evictions.get(key)?.begun !== true) {
    const step = nextStep(evictions.has(key), stayOf(pod.spec?.tolerations, node.spec?.taints))
    if (step === 'cancel' || step === 'cancelAndEvict') callOff(parts, key)
    const inMs = step === 'cancelAndEvict' ? 0 : typeof step === 'object' ? step.evictInMs : undefined
    if (inMs !== undefined) evictions.set(key, { uid: pod.metadata.uid, dueMs: nowMs + inMs, begun: false })
  }
  const eviction = evictions.get(key)
  if (eviction === undefined) return undefined
  if (eviction.dueMs > nowMs) return { requeueAfterMs: eviction.dueMs - nowMs }
  if (!eviction.begun) report(context, key, `Marking for deletion Pod ${key}`)
  eviction.begun = true
  await evict(context, pod, cause)
  evictions.delete(key)
  return undefined
}

function callOff({ context, evictions }: Parts, key: string): void {
  const begun = evictions.get(key)?.begun
  evictions.delete(key)
  if (begun === false) report(context, key, `Cancelling deletion of Pod ${key}`)
}

/** The reports name the pod and nothing more of it, since it may be gone. */
function report({ events }: ControllerContext, key: string, message: string): void {
  const { namespace = '', name } = splitKey(key)
  const about = { apiVersion: podKind.apiVersion, kind: podKind.kind, metadata: { namespace, name } }
  events.event(about, 'Normal', 'TaintManagerEviction', message)
}

const why = { reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' }

async function evict(context: ControllerContext, pod: Live<Pod>, cause: ReconcileContext['cause']): Promise<void> {
  const { client, clock } = context
  const { name, namespace = '', uid } = pod.metadata
  const { conditions, changed } = disruptedConditions(pod, why, clock.now())
  const patch = { metadata: { uid }, status: { conditions } }
  try {
    if (changed)
      await client.patch(podKind, { name, namespace }, { type: 'strategic', patch }, { subresource: 'status', cause })
    await client.delete(podKind, { name, namespace }, { preconditions: { uid }, cause })
  } catch (error) {
    if (!isReason(error, 'NotFound', 'Conflict')) throw error
  }
}
