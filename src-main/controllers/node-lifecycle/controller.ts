/** Notices nodes that have fallen silent, and keeps conditions, taints and their pods' readiness in step with it. */
import { isReason } from '../../api/errors.ts'
import { lease as leaseKind } from '../../api/kinds/coordination/lease.ts'
import { node as nodeKind } from '../../api/kinds/core/node.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { findCondition } from '../../api/meta/conditions.ts'
import type { Live } from '../../api/meta/object.ts'
import { isPodReady, isTerminated } from '../../api/meta/pod.ts'
import type { Lease } from '../../api/types/coordination-v1.ts'
import type { Node, Pod } from '../../api/types/core-v1.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Informer } from '../../client/informer.ts'
import { timestamp } from '../../lib/clock.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { indexByNode, podsOnNode } from '../pods-on-node.ts'
import { planNode, type NodePlan } from './plan.ts'
import { SignsOfLife } from './signs-of-life.ts'
import { pauseBetween, ZonePace, zoneOf } from './zones.ts'

/** How long a kubelet may be silent. It renews its lease every ten seconds. */
const graceMs = 40_000
/** When to look again at a zone of which no node is given up. */
const lookAgainMs = 5000
const leaseNamespace = 'kube-node-lease'

interface Parts {
  readonly context: ControllerContext
  readonly nodes: Informer<Node>
  readonly leases: Informer<Lease>
  readonly pods: Informer<Pod>
  readonly signs: SignsOfLife
  readonly pace: ZonePace
  /** The nodes that were told of, as they were last seen. */
  readonly known: Map<string, Live<Node>>
}

export function startNodeLifecycleController(context: ControllerContext): Disposable {
  const { informers, clock, random, log, probe } = context
  const parts = {
    context,
    nodes: informers.of(nodeKind),
    leases: informers.of(leaseKind, { namespace: leaseNamespace }),
    pods: indexByNode(informers.of(podKind)),
    signs: new SignsOfLife(),
    pace: new ZonePace(),
    known: new Map<string, Live<Node>>(),
  }
  return runController({
    name: 'node-lifecycle',
    kind: nodeKind,
    sources: [
      watchOwn(parts.nodes),
      watchMapped(parts.leases, ({ metadata }) => [metadata.name]),
      // Only to have the pods before the first round: they are marked when their node is.
      watchMapped(parts.pods, () => []),
    ],
    reconcile: (name, reconcile) => reconcileNode(parts, name, reconcile),
    clock,
    random,
    log,
    probe,
  })
}

async function reconcileNode(parts: Parts, name: string, { cause }: ReconcileContext): Promise<ReconcileResult> {
  const { context, nodes, leases, signs, pace } = parts
  const { clock } = context
  const node = nodes.lister.byKey(name)
  tellOfNode(parts, name, node)
  if (node === undefined) {
    signs.forget(name)
    pace.forget(name)
    return undefined
  }
  const silentMs = signs.silentForMs(node, leases.lister.get(leaseNamespace, name), clock.monotonic())
  const silent = silentMs >= graceMs
  const status = findCondition(node.status?.conditions, 'Ready')?.status
  const down = silent || status === 'False' || status === 'Unknown'
  if (!down) pace.forget(name)
  const waitMs = down ? evictionWaitMs(parts, node) : 0
  const plan = planNode({ node, silent, mayEvict: waitMs === 0, nowMs: clock.now() })
  if (plan.conditions !== undefined) tell(context, node, 'NodeNotReady', `Node ${name} status is now: NodeNotReady`)
  await writeNode(parts, node, plan, cause)
  if (plan.podsNotReady) await markPodsNotReady(parts, name, cause)
  const againMs = silent ? graceMs : graceMs - silentMs
  return { requeueAfterMs: waitMs === 0 ? againMs : Math.min(againMs, waitMs ?? lookAgainMs) }
}

const tell = ({ events }: ControllerContext, node: Live<Node>, reason: string, message: string): void =>
  events.event({ ...node, apiVersion: nodeKind.apiVersion, kind: nodeKind.kind }, 'Normal', reason, message)

/** A node comes, or goes: known by its uid, for one of the same name may take its place. */
function tellOfNode({ context, known }: Parts, name: string, node: Live<Node> | undefined): void {
  const before = known.get(name)
  if (before !== undefined && before.metadata.uid !== node?.metadata.uid)
    tell(context, before, 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`)
  if (node === undefined) {
    known.delete(name)
    return
  }
  if (before?.metadata.uid !== node.metadata.uid)
    tell(context, node, 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`)
  known.set(name, node)
}

/** As seen from what is known of all nodes: this one is down, whatever its conditions still say. */
function evictionWaitMs({ context, nodes, pace }: Parts, node: Live<Node>): number | undefined {
  const { name } = node.metadata
  const down = { ...node, status: { ...node.status, conditions: [] } }
  const all = [...nodes.lister.list().filter((other) => other.metadata.name !== name), down]
  const zone = zoneOf(node)
  return pace.waitMs(name, zone, pauseBetween(all, zone), context.clock.monotonic())
}

async function writeNode(
  { context: { client } }: Parts,
  node: Live<Node>,
  { conditions, taints }: NodePlan,
  cause: ReconcileContext['cause'],
): Promise<void> {
  let current = node
  if (conditions !== undefined) {
    const status = { ...node.status, conditions }
    current = await client.update(nodeKind, { ...node, status }, { subresource: 'status', cause })
  }
  if (taints === undefined) return
  await client.update(nodeKind, { ...current, spec: { ...current.spec, taints } }, { cause })
}

async function markPodsNotReady(
  { context: { client, clock, events }, pods }: Parts,
  nodeName: string,
  cause: ReconcileContext['cause'],
): Promise<void> {
  for (const pod of podsOnNode(pods, nodeName)) {
    if (!isPodReady(pod) || isTerminated(pod)) continue
    const { name, namespace = '', uid } = pod.metadata
    const condition = {
      type: 'Ready',
      status: 'False',
      reason: 'NodeNotReady',
      lastTransitionTime: timestamp(clock.now()),
    }
    const patch = { metadata: { uid }, status: { conditions: [condition] } }
    try {
      const options = { subresource: 'status', cause }
      await client.patch(podKind, { name, namespace }, { type: 'strategic', patch }, options)
      const about = { ...pod, apiVersion: podKind.apiVersion, kind: podKind.kind }
      events.event(about, 'Warning', 'NodeNotReady', 'Node is not ready')
    } catch (error) {
      if (!isReason(error, 'NotFound', 'Conflict')) throw error
    }
  }
}
