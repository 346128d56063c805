/** What the volume predicates read: the cluster's storage objects, with what this scheduler has promised already. */
import type { Live } from '../../api/meta/object.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core-v1.ts'
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass } from '../../api/types/storage-v1.ts'

export interface StorageView {
  claim(namespace: string, name: string): Live<PersistentVolumeClaim> | undefined
  volume(name: string): Live<PersistentVolume> | undefined
  volumesOfClass(className: string): readonly Live<PersistentVolume>[]
  storageClass(name: string): Live<StorageClass> | undefined
  csiNode(nodeName: string): Live<CSINode> | undefined
  csiDriver(name: string): Live<CSIDriver> | undefined
  capacitiesOfClass(className: string): readonly Live<CSIStorageCapacity>[]
}

/** For schedulers of clusters without storage. */
export const noStorage: StorageView = {
  claim: () => undefined,
  volume: () => undefined,
  volumesOfClass: () => [],
  storageClass: () => undefined,
  csiNode: () => undefined,
  csiDriver: () => undefined,
  capacitiesOfClass: () => [],
}
