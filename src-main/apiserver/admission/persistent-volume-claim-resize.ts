/** A claim may grow when it is bound and its storage class says that it can. */
import { forbiddenRequest } from '../../api/errors.ts'
import { compareQuantities, parseQuantity } from '../../api/meta/quantity.ts'
import type { PersistentVolumeClaim } from '../../api/types/core-v1.ts'
import type { AdmissionPlugin } from './admission.ts'

export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  validate({ operation, kind, subresource, name, object, previous }, { cache }) {
    if (operation !== 'UPDATE' || subresource !== '' || previous === undefined) return
    if (kind.group !== '' || kind.plural !== 'persistentvolumeclaims') return
    const before = previous as PersistentVolumeClaim
    if (compareQuantities(sizeOf(object as PersistentVolumeClaim), sizeOf(before)) <= 0) return
    if (before.status?.phase !== 'Bound')
      throw forbiddenRequest(kind, name, 'Only bound persistent volume claims can be expanded')
    const className = before.spec?.storageClassName ?? ''
    const storageClass = className === '' ? undefined : cache.resource('storage.k8s.io/storageclasses').get(className)
    if (storageClass?.object.allowVolumeExpansion !== true)
      throw forbiddenRequest(
        kind,
        name,
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      )
  },
}

const sizeOf = ({ spec }: PersistentVolumeClaim): ReturnType<typeof parseQuantity> =>
  parseQuantity(spec?.resources?.requests?.storage ?? '0')
