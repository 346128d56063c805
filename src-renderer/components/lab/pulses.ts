import type { Node, Pod } from '../../../src-main/api/types/core-v1.ts'
import type { Change } from '../../composables/live-list.ts'
import type { ControlPart } from './map-layout.ts'

/** Who wrote what the event tells of: the end of the line on which its request went to the API server. */
export type PulseSource = { readonly part: ControlPart } | { readonly machine: string }

/**
 * Where a change of a pod came from. Only a scheduler binds, only the pod's own kubelet reports its state and takes it
 * away at the end; a pod comes from a controller when it has an owner. Undefined: nobody on the map did it.
 */
export function sourceOfPodChange({ previous, next }: Change<Pod>): PulseSource | undefined {
  const machine = (next ?? previous)?.spec?.nodeName
  if (previous === undefined)
    return (next?.metadata.ownerReferences?.length ?? 0) > 0 ? { part: 'controllers' } : undefined
  if (previous.spec?.nodeName === undefined && machine !== undefined) return { part: 'scheduler' }
  if (next === undefined) return machine === undefined ? undefined : { machine }
  if (previous.metadata.deletionTimestamp === undefined && next.metadata.deletionTimestamp !== undefined)
    return (next.metadata.ownerReferences?.length ?? 0) > 0 ? { part: 'controllers' } : undefined
  const changed = JSON.stringify(previous.status) !== JSON.stringify(next.status)
  return changed && machine !== undefined ? { machine } : undefined
}

/** A node's status is its kubelet's. */
export function sourceOfNodeChange({ previous, next }: Change<Node>): PulseSource | undefined {
  if (next === undefined) return undefined
  const changed = JSON.stringify(previous?.status) !== JSON.stringify(next.status)
  return changed ? { machine: next.metadata.name } : undefined
}
