/** What becomes of a volume: free, bound, released, given back or removed. */
import type { PersistentVolumeStatus } from '../../api/types/core-v1.ts'
import { boundByController, provisionedBy, type Claim, type Volume } from './volume-facts.ts'

export type VolumePlan =
  /** Only the status changes, if it does. */
  | {
      readonly action: 'phase'
      readonly status: PersistentVolumeStatus
      readonly event?: { reason: string; message: string }
    }
  /** The claim has another volume: this one is free again. */
  | { readonly action: 'unbind' }

const phase = (name: string, rest: Partial<PersistentVolumeStatus> = {}): VolumePlan => ({
  action: 'phase',
  status: { ...rest, phase: name },
})

/** `claim` is the one that the volume names, undefined when the server has none with that uid. */
export function planVolume(volume: Volume, claim: Claim | undefined): VolumePlan {
  const { claimRef } = volume.spec ?? {}
  if (claimRef === undefined) return phase('Available')
  // Set aside by hand for a claim that has not taken it yet.
  if ((claimRef.uid ?? '') === '') return phase('Available')
  if (claim === undefined) return released(volume)
  const takenName = claim.spec?.volumeName ?? ''
  if (takenName === volume.metadata.name) return phase('Bound')
  if (takenName === '') return phase(volume.status?.phase ?? 'Available')
  return isOwnBinding(volume) && isProvisioned(volume) ? released(volume) : { action: 'unbind' }
}

const isProvisioned = ({ metadata }: Volume): boolean => metadata.annotations?.[provisionedBy] !== undefined
const isOwnBinding = ({ metadata }: Volume): boolean => metadata.annotations?.[boundByController] !== undefined

/** What a provisioner made, it takes away again when it sees this phase. Nobody else knows how to remove a volume. */
function released(volume: Volume): VolumePlan {
  const { persistentVolumeReclaimPolicy: policy = 'Retain' } = volume.spec ?? {}
  const failedBefore = volume.status?.phase === 'Failed'
  if (policy === 'Retain') return phase('Released')
  if (policy === 'Delete' && isProvisioned(volume))
    return failedBefore ? phase('Failed', volume.status) : phase('Released')
  const reason = policy === 'Delete' ? 'VolumeFailedDelete' : 'VolumeFailedRecycle'
  const message =
    policy === 'Delete'
      ? `error getting deleter volume plugin for volume ${JSON.stringify(volume.metadata.name)}: no volume plugin matched`
      : 'no recyclable volume plugin matched'
  const status = {
    phase: 'Failed',
    message,
    ...(volume.status?.reason === undefined ? {} : { reason: volume.status.reason }),
  }
  return failedBefore ? { action: 'phase', status } : { action: 'phase', status, event: { reason, message } }
}
