/** Lets bound claims grow. A folder on a node has no size of its own: only the numbers change. */
import { persistentVolumeClaim as claimKind } from '../../api/kinds/core/persistent-volume-claim.ts'
import { persistentVolume as volumeKind } from '../../api/kinds/core/persistent-volume.ts'
import { runController, type ReconcileContext } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import {
  capacityBytes,
  isMeantFor,
  provisionedBy,
  requestedBytes,
  sizeOf,
  type Claim,
  type Volume,
} from './volume-facts.ts'

export type ExpandPlan = 'none' | 'grow' | 'somebodyElse'

/** `own` is the provisioner whose volumes are folders. */
export function planExpand(claim: Claim, volume: Volume | undefined, own: string): ExpandPlan {
  if (claim.status?.phase !== 'Bound' || volume === undefined || !isMeantFor(volume, claim)) return 'none'
  const wanted = requestedBytes(claim)
  if (wanted <= sizeOf(claim.status.capacity?.storage) && wanted <= capacityBytes(volume)) return 'none'
  if (wanted <= sizeOf(claim.status.capacity?.storage)) return 'none'
  return volume.metadata.annotations?.[provisionedBy] === own ? 'grow' : 'somebodyElse'
}

export function startExpandController(context: ControllerContext, own: string): Disposable {
  const { informers, client, events, clock, random, log, probe } = context
  const claims = informers.of(claimKind)
  const volumes = informers.of(volumeKind)
  const reconcile = async (key: string, { cause }: ReconcileContext): Promise<void> => {
    const claim = claims.lister.byKey(key)
    const volume = claim === undefined ? undefined : volumes.lister.byKey(claim.spec?.volumeName ?? '')
    const plan = claim === undefined ? 'none' : planExpand(claim, volume, own)
    if (claim === undefined || volume === undefined || plan === 'none') return
    const about = { ...claim, apiVersion: claimKind.apiVersion, kind: claimKind.kind }
    events.event(about, 'Normal', 'ExternalExpanding', 'waiting for an external controller to expand this PVC')
    if (plan === 'somebodyElse') return
    events.event(about, 'Normal', 'Resizing', `External resizer is resizing volume ${volume.metadata.name}`)
    const storage = claim.spec?.resources?.requests?.storage ?? ''
    if (capacityBytes(volume) < requestedBytes(claim)) {
      const spec = { ...volume.spec, capacity: { ...volume.spec?.capacity, storage } }
      await client.update(volumeKind, { ...volume, spec }, { cause })
    }
    const status = { ...claim.status, capacity: { ...claim.status?.capacity, storage } }
    await client.update(claimKind, { ...claim, status }, { subresource: 'status', cause })
    events.event(about, 'Normal', 'VolumeResizeSuccessful', 'Resize volume succeeded')
  }
  return runController({
    name: 'expand',
    kind: claimKind,
    sources: [
      watchOwn(claims, (claim) => requestedBytes(claim) > sizeOf(claim.status?.capacity?.storage)),
      watchMapped(volumes, () => []),
    ],
    reconcile,
    clock,
    random,
    log,
    probe,
  })
}
