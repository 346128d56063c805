/** Claims, volumes and attribute classes wait with their end until nobody uses them. */
import type { AdmissionPlugin } from './admission.ts'

const finalizers: ReadonlyMap<string, string> = new Map([
  ['/persistentvolumeclaims', 'kubernetes.io/pvc-protection'],
  ['/persistentvolumes', 'kubernetes.io/pv-protection'],
  ['storage.k8s.io/volumeattributesclasses', 'kubernetes.io/vac-protection'],
])

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  mutate({ operation, kind, subresource, object }) {
    const finalizer = finalizers.get(`${kind.group}/${kind.plural}`)
    if (finalizer === undefined || operation !== 'CREATE' || subresource !== '') return
    const known = object.metadata?.finalizers ?? []
    if (!known.includes(finalizer)) object.metadata = { ...object.metadata, finalizers: [...known, finalizer] }
  },
}
