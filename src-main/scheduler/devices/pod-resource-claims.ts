/** The resource claims of a pod: those that it names, and those that were made for it from templates. */
import type { Live } from '../../api/meta/object.ts'
import { isControlledBy } from '../../api/meta/owner-references.ts'
import type { Pod, PodResourceClaim } from '../../api/types/core-v1.ts'
import type { ResourceClaim } from '../../api/types/resource-v1.ts'
import { unresolvable, type Refused } from '../framework.ts'
import type { DeviceView } from './device-view.ts'

/** So many may share a claim. */
const reservationsLimit = 256

export const usesResourceClaims = ({ spec }: Pod): boolean => (spec?.resourceClaims ?? []).length > 0

type ClaimName = { readonly name: string; readonly isMade: boolean } | 'none needed' | 'not made yet'

function nameOf(pod: Pod, { name, resourceClaimName }: PodResourceClaim): ClaimName {
  if (resourceClaimName !== undefined) return { name: resourceClaimName, isMade: false }
  const status = pod.status?.resourceClaimStatuses?.find((one) => one.name === name)
  if (status === undefined) return 'not made yet'
  return status.resourceClaimName === undefined ? 'none needed' : { name: status.resourceClaimName, isMade: true }
}

/** The pod's claims, or why it must wait for one. */
export function resourceClaimsOf(pod: Live<Pod>, devices: DeviceView): readonly Live<ResourceClaim>[] | Refused {
  const { name: podName, namespace = '' } = pod.metadata
  const claims: Live<ResourceClaim>[] = []
  for (const wanted of pod.spec?.resourceClaims ?? []) {
    const found = nameOf(pod, wanted)
    if (found === 'none needed') continue
    if (found === 'not made yet') return unresolvable(`pod "${namespace}/${podName}": ResourceClaim not created yet`)
    const { name, isMade } = found
    const claim = devices.resourceClaim(namespace, name)
    if (claim === undefined) return unresolvable(`could not find ResourceClaim "${namespace}/${name}"`)
    if (claim.metadata.deletionTimestamp !== undefined)
      return unresolvable(`resourceclaim ${JSON.stringify(name)} is being deleted`)
    if (isMade && !isControlledBy(claim, pod))
      return unresolvable(
        `ResourceClaim ${namespace}/${name} was not created for pod ${namespace}/${podName} (pod is not owner)`,
      )
    claims.push(claim)
  }
  return claims
}

export const namesClaim = (pod: Live<Pod>, { metadata }: Live<ResourceClaim>): boolean =>
  pod.metadata.namespace === metadata.namespace &&
  (pod.spec?.resourceClaims ?? []).some((wanted) => {
    const found = nameOf(pod, wanted)
    return typeof found === 'object' && found.name === metadata.name
  })

export const isReservedFor = ({ status }: ResourceClaim, pod: Live<Pod>): boolean =>
  (status?.reservedFor ?? []).some(({ uid }) => uid === pod.metadata.uid)

export const canBeReserved = ({ status }: ResourceClaim): boolean =>
  (status?.reservedFor ?? []).length < reservationsLimit

/** The first class that a claim's requests name and that is not there. */
export function missingClass({ spec }: ResourceClaim, devices: DeviceView): Refused | undefined {
  for (const { name, exactly, firstAvailable = [] } of spec.devices?.requests ?? []) {
    const alternatives = firstAvailable.map((one): [string, string] => [`${name}/${one.name}`, one.deviceClassName])
    const wanted = exactly === undefined ? alternatives : [[name, exactly.deviceClassName] as const]
    for (const [request, deviceClass] of wanted)
      if (devices.deviceClass(deviceClass) === undefined)
        return unresolvable(`request ${request}: device class ${deviceClass} does not exist`)
  }
  return undefined
}
