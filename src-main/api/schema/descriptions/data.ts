import type { Texts } from './texts.ts'

const core = 'io.k8s.api.core.v1.'
const rbac = 'io.k8s.api.rbac.v1.'
const storage = 'io.k8s.api.storage.v1.'

const immutable = 'Whether the data may not change any more.'

export const dataTexts: Texts = {
  [`${core}ConfigMap`]: [
    'Settings for pods, as keys and texts.',
    { immutable, binaryData: 'Keys and bytes, in base64.', data: 'Keys and texts.' },
  ],
  [`${core}Secret`]: [
    'What only some may read, as keys and bytes.',
    {
      immutable,
      data: 'Keys and bytes, in base64.',
      stringData: 'Keys and texts, which are stored as data.',
      type: 'What it is for, and so which keys it must have.',
    },
  ],
  [`${core}Namespace`]: ['A room for names, and for who may do what there.'],
  [`${core}NamespaceSpec`]: ['What must be done before it may go.', { finalizers: 'Who must have done it.' }],
  [`${core}NamespaceStatus`]: [
    'How it is.',
    { conditions: 'What keeps it from going.', phase: 'Active or Terminating.' },
  ],
  [`${core}Node`]: ['A machine that runs pods.'],
  [`${core}NodeSpec`]: [
    'How a node is to be used.',
    {
      podCIDR: 'Addresses of its pods.',
      podCIDRs: 'Addresses of its pods, at most one range of each family.',
      providerID: 'What its provider calls it.',
      taints: 'What keeps pods away that do not bear it.',
      unschedulable: 'Whether no new pods come to it.',
    },
  ],
  [`${core}NodeStatus`]: [
    'How a node is, as it says itself.',
    {
      addresses: 'Where it is reached.',
      allocatable: 'What it has for pods.',
      capacity: 'What it has.',
      conditions: 'Whether it is ready, and short of anything.',
      images: 'Images that it has.',
      nodeInfo: 'Versions and IDs of what runs there.',
    },
  ],
  [`${core}ServiceAccount`]: [
    'An identity for pods.',
    {
      automountServiceAccountToken: 'Whether pods get its token unless they say otherwise.',
      imagePullSecrets: 'Secrets with which its pods pull images.',
      secrets: 'Secrets that its pods may use.',
    },
  ],
  [`${core}PersistentVolume`]: ['Storage in the cluster, which a claim may take.'],
  [`${core}PersistentVolumeSpec`]: [
    'Where it lies, how large it is, and who has it.',
    {
      accessModes: 'How it can be mounted.',
      capacity: 'How large it is.',
      claimRef: 'The claim that has it.',
      csi: 'A volume of a CSI driver.',
      hostPath: 'A directory of a node.',
      local: 'A disk of a node.',
      mountOptions: 'Options with which it is mounted.',
      nfs: 'A directory of an NFS server.',
      nodeAffinity: 'Nodes that reach it.',
      persistentVolumeReclaimPolicy: 'What becomes of it after its claim: Retain or Delete.',
      storageClassName: 'The class that it is of.',
      volumeMode: 'Filesystem or Block.',
    },
  ],
  [`${core}PersistentVolumeClaim`]: ['Asks for storage.'],
  [`${core}PersistentVolumeClaimSpec`]: [
    'What storage is asked for.',
    {
      accessModes: 'How it must be mountable.',
      dataSource: 'From what it is filled.',
      dataSourceRef: 'From what it is filled, also by others than the cluster.',
      resources: 'How large it must be.',
      selector: 'Labels that the volume must have.',
      storageClassName: 'The class that makes it.',
      volumeAttributesClassName: 'The class that says what it can do.',
      volumeMode: 'Filesystem or Block.',
      volumeName: 'The volume that it has.',
    },
  ],
  [`${storage}StorageClass`]: [
    'A sort of storage, and who makes volumes of it.',
    {
      allowVolumeExpansion: 'Whether claims may grow.',
      allowedTopologies: 'Where volumes may come to be.',
      mountOptions: 'Options with which volumes are mounted.',
      parameters: 'What its provisioner needs to know.',
      provisioner: 'Who makes the volumes.',
      reclaimPolicy: 'What becomes of volumes after their claims.',
      volumeBindingMode: 'Whether a volume is made at once, or for the node of its first pod.',
    },
  ],
  [`${rbac}Role`]: ['Rights in one namespace.', { rules: 'What is allowed.' }],
  [`${rbac}ClusterRole`]: [
    'Rights in the whole cluster, or for bindings in any namespace.',
    { aggregationRule: 'Roles of which it consists.', rules: 'What is allowed.' },
  ],
  [`${rbac}RoleBinding`]: [
    'Gives the rights of a role to somebody in one namespace.',
    { roleRef: 'The role.', subjects: 'Who gets its rights.' },
  ],
  [`${rbac}ClusterRoleBinding`]: [
    'Gives the rights of a cluster role to somebody everywhere.',
    { roleRef: 'The role.', subjects: 'Who gets its rights.' },
  ],
  [`${rbac}PolicyRule`]: [
    'What may be done with what.',
    {
      apiGroups: 'Groups of the resources; "" for the core, * for all.',
      nonResourceURLs: 'Paths that are no resources.',
      resourceNames: 'Names of objects; none for all of them.',
      resources: 'Resources, * for all.',
      verbs: 'What may be done, * for everything.',
    },
  ],
}
