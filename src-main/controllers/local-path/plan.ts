/**
 * Volumes that are folders on one node: made when the kubelet first mounts them, and removed by a pod on that node,
 * so that everything goes through API objects and whatever node it is.
 */
import type { Live } from '../../api/meta/object.ts'
import { parseQuantity } from '../../api/meta/quantity.ts'
import type { Node, PersistentVolume, Pod } from '../../api/types/core-v1.ts'
import type { StorageClass } from '../../api/types/storage-v1.ts'
import { persistentVolumeClaim as claimKind } from '../../api/kinds/core/persistent-volume-claim.ts'
import {
  provisionedBy,
  selectedNode,
  storageProvisioner,
  type Claim,
  type Volume,
} from '../persistent-volume/volume-facts.ts'

export const localPath = 'orrery.dev/local-path'
export const localPathClass = 'local-path'
const volumesFolder = '/var/lib/orrery/volumes'
/** Keeps a volume that is deleted until its folder is gone. */
export const cleanupFinalizer = 'external-provisioner.volume.kubernetes.io/finalizer'
export const helperNamespace = 'kube-system'
const hostnameLabel = 'kubernetes.io/hostname'

/** The class that a new cluster has, and that claims get which name none. */
export const defaultClass: StorageClass = {
  metadata: { name: localPathClass, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: localPath,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
  allowVolumeExpansion: true,
}

export type ProvisionPlan =
  | { readonly action: 'none' }
  | { readonly action: 'refuse'; readonly message: string }
  | { readonly action: 'create'; readonly volume: PersistentVolume }

/** `node` is the one that the scheduler chose for the claim's first pod. */
export function planProvision(
  claim: Claim,
  storageClass: Live<StorageClass> | undefined,
  node: Live<Node> | undefined,
): ProvisionPlan {
  const { annotations = {}, deletionTimestamp } = claim.metadata
  const wanted = annotations[storageProvisioner] === localPath && (claim.spec?.volumeName ?? '') === ''
  if (!wanted || deletionTimestamp !== undefined || storageClass === undefined) return { action: 'none' }
  const { accessModes = [], volumeMode = 'Filesystem', resources, dataSource } = claim.spec ?? {}
  const shared = accessModes.find((mode) => mode !== 'ReadWriteOnce' && mode !== 'ReadWriteOncePod')
  if (shared !== undefined)
    return refuse(`a folder on one node cannot be ${shared}: only ReadWriteOnce and ReadWriteOncePod are supported`)
  if (volumeMode !== 'Filesystem') return refuse('block volume provisioning is not supported')
  if (dataSource !== undefined) return refuse('volumes cannot be made from other volumes or snapshots')
  if (annotations[selectedNode] === undefined)
    return refuse(
      `configuration error, no node was specified: class ${storageClass.metadata.name} must bind WaitForFirstConsumer`,
    )
  if (node === undefined) return refuse(`node ${JSON.stringify(annotations[selectedNode])} not found`)
  const storage = resources?.requests?.storage ?? '0'
  // Throws before anything is written when the size is none.
  parseQuantity(storage)
  return { action: 'create', volume: newVolume(claim, storageClass, node, storage, accessModes) }
}

const refuse = (message: string): ProvisionPlan => ({ action: 'refuse', message })

function newVolume(
  claim: Claim,
  storageClass: Live<StorageClass>,
  node: Live<Node>,
  storage: string,
  accessModes: readonly string[],
): PersistentVolume {
  const { name, namespace = '', uid, resourceVersion } = claim.metadata
  const volumeName = `pvc-${uid}`
  const hostname = node.metadata.labels?.[hostnameLabel] ?? node.metadata.name
  const matchExpressions = [{ key: hostnameLabel, operator: 'In', values: [hostname] }]
  return {
    metadata: {
      name: volumeName,
      annotations: { [provisionedBy]: localPath, [selectedNode]: node.metadata.name },
      finalizers: [cleanupFinalizer],
    },
    spec: {
      capacity: { storage },
      accessModes: [...accessModes],
      volumeMode: 'Filesystem',
      storageClassName: storageClass.metadata.name,
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      hostPath: { path: `${volumesFolder}/${volumeName}`, type: 'DirectoryOrCreate' },
      claimRef: { apiVersion: claimKind.apiVersion, kind: claimKind.kind, name, namespace, uid, resourceVersion },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
    },
  }
}

export type CleanupPlan =
  | 'none'
  /** A pod on the volume's node has to remove the folder. */
  | 'startHelper'
  | 'waitForHelper'
  /** The helper failed: it is replaced. */
  | 'retry'
  /** The folder is gone, or to be kept: so may the volume. */
  | 'remove'
  | 'letGo'

/** `nodeIsThere`: a worker that is gone took its folders along. */
export function planCleanup(volume: Volume, helper: Live<Pod> | undefined, nodeIsThere: boolean): CleanupPlan {
  if (volume.metadata.annotations?.[provisionedBy] !== localPath) return 'none'
  const leaving = volume.metadata.deletionTimestamp !== undefined
  const over = ['Released', 'Failed'].includes(volume.status?.phase ?? '')
  const free = over || (leaving && volume.status?.phase !== 'Bound')
  if (!free) return 'none'
  if (volume.spec?.persistentVolumeReclaimPolicy !== 'Delete') return leaving ? 'letGo' : 'none'
  if (!nodeIsThere) return 'remove'
  if (helper === undefined) return 'startHelper'
  if (helper.status?.phase === 'Succeeded') return 'remove'
  return helper.status?.phase === 'Failed' ? 'retry' : 'waitForHelper'
}

export const helperName = (volumeName: string): string => `remove-${volumeName}`
export const nodeOf = ({ metadata }: Volume): string => metadata.annotations?.[selectedNode] ?? ''

/** The folder's name comes from our own object and is quoted by the argv. `image` needs a shell-less `rm`. */
export function helperPod(volume: Volume, image: string): Pod | undefined {
  const path = volume.spec?.hostPath?.path ?? ''
  const name = path.slice(volumesFolder.length + 1)
  // Whoever edited the path means another folder than the one that we made: nothing outside of ours is removed.
  if (!path.startsWith(`${volumesFolder}/`) || !/^[\w-]+$/.test(name)) return undefined
  return {
    metadata: {
      name: helperName(volume.metadata.name),
      namespace: helperNamespace,
      labels: { 'app.kubernetes.io/name': 'local-path-cleanup' },
    },
    spec: {
      nodeName: nodeOf(volume),
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      tolerations: [{ operator: 'Exists' }],
      containers: [
        {
          name: 'remove',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['rm', '-rf', `/volumes/${name}`],
          volumeMounts: [{ name: 'volumes', mountPath: '/volumes' }],
        },
      ],
      volumes: [{ name: 'volumes', hostPath: { path: volumesFolder, type: 'DirectoryOrCreate' } }],
    },
  }
}
