/** The two halves of a binding. Each is written only where it is missing, so that a binding that broke off goes on. */
import { persistentVolumeClaim as claimKind } from '../../api/kinds/core/persistent-volume-claim.ts'
import { persistentVolume as volumeKind } from '../../api/kinds/core/persistent-volume.ts'
import type { Client } from '../../client/client.ts'
import type { ReconcileContext } from '../../client/controller.ts'
import { isStoredStatus } from '../stored-status.ts'
import { bindCompleted, boundByController, type Claim, type Volume } from './volume-facts.ts'

type Cause = ReconcileContext['cause']

/** First the volume names its claim: whoever comes later finds it taken. */
export async function bindVolume(client: Client, volume: Volume, claim: Claim, cause: Cause): Promise<Volume> {
  const { name, namespace, uid, resourceVersion } = claim.metadata
  if (volume.spec?.claimRef?.uid === uid) return volume
  const own: Record<string, string> = volume.spec?.claimRef === undefined ? { [boundByController]: 'yes' } : {}
  return client.update(
    volumeKind,
    {
      ...volume,
      metadata: { ...volume.metadata, annotations: { ...volume.metadata.annotations, ...own } },
      spec: {
        ...volume.spec,
        claimRef: {
          ...{ apiVersion: claimKind.apiVersion, kind: claimKind.kind, name, uid, resourceVersion },
          ...(namespace === undefined ? {} : { namespace }),
        },
      },
    },
    { cause },
  )
}

export async function bindClaim(client: Client, claim: Claim, volume: Volume, cause: Cause): Promise<void> {
  const volumeName = volume.metadata.name
  const { annotations = {} } = claim.metadata
  let current = claim
  if (claim.spec?.volumeName !== volumeName || annotations[bindCompleted] === undefined) {
    const own: Record<string, string> = (claim.spec?.volumeName ?? '') === '' ? { [boundByController]: 'yes' } : {}
    const metadata = { ...claim.metadata, annotations: { ...annotations, ...own, [bindCompleted]: 'yes' } }
    current = await client.update(claimKind, { ...claim, metadata, spec: { ...claim.spec, volumeName } }, { cause })
  }
  const { accessModes, capacity, volumeAttributesClassName } = volume.spec ?? {}
  // A size that an expansion has written stays: the volume's may be ahead of what the node has made of it.
  const isNew = current.status?.phase !== 'Bound'
  const known = isNew ? undefined : current.status?.capacity
  const status = {
    ...current.status,
    phase: 'Bound',
    ...(accessModes === undefined ? {} : { accessModes }),
    ...(isNew && volumeAttributesClassName !== undefined
      ? { currentVolumeAttributesClassName: volumeAttributesClassName }
      : {}),
    ...(known === undefined && capacity === undefined ? {} : { capacity: known ?? capacity ?? {} }),
  }
  if (isStoredStatus(claimKind, status, current.status)) return
  await client.update(claimKind, { ...current, status }, { subresource: 'status', cause })
}
