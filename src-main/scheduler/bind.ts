/** Tells the API server where a pod goes, or why it cannot go anywhere. */
import { StatusError } from '../api/errors.ts'
import { pod as podKind } from '../api/kinds/core/pod.ts'
import { node as nodeKind } from '../api/kinds/core/node.ts'
import { keyOf, type Live } from '../api/meta/object.ts'
import { podCondition } from '../api/meta/pod.ts'
import type { Binding, Pod } from '../api/types/core-v1.ts'
import type { Client } from '../client/client.ts'
import { timestamp, type Clock } from '../lib/clock.ts'

export async function bindPod(client: Client, pod: Live<Pod>, nodeName: string): Promise<void> {
  const { name, namespace = '', uid, resourceVersion } = pod.metadata
  const body: Binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, namespace, uid },
    target: { apiVersion: nodeKind.apiVersion, kind: nodeKind.kind, name: nodeName },
  }
  const cause = { revision: Number(resourceVersion), key: keyOf(pod) }
  await client.post(podKind, { name, namespace }, 'binding', body, cause)
}

/** How long to wait before the server is asked again what it made of a binding. */
const askAgainMs = 1000

/**
 * Whether the pod has the node although its binding failed: the answer may have been lost on the way. Asks until the
 * server says, for giving the node's room to another pod meanwhile would give it twice. False after an abort.
 */
export async function isBoundAfterAll(
  { client, clock, signal }: { readonly client: Client; readonly clock: Clock; readonly signal: AbortSignal },
  { metadata: { name, namespace = '', uid } }: Live<Pod>,
  nodeName: string,
  failure: unknown,
): Promise<boolean> {
  // The server has refused it.
  if (failure instanceof StatusError && failure.code < 500) return false
  while (!signal.aborted) {
    try {
      const { metadata, spec } = await client.get(podKind, { name, namespace })
      return metadata.uid === uid && spec?.nodeName === nodeName
    } catch (error) {
      if (error instanceof StatusError && error.code < 500) return false
      await clock.sleep(askAgainMs, signal).catch(() => undefined)
    }
  }
  return false
}

export interface SchedulingFailure {
  readonly reason: 'Unschedulable' | 'SchedulerError'
  readonly message: string
  /** The node on which room is being made; empty: on none any more; undefined: as before. */
  readonly nominatedNodeName?: string | undefined
}

/** Sets the pod's condition PodScheduled to False, unless all is said already. */
export async function writeUnscheduled(
  client: Client,
  pod: Live<Pod>,
  { reason, message, nominatedNodeName }: SchedulingFailure,
  nowMs: number,
): Promise<void> {
  const known = podCondition(pod, 'PodScheduled')
  const { generation } = pod.metadata
  const isSaid =
    known?.status === 'False' &&
    known.reason === reason &&
    known.message === message &&
    known.observedGeneration === generation
  const isNominated = nominatedNodeName === undefined || nominatedNodeName === (pod.status?.nominatedNodeName ?? '')
  if (isSaid && isNominated) return
  const { name, namespace = '', uid } = pod.metadata
  const lastTransitionTime = known?.status === 'False' ? known.lastTransitionTime : timestamp(nowMs)
  const observed = generation === undefined ? {} : { observedGeneration: generation }
  const condition = { type: 'PodScheduled', status: 'False', reason, message, lastTransitionTime, ...observed }
  const nomination = isNominated ? {} : { nominatedNodeName: nominatedNodeName === '' ? null : nominatedNodeName }
  const patch = { metadata: { uid }, status: { conditions: [condition], ...nomination } }
  await client.patch(podKind, { name, namespace }, { type: 'strategic', patch }, { subresource: 'status' })
}
