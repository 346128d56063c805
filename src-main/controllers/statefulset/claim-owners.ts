/** Who takes a claim along: the retention policy of a StatefulSet as owner references (KEP-1847). */
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { statefulSet as statefulSetKind } from '../../api/kinds/apps/stateful-set.ts'
import type { Live } from '../../api/meta/object.ts'
import { ownerReference } from '../../api/meta/owner-references.ts'
import { stableText } from '../../api/meta/pod.ts'
import type { StatefulSet } from '../../api/types/apps-v1.ts'
import type { PersistentVolumeClaim, Pod } from '../../api/types/core-v1.ts'
import type { OwnerReference } from '../../api/types/meta-v1.ts'
import { firstOrdinal, wantedReplicas } from './identity.ts'

/** The references that the claim should have, when it has others; references to anyone else stay. */
export function changedOwners(
  set: Live<StatefulSet>,
  ordinal: number,
  pod: Live<Pod> | undefined,
  claim: Live<PersistentVolumeClaim>,
): OwnerReference[] | undefined {
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } = set.spec?.persistentVolumeClaimRetentionPolicy ?? {}
  const first = firstOrdinal(set)
  const condemned = ordinal < first || ordinal >= first + wantedReplicas(set)
  const withPod = whenScaled === 'Delete' && condemned
  const withSet = whenDeleted === 'Delete' && !withPod
  const existing = claim.metadata.ownerReferences ?? []
  const others = existing.filter(({ uid, kind }) => uid !== set.metadata.uid && kind !== podKind.kind)
  const plain = { controller: false, blockOwnerDeletion: false }
  const wanted = [
    ...others,
    ...(withSet ? [ownerReference(set, statefulSetKind, { controller: true, blockOwnerDeletion: true })] : []),
    ...(withPod && pod !== undefined ? [ownerReference(pod, podKind, plain)] : []),
  ]
  return stableText(wanted) === stableText(existing) ? undefined : wanted
}
