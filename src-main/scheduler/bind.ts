/** Tells the API server where a pod goes, or why it cannot go anywhere. */
import { pod as podKind } from '../api/kinds/core/pod.ts'
import { node as nodeKind } from '../api/kinds/core/node.ts'
import { keyOf, type Live } from '../api/meta/object.ts'
import { podCondition } from '../api/meta/pod.ts'
import type { Binding, Pod } from '../api/types/core-v1.ts'
import type { Client } from '../client/client.ts'
import { timestamp } from '../lib/clock.ts'

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
  const isSaid = known?.status === 'False' && known.reason === reason && known.message === message
  const isNominated = nominatedNodeName === undefined || nominatedNodeName === (pod.status?.nominatedNodeName ?? '')
  if (isSaid && isNominated) return
  const { name, namespace = '', uid } = pod.metadata
  const lastTransitionTime = known?.status === 'False' ? known.lastTransitionTime : timestamp(nowMs)
  const condition = { type: 'PodScheduled', status: 'False', reason, message, lastTransitionTime }
  const nomination = isNominated ? {} : { nominatedNodeName: nominatedNodeName === '' ? null : nominatedNodeName }
  const patch = { metadata: { uid }, status: { conditions: [condition], ...nomination } }
  await client.patch(podKind, { name, namespace }, { type: 'strategic', patch }, { subresource: 'status' })
}
