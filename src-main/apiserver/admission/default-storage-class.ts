/** A claim that names no storage class gets the default one. */
import type { PersistentVolumeClaim } from '../../api/types/core-v1.ts'
import type { AdmissionPlugin } from './admission.ts'
import { defaultClass } from './default-class.ts'

const annotations = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class']
const oldAnnotation = 'volume.beta.kubernetes.io/storage-class'

export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  mutate({ operation, kind, subresource, object }, { cache }) {
    if (operation !== 'CREATE' || subresource !== '') return
    if (kind.group !== '' || kind.plural !== 'persistentvolumeclaims') return
    const { spec, metadata } = object as PersistentVolumeClaim
    // The empty name is one: such a claim wants a volume without a class.
    if (spec === undefined || spec.storageClassName !== undefined) return
    if (metadata?.annotations?.[oldAnnotation] !== undefined) return
    const name = defaultClass(cache, 'storage.k8s.io/storageclasses', annotations)
    if (name !== undefined) spec.storageClassName = name
  },
}
