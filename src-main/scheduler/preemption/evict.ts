/** Carries out a preemption: the victims are told and deleted, and less important pods give up their hope for the node. */
import { isReason } from '../../api/errors.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { keyOf, type Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/events.ts'
import { timestamp, type Clock } from '../../lib/clock.ts'
import { isTerminating } from '../../api/meta/pod.ts'
import type { Candidate } from './victims.ts'

export interface EvictOptions {
  readonly client: Client
  readonly clock: Clock
  readonly events: EventRecorder
  readonly schedulerName: string
  /** Ends the wait of a pod that has the node in prospect but is not bound yet. True when there was one. */
  readonly rejectWaiting: (uid: string) => boolean
}

export async function evict(pod: Live<Pod>, { node, victims }: Candidate, options: EvictOptions): Promise<void> {
  await Promise.all(victims.map((victim) => evictOne(pod, node, victim, options)))
}

async function evictOne(pod: Live<Pod>, node: string, victim: Live<Pod>, options: EvictOptions): Promise<void> {
  const { client, clock, events, schedulerName, rejectWaiting } = options
  const { name, namespace = '', uid, generation } = victim.metadata
  // What is on its way out already needs no further word.
  if (isTerminating(victim)) return
  const about = { ...victim, apiVersion: podKind.apiVersion, kind: podKind.kind }
  const tell = (): void =>
    events.event(about, 'Normal', 'Preempted', `Preempted by pod ${pod.metadata.uid} on node ${node}`, {
      action: 'Preempting',
      related: { ...pod, apiVersion: podKind.apiVersion, kind: podKind.kind },
    })
  if (rejectWaiting(uid)) return tell()
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'PreemptionByScheduler',
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    message: `${schedulerName}: preempting to accommodate a higher priority pod`,
    lastTransitionTime: timestamp(clock.now()),
  }
  try {
    const patch = { metadata: { uid }, status: { conditions: [condition] } }
    await client.patch(podKind, { name, namespace }, { type: 'strategic', patch }, { subresource: 'status' })
    const cause = { revision: Number(pod.metadata.resourceVersion), key: keyOf(pod) }
    await client.delete(podKind, { name, namespace }, { preconditions: { uid }, cause })
  } catch (error) {
    // It is gone already, which is all that was wanted.
    if (isReason(error, 'NotFound', 'Conflict')) return
    throw error
  }
  tell()
}

/** The pods of lower priority that hoped for the node look for another. */
export async function dropNominations(pods: readonly Live<Pod>[], client: Client): Promise<void> {
  await Promise.all(
    pods.map(async ({ metadata: { name, namespace = '', uid } }) => {
      const patch = { metadata: { uid }, status: { nominatedNodeName: null } }
      try {
        await client.patch(podKind, { name, namespace }, { type: 'merge', patch }, { subresource: 'status' })
      } catch (error) {
        if (!isReason(error, 'NotFound', 'Conflict')) throw error
      }
    }),
  )
}
