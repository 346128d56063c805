import { labelSelectorFrom } from '../../api/meta/label-selector.ts'
import { capacityBytes, classNameOf, isMeantFor, requestedBytes, type Claim, type Volume } from './volume-facts.ts'

const attributesOf = ({ spec }: Pick<Claim, 'spec'> | Pick<Volume, 'spec'>): string =>
  spec?.volumeAttributesClassName ?? ''

export const modeDiffers = (volume: Volume, claim: Claim): boolean =>
  (volume.spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem')

function allowsModes(volume: Volume, claim: Claim): boolean {
  return (claim.spec?.accessModes ?? []).every((mode) => volume.spec?.accessModes?.includes(mode) === true)
}

/** Why the volume that a claim names cannot be its own; undefined when it can. */
export function mismatchOf(volume: Volume, claim: Claim): string | undefined {
  const { name, deletionTimestamp } = volume.metadata
  if (deletionTimestamp !== undefined) return `the volume is marked for deletion ${JSON.stringify(name)}`
  if (capacityBytes(volume) < requestedBytes(claim)) return 'requested PV is too small'
  if ((volume.spec?.storageClassName ?? '') !== classNameOf(claim)) return 'storageClassName does not match'
  if (attributesOf(volume) !== attributesOf(claim)) return 'volumeAttributesClassName does not match'
  if (modeDiffers(volume, claim)) return 'incompatible volumeMode'
  if (!allowsModes(volume, claim)) return 'incompatible accessMode'
  return undefined
}

/**
 * The volume that was set aside for the claim, else the smallest free one that will do, among those that allow fewest
 * access modes besides the wanted ones. While the claim waits for its first consumer, only the former counts: the
 * scheduler chooses among the others.
 */
export function findVolume(claim: Claim, volumes: readonly Volume[], waits: boolean): Volume | undefined {
  for (const alike of byModes(volumes.filter((volume) => allowsModes(volume, claim)))) {
    const found = findAmong(claim, alike, waits)
    if (found !== undefined) return found
  }
  return undefined
}

/** Volumes with the same access modes, those with fewest first. */
function byModes(volumes: readonly Volume[]): readonly (readonly Volume[])[] {
  const modesOf = ({ spec }: Volume): string => [...new Set(spec?.accessModes)].sort().join()
  const groups = Map.groupBy(volumes, modesOf)
  const order = (a: string, b: string): number => a.split(',').length - b.split(',').length || (a < b ? -1 : 1)
  return [...groups].toSorted(([a], [b]) => order(a, b)).map(([, group]) => group)
}

function findAmong(claim: Claim, volumes: readonly Volume[], waits: boolean): Volume | undefined {
  const { selector } = claim.spec ?? {}
  const wanted = selector === undefined ? undefined : labelSelectorFrom(selector)
  let best: Volume | undefined
  for (const volume of volumes) {
    if (capacityBytes(volume) < requestedBytes(claim) || modeDiffers(volume, claim)) continue
    if (attributesOf(volume) !== attributesOf(claim) || volume.metadata.deletionTimestamp !== undefined) continue
    if (volume.spec?.claimRef !== undefined) {
      if (isMeantFor(volume, claim)) return volume
      continue
    }
    if (waits || volume.status?.phase !== 'Available') continue
    if ((volume.spec?.storageClassName ?? '') !== classNameOf(claim)) continue
    if (wanted?.matches(volume.metadata.labels) === false) continue
    if (best === undefined || capacityBytes(volume) < capacityBytes(best)) best = volume
  }
  return best
}
