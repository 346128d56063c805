/** What becomes of a volume: free, bound, released, given back or removed. */
import type { PersistentVolumeStatus } from '../../api/types/core-v1.ts'
import { deletionProblem } from './in-tree.ts'
import { modeDiffers } from './match.ts'
import { provisionedBy, type Claim, type Volume } from './volume-facts.ts'

/** Of a warning. */
export interface Words {
  readonly reason: string
  readonly message: string
}

export type VolumePlan =
  /** Only the status changes, if it does. */
  | {
      readonly action: 'phase'
      readonly status: PersistentVolumeStatus
      readonly event?: Words
    }
  /** The claim has another volume: this one is free again. */
  | { readonly action: 'unbind' }
  /** Its claim is for another mode: both are told, and nothing is done. */
  | { readonly action: 'tellMismatch'; readonly claim: Claim }
  /** There is nothing behind it that would have to go first. */
  | { readonly action: 'remove' }

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
  if (takenName === '')
    return modeDiffers(volume, claim)
      ? { action: 'tellMismatch', claim }
      : { action: 'phase', status: { ...volume.status, phase: volume.status?.phase ?? 'Available' } }
  const { persistentVolumeReclaimPolicy: policy } = volume.spec ?? {}
  return isProvisioned(volume) && policy === 'Delete' ? released(volume) : { action: 'unbind' }
}

const isProvisioned = ({ metadata }: Volume): boolean => metadata.annotations?.[provisionedBy] !== undefined

/** What a provisioner made, it takes away again when it sees this phase. That something went wrong stays to be seen. */
function released(volume: Volume): VolumePlan {
  const { persistentVolumeReclaimPolicy: policy = 'Retain' } = volume.spec ?? {}
  const failedBefore = volume.status?.phase === 'Failed'
  const done: VolumePlan = failedBefore ? phase('Failed', volume.status) : phase('Released')
  if (policy === 'Recycle') return failed(volume, 'VolumeFailedRecycle', 'No recycler plugin found for the volume!')
  if (policy !== 'Delete' || isProvisioned(volume) || volume.metadata.deletionTimestamp !== undefined) return done
  // Only once others could see that it is released.
  if (!failedBefore && volume.status?.phase !== 'Released') return done
  const problem = deletionProblem(volume)
  return problem === undefined ? { action: 'remove' } : failed(volume, 'VolumeFailedDelete', problem)
}

function failed({ status }: Volume, reason: string, message: string): VolumePlan {
  if (status?.phase === 'Failed') return phase('Failed', status)
  const known = status?.reason === undefined ? {} : { reason: status.reason }
  return { action: 'phase', status: { phase: 'Failed', message, ...known }, event: { reason, message } }
}

/** For the volume, and for its claim. */
export function mismatchWords(volume: Volume, claim: Claim): readonly [Words, Words] {
  const [ofVolume, ofClaim] = [volume.metadata.name, claim.metadata.name].map((name) => JSON.stringify(name))
  const end = 'due to incompatible volumeMode.'
  const reason = 'VolumeMismatch'
  return [
    { reason, message: `Cannot bind PersistentVolume to requested PersistentVolumeClaim ${ofClaim} ${end}` },
    { reason, message: `Cannot bind PersistentVolume ${ofVolume} to requested PersistentVolumeClaim ${end}` },
  ]
}
