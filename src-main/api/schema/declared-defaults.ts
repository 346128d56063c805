/**
 * Defaults that Kubernetes declares on fields and publishes in its OpenAPI: definition → field → value. Apply and
 * defaulting rely on those of list keys; empty defaults (`""`, `{}`) are artefacts of its generator and left out.
 */
const tcp = { protocol: 'TCP' }
const rbd = { keyring: '/etc/ceph/keyring', pool: 'rbd', user: 'admin' }
const scaleIo = { fsType: 'xfs', storageMode: 'ThinProvisioned' }
const iscsi = { iscsiInterface: 'default' }

export const declaredDefaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'io.k8s.api.core.v1.ContainerPort': tcp,
  'io.k8s.api.core.v1.ServicePort': tcp,
  'io.k8s.api.core.v1.AzureDiskVolumeSource': {
    cachingMode: 'ReadWrite',
    fsType: 'ext4',
    kind: 'Shared',
    readOnly: false,
  },
  'io.k8s.api.core.v1.ISCSIPersistentVolumeSource': iscsi,
  'io.k8s.api.core.v1.ISCSIVolumeSource': iscsi,
  'io.k8s.api.core.v1.RBDPersistentVolumeSource': rbd,
  'io.k8s.api.core.v1.RBDVolumeSource': rbd,
  'io.k8s.api.core.v1.ScaleIOPersistentVolumeSource': scaleIo,
  'io.k8s.api.core.v1.ScaleIOVolumeSource': scaleIo,
}
