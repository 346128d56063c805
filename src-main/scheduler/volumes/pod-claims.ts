/** The claims of a pod's volumes. */
import type { Live } from '../../api/meta/object.ts'
import { isControlledBy } from '../../api/meta/owner-references.ts'
import type { PersistentVolumeClaim, Pod } from '../../api/types/core-v1.ts'
import { unresolvable, type Refused } from '../framework.ts'
import type { StorageView } from './storage-view.ts'

export interface ClaimName {
  readonly name: string
  /** Made for this pod alone, by the controller of ephemeral volumes. */
  readonly ephemeral: boolean
}

export function claimNamesOf({ metadata, spec }: Live<Pod>): ClaimName[] {
  return (spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }): ClaimName[] => {
    if (persistentVolumeClaim !== undefined) return [{ name: persistentVolumeClaim.claimName, ephemeral: false }]
    return ephemeral === undefined ? [] : [{ name: `${metadata.name}-${name}`, ephemeral: true }]
  })
}

export const usesClaims = ({ spec }: Pod): boolean =>
  spec?.volumes?.some(
    ({ persistentVolumeClaim, ephemeral }) => persistentVolumeClaim !== undefined || ephemeral !== undefined,
  ) ?? false

/** Keys `namespace/name`, as far as the pod names them. */
export const claimKeysOf = (pod: Live<Pod>): string[] =>
  usesClaims(pod) ? claimNamesOf(pod).map(({ name }) => `${pod.metadata.namespace ?? ''}/${name}`) : []

/** The pod's claims, or why it must wait for one. */
export function claimsOf(pod: Live<Pod>, storage: StorageView): readonly Live<PersistentVolumeClaim>[] | Refused {
  const claims: Live<PersistentVolumeClaim>[] = []
  for (const { name, ephemeral } of claimNamesOf(pod)) {
    const claim = storage.claim(pod.metadata.namespace ?? '', name)
    if (claim === undefined) {
      const missing = `persistentvolumeclaim ${JSON.stringify(name)}`
      const waiting = `waiting for ephemeral volume controller to create the ${missing}`
      return unresolvable(ephemeral ? waiting : `${missing} not found`)
    }
    if (claim.status?.phase === 'Lost')
      return unresolvable(
        `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`,
      )
    if (claim.metadata.deletionTimestamp !== undefined)
      return unresolvable(`persistentvolumeclaim ${JSON.stringify(name)} is being deleted`)
    if (ephemeral && !isControlledBy(claim, pod))
      return unresolvable(`PVC ${claim.metadata.namespace ?? ''}/${name} was not created for pod (pod is not owner)`)
    claims.push(claim)
  }
  return claims
}

export const isRefused = (value: object): value is Refused => 'fits' in value && value.fits === false
