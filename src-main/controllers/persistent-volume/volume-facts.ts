/** The words in which claims and volumes speak of each other. */
import type { Live } from '../../api/meta/object.ts'
import { parseQuantity, wholeValue } from '../../api/meta/quantity.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core-v1.ts'
import type { StorageClass } from '../../api/types/storage-v1.ts'

export type Claim = Live<PersistentVolumeClaim>
export type Volume = Live<PersistentVolume>

export const bindCompleted = 'pv.kubernetes.io/bind-completed'
export const boundByController = 'pv.kubernetes.io/bound-by-controller'
export const provisionedBy = 'pv.kubernetes.io/provisioned-by'
export const storageProvisioner = 'volume.kubernetes.io/storage-provisioner'
export const betaStorageProvisioner = 'volume.beta.kubernetes.io/storage-provisioner'
export const selectedNode = 'volume.kubernetes.io/selected-node'
const defaultClass = 'storageclass.kubernetes.io/is-default-class'

export const classNameOf = ({ metadata, spec }: PersistentVolumeClaim): string =>
  metadata?.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? ''

export const sizeOf = (text: string | undefined): number => (text === undefined ? 0 : wholeValue(parseQuantity(text)))
export const requestedBytes = ({ spec }: PersistentVolumeClaim): number => sizeOf(spec?.resources?.requests?.storage)
export const capacityBytes = ({ spec }: PersistentVolume): number => sizeOf(spec?.capacity?.storage)

export const isDelayed = (storageClass: StorageClass | undefined): boolean =>
  storageClass?.volumeBindingMode === 'WaitForFirstConsumer'

/** The volume names this claim, and no namesake of it. */
export function isMeantFor({ spec }: PersistentVolume, { metadata }: Claim): boolean {
  const { name, namespace, uid = '' } = spec?.claimRef ?? {}
  return name === metadata.name && namespace === metadata.namespace && (uid === '' || uid === metadata.uid)
}

/** The class for claims that name none: of several defaults the newest. */
export function defaultClassOf(classes: readonly Live<StorageClass>[]): Live<StorageClass> | undefined {
  return classes
    .filter(({ metadata }) => metadata.annotations?.[defaultClass] === 'true')
    .sort(
      (a, b) =>
        Date.parse(b.metadata.creationTimestamp) - Date.parse(a.metadata.creationTimestamp) ||
        (a.metadata.name < b.metadata.name ? -1 : 1),
    )[0]
}
