/** Gives a pod's claims their volumes before the pod is bound. */
import { persistentVolumeClaim } from '../../api/kinds/core/persistent-volume-claim.ts'
import { persistentVolume } from '../../api/kinds/core/persistent-volume.ts'
import { keyOf, type Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { Client } from '../../client/client.ts'
import type { Clock } from '../../lib/clock.ts'
import { claimState } from './claim-state.ts'
import { matchVolumes, selectedNodeAnnotation, type VolumePlan } from './match-volumes.ts'
import { claimsOf, isRefused, usesClaims } from './pod-claims.ts'
import type { StorageCache } from './storage-cache.ts'
import type { Node } from '../../api/types/core-v1.ts'

export class VolumeBindingError extends Error {
  override readonly name = 'VolumeBindingError'
  readonly code = 'VolumesNotBound'
}

/** What is to be written for the pod on the node; undefined: nothing. */
export function planVolumes(pod: Live<Pod>, node: Node, storage: StorageCache): VolumePlan | undefined {
  if (!usesClaims(pod)) return undefined
  const claims = claimsOf(pod, storage)
  const state = isRefused(claims) ? claims : claimState(claims, storage)
  if (isRefused(state)) throw new VolumeBindingError(state.reasons.join(', '))
  if (state.delayed.length === 0) return undefined
  const plan = matchVolumes(state.delayed, node, storage)
  if ('refused' in plan) throw new VolumeBindingError(`the volumes that were found for ${keyOf(pod)} are gone`)
  return plan
}

export interface BindVolumesOptions {
  readonly client: Client
  readonly clock: Clock
  readonly storage: StorageCache
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Writes the plan and waits until the claims are bound. Throws VolumeBindingError when they are not in time. */
export async function bindVolumes(
  pod: Live<Pod>,
  nodeName: string,
  { matches, provisions }: VolumePlan,
  options: BindVolumesOptions,
): Promise<void> {
  const { client } = options
  const cause = { revision: Number(pod.metadata.resourceVersion), key: keyOf(pod) }
  for (const { claim, volume } of matches) {
    const { name, namespace = '', uid, resourceVersion } = claim.metadata
    const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion }
    const annotations = { ...volume.metadata.annotations, 'pv.kubernetes.io/bound-by-controller': 'yes' }
    const object = { ...volume, metadata: { ...volume.metadata, annotations }, spec: { ...volume.spec, claimRef } }
    await client.update(persistentVolume, object, { cause })
  }
  for (const claim of provisions) {
    const { name, namespace = '', uid } = claim.metadata
    const patch = { metadata: { uid, annotations: { [selectedNodeAnnotation]: nodeName } } }
    await client.patch(persistentVolumeClaim, { name, namespace }, { type: 'merge', patch }, { cause })
  }
  await untilBound(pod, options)
}

function untilBound(pod: Live<Pod>, { clock, storage, timeoutMs, signal }: BindVolumesOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: Error): void => {
      void watching.dispose()
      void timer.dispose()
      signal.removeEventListener('abort', onAbort)
      if (error === undefined) resolve()
      else reject(error)
    }
    const onAbort = (): void => end(new VolumeBindingError('the scheduler was stopped'))
    const look = (): void => {
      const claims = claimsOf(pod, storage)
      if (isRefused(claims)) return end(new VolumeBindingError(claims.reasons.join(', ')))
      const state = claimState(claims, storage)
      if (!isRefused(state) && state.delayed.length === 0) end()
    }
    const late = (): void =>
      end(new VolumeBindingError(`binding volumes: context deadline exceeded after ${timeoutMs / 1000} s`))
    const watching = storage.onChange(look)
    const timer = clock.after(timeoutMs, late)
    signal.addEventListener('abort', onAbort)
    look()
  })
}
