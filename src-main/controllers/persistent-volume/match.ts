import { labelSelectorFrom } from '../../api/meta/label-selector.ts'
import { capacityBytes, classNameOf, isMeantFor, requestedBytes, type Claim, type Volume } from './volume-facts.ts'

/** Why a volume cannot be the claim's, whatever else is free; undefined when it can. */
export function mismatchOf(volume: Volume, claim: Claim): string | undefined {
  const { accessModes = [], volumeMode = 'Filesystem' } = claim.spec ?? {}
  if (capacityBytes(volume) < requestedBytes(claim)) return 'requested PV is too small'
  if ((volume.spec?.storageClassName ?? '') !== classNameOf(claim)) return 'storageClassName does not match'
  if ((volume.spec?.volumeMode ?? 'Filesystem') !== volumeMode) return 'incompatible volumeMode'
  if (!accessModes.every((mode) => volume.spec?.accessModes?.includes(mode) === true)) return 'incompatible accessMode'
  return undefined
}

/**
 * The volume that was set aside for the claim, else the smallest free one that will do. While the claim waits for its
 * first consumer, only the former counts: the scheduler chooses among the others.
 */
export function findVolume(claim: Claim, volumes: readonly Volume[], waits: boolean): Volume | undefined {
  const { selector, volumeAttributesClassName = '' } = claim.spec ?? {}
  const wanted = selector === undefined ? undefined : labelSelectorFrom(selector)
  let best: Volume | undefined
  for (const volume of volumes) {
    if (volume.spec?.claimRef !== undefined) {
      if (isMeantFor(volume, claim) && mismatchOf(volume, claim) === undefined) return volume
      continue
    }
    if (waits || volume.metadata.deletionTimestamp !== undefined) continue
    if (volume.status?.phase !== 'Available' || mismatchOf(volume, claim) !== undefined) continue
    if ((volume.spec?.volumeAttributesClassName ?? '') !== volumeAttributesClassName) continue
    if (wanted?.matches(volume.metadata.labels) === false) continue
    if (best === undefined || capacityBytes(volume) < capacityBytes(best)) best = volume
  }
  return best
}
