/** Who uses storage, and what follows for the finalizer that keeps it. */
import type { KubernetesObject, Live } from '../../api/meta/object.ts'
import { isControlledBy } from '../../api/meta/owner-references.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types/core-v1.ts'

/** The finalizers that an object must have; undefined: those that it has. */
export function planFinalizers(
  { metadata }: Live<KubernetesObject>,
  finalizer: string,
  isUsed: () => boolean,
): string[] | undefined {
  const own = metadata.finalizers ?? []
  const has = own.includes(finalizer)
  if (metadata.deletionTimestamp === undefined) return has ? undefined : [...own, finalizer]
  return has && !isUsed() ? own.filter((one) => one !== finalizer) : undefined
}

/** The claims that a pod names, among them those that are made for it alone. */
export function claimNamesOf({ metadata, spec }: Pod): string[] {
  return (spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) =>
    persistentVolumeClaim !== undefined
      ? persistentVolumeClaim.claimName
      : ephemeral === undefined
        ? []
        : `${metadata?.name ?? ''}-${name}`,
  )
}

/** Only a pod that has its node holds a claim: a kubelet starts no pod whose claim is going. */
export function usesClaim(pod: Live<Pod>, claim: Live<PersistentVolumeClaim>): boolean {
  const { name, namespace } = claim.metadata
  if ((pod.spec?.nodeName ?? '') === '' || pod.metadata.namespace !== namespace) return false
  return (pod.spec?.volumes ?? []).some((volume) =>
    volume.ephemeral === undefined
      ? volume.persistentVolumeClaim?.claimName === name
      : `${pod.metadata.name}-${volume.name}` === name && isControlledBy(claim, pod),
  )
}

export const isVolumeUsed = ({ status }: PersistentVolume): boolean => status?.phase === 'Bound'

/** The attribute classes that a claim has, wants, or is on its way to. */
export const attributeClassesOf = ({ spec, status }: PersistentVolumeClaim): string[] =>
  [
    spec?.volumeAttributesClassName ?? '',
    status?.currentVolumeAttributesClassName ?? '',
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName ?? '',
  ].filter((name) => name !== '')
