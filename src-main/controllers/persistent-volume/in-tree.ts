/** What Kubernetes' own volume plugins are called, and what is left of them: most have become CSI drivers. */
import type { Volume } from './volume-facts.ts'

const drivers = new Map([
  ['kubernetes.io/aws-ebs', 'ebs.csi.aws.com'],
  ['kubernetes.io/azure-disk', 'disk.csi.azure.com'],
  ['kubernetes.io/azure-file', 'file.csi.azure.com'],
  ['kubernetes.io/cinder', 'cinder.csi.openstack.org'],
  ['kubernetes.io/gce-pd', 'pd.csi.storage.gke.io'],
  ['kubernetes.io/portworx-volume', 'pxd.portworx.com'],
  ['kubernetes.io/vsphere-volume', 'csi.vsphere.vmware.com'],
])

/** Who makes the volumes of a class that names this provisioner. */
export function provisionerFor(name: string): { readonly name: string } | { readonly problem: string } {
  const driver = drivers.get(name)
  if (driver !== undefined || !name.startsWith('kubernetes.io/')) return { name: driver ?? name }
  return { problem: `no volume plugin matched name: ${name}` }
}

/** Why a volume that no provisioner made cannot be deleted; undefined: it can, for there is nothing behind it. */
export function deletionProblem({ metadata, spec }: Volume): string | undefined {
  const path = spec?.hostPath?.path
  if (path !== undefined)
    return /\/tmp\/.+/.test(path) ? undefined : `host_path deleter only supports /tmp/.+ but received provided ${path}`
  const kind = spec?.nfs === undefined ? 'volume plugin' : 'deletable volume plugin'
  return `error getting deleter volume plugin for volume ${JSON.stringify(metadata.name)}: no ${kind} matched`
}
