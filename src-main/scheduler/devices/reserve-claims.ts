/** Tells in a pod's claims that the pod will use them, before it is bound. */
import { keyOf, type Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { Client } from '../../client/client.ts'
import { isRefused } from '../volumes/pod-claims.ts'
import { resourceClaimKind } from './device-cache.ts'
import type { DeviceView } from './device-view.ts'
import { isReservedFor, resourceClaimsOf, usesResourceClaims } from './pod-resource-claims.ts'

export class ClaimReservationError extends Error {
  override readonly name = 'ClaimReservationError'
  readonly code = 'ClaimsNotReserved'
}

/** Throws ClaimReservationError when a claim has gone or lost its devices meanwhile, and what the client throws. */
export async function reserveClaims(pod: Live<Pod>, devices: DeviceView, client: Client): Promise<void> {
  if (!usesResourceClaims(pod)) return
  const claims = resourceClaimsOf(pod, devices)
  if (isRefused(claims)) throw new ClaimReservationError(claims.reasons.join(', '))
  const { name: podName, uid } = pod.metadata
  const cause = { revision: Number(pod.metadata.resourceVersion), key: keyOf(pod) }
  for (const claim of claims) {
    if (isReservedFor(claim, pod)) continue
    const { name, namespace = '', resourceVersion } = claim.metadata
    if (claim.status?.allocation === undefined)
      throw new ClaimReservationError(`claim ${namespace}/${name} is not allocated any more`)
    const reservedFor = [...(claim.status.reservedFor ?? []), { resource: 'pods', name: podName, uid }]
    // Someone else may reserve it at the same moment: the version tells.
    const patch = { metadata: { resourceVersion }, status: { reservedFor } }
    await client.patch(
      resourceClaimKind,
      { name, namespace },
      { type: 'merge', patch },
      { subresource: 'status', cause },
    )
  }
}
