/** What a pod's claims need before the pod can run. */
import { unresolvable, type Refused } from '../framework.ts'
import { classOf, type Claim, type Volume } from './match-volumes.ts'
import type { StorageView } from './storage-view.ts'

export interface ClaimState {
  readonly bound: readonly { readonly claim: Claim; readonly volume: Volume | undefined }[]
  /** They get their volume when the pod has its node. */
  readonly delayed: readonly Claim[]
}

export const isBound = ({ spec, metadata }: Claim): boolean =>
  (spec?.volumeName ?? '') !== '' && metadata.annotations?.['pv.kubernetes.io/bind-completed'] !== undefined

/** A claim that names its volume counts as bound once the volume names it too, whoever writes the annotation. */
function isSettled(claim: Claim, volume: Volume | undefined): boolean {
  return isBound(claim) || (volume !== undefined && volume.spec?.claimRef?.uid === claim.metadata.uid)
}

export function claimState(claims: readonly Claim[], storage: StorageView): ClaimState | Refused {
  const bound: { claim: Claim; volume: Volume | undefined }[] = []
  const delayed: Claim[] = []
  for (const claim of claims) {
    const volumeName = claim.spec?.volumeName ?? ''
    const volume = volumeName === '' ? undefined : storage.volume(volumeName)
    if (volumeName !== '' && isSettled(claim, volume)) {
      bound.push({ claim, volume })
      continue
    }
    const className = classOf(claim)
    const storageClass = className === '' ? undefined : storage.storageClass(className)
    if (volumeName !== '' || storageClass?.volumeBindingMode !== 'WaitForFirstConsumer')
      return unresolvable('pod has unbound immediate PersistentVolumeClaims')
    delayed.push(claim)
  }
  return { bound, delayed }
}
