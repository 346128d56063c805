/** What is said of volume objects and claims: `[change, causes]` for each. */
import { describe, expect, it } from 'vitest'
import { creationCauses, updateCauses, type Changes } from '../../../../test/support/validation.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../types/core-v1.ts'
import { persistentVolumeClaim } from './persistent-volume-claim.ts'
import { persistentVolume } from './persistent-volume.ts'

const aVolume: PersistentVolume = {
  metadata: { name: 'v' },
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/a' } },
}
const said = (changes: Changes): string[] => creationCauses(persistentVolume, aVolume, changes)
/** In place of the directory of a node. */
const sourced = (field: string, source: unknown): string[] =>
  said({ 'spec.hostPath': undefined, [`spec.${field}`]: source })

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

describe('a new volume object', () => {
  it.each<[Changes, string[]]>([
    [{}, []],
    [
      { 'spec.capacity': undefined },
      ['spec.capacity: Required value', 'spec.capacity: Unsupported value: null: supported values: "storage"'],
    ],
    [
      { 'spec.capacity': { storage: '-1', cpu: '1' } },
      [
        'spec.capacity: Unsupported value: {"storage":"-1","cpu":"1"}: supported values: "storage"',
        'spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
        'spec.capacity[storage]: Invalid value: "-1": must be greater than zero',
      ],
    ],
    [
      { 'spec.accessModes': ['Odd', 'ReadWriteOncePod'] },
      [
        'spec.accessModes: Unsupported value: "Odd": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      ],
    ],
    [{ 'spec.hostPath': undefined }, ['spec: Required value: must specify a volume type']],
    [
      { 'spec.nfs': {}, 'spec.cephfs': {}, 'spec.flexVolume': {} },
      [
        'spec.nfs: Forbidden: may not specify more than 1 volume type',
        'spec.cephFS: Forbidden: may not specify more than 1 volume type',
        'spec.flexVolume.driver: Required value',
      ],
    ],
    [
      { 'spec.hostPath': { path: '/./x/..' }, 'spec.persistentVolumeReclaimPolicy': 'Recycle' },
      [
        'spec.hostPath.path: Invalid value: "/./x/..": must not contain \'..\'',
        "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
      ],
    ],
    [
      { 'spec.hostPath.type': 'Odd' },
      [
        'spec.hostPath.type: Unsupported value: "Odd": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
      ],
    ],
    [
      { 'spec.nodeAffinity': {} },
      ['spec.nodeAffinity.required: Required value: must specify required node constraints'],
    ],
    [
      { 'spec.nodeAffinity.required': { nodeSelectorTerms: [] } },
      ['spec.nodeAffinity.required.nodeSelectorTerms: Required value: must have at least one node selector term'],
    ],
    [
      { 'spec.nodeAffinity.required': { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In' }] }] } },
      [
        "spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      ],
    ],
    [
      { 'spec.volumeAttributesClassName': 'A' },
      [
        `spec.volumeAttributesClassName: Invalid value: "A": ${subdomain}`,
        'spec.csi: Required value: has to be specified when using volumeAttributesClassName',
      ],
    ],
  ])('%j', (changes, causes) => {
    expect(said(changes)).toEqual(causes)
  })

  const format = 'must be valid format'
  it.each<[string, unknown, string[]]>([
    ['nfs', { server: 's', path: '/a' }, []],
    [
      'nfs',
      {},
      [
        'spec.nfs.server: Required value',
        'spec.nfs.path: Required value',
        'spec.nfs.path: Invalid value: "": must be an absolute path',
      ],
    ],
    [
      'gcePersistentDisk',
      { partition: 256 },
      [
        'spec.persistentDisk.pdName: Required value',
        'spec.persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive',
      ],
    ],
    ['awsElasticBlockStore', {}, ['spec.awsElasticBlockStore.volumeID: Required value']],
    [
      'glusterfs',
      { endpoints: 'e', path: 'p', endpointsNamespace: '' },
      [
        'spec.glusterfs.endpointsNamespace: Invalid value: "": if the endpointnamespace is set, it must be a valid namespace name',
      ],
    ],
    ['flocker', {}, ['spec.flocker: Required value: one of datasetName and datasetUUID is required']],
    [
      'flocker',
      { datasetName: 'a/b', datasetUUID: 'u' },
      [
        'spec.flocker: Invalid value: "resource": datasetName and datasetUUID can not be specified simultaneously',
        'spec.flocker.datasetName: Invalid value: "a/b": must not contain \'/\'',
      ],
    ],
    ['rbd', {}, ['spec.rbd.monitors: Required value', 'spec.rbd.image: Required value']],
    ['quobyte', { registry: 'a:1,[::1]:2', volume: 'v' }, []],
    [
      'quobyte',
      { registry: 'a,::1:2' },
      [
        'spec.quobyte.registry: Invalid value: "a,::1:2": must be a host:port pair or multiple pairs separated by commas',
        'spec.quobyte.registry: Invalid value: "a,::1:2": must be a host:port pair or multiple pairs separated by commas',
        'spec.quobyte.volume: Required value',
      ],
    ],
    ['cephfs', {}, ['spec.cephfs.monitors: Required value']],
    ['iscsi', { targetPortal: 'p', iqn: 'iqn.2001-04.com.example:disk', lun: 0 }, []],
    [
      'iscsi',
      { targetPortal: 'p'.repeat(63), iqn: 'iqn', lun: 256, initiatorName: 'odd', chapAuthSession: true },
      [
        `spec.iscsi.targetportal: Invalid value: "${'p'.repeat(63)}": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.`,
        `spec.iscsi.iqn: Invalid value: "iqn": ${format}`,
        'spec.iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
        'spec.iscsi.secretRef: Required value',
        `spec.iscsi.initiatorname: Invalid value: "odd": ${format}`,
      ],
    ],
    [
      'cinder',
      { secretRef: {} },
      [
        'spec.cinder.volumeID: Required value',
        'spec.cinder.secretRef.name: Required value',
        'spec.cinder.secretRef.namespace: Required value',
      ],
    ],
    ['fc', {}, ['spec.fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both']],
    [
      'fc',
      { targetWWNs: ['a'], wwids: ['b'] },
      [
        'spec.fc.targetWWNs: Invalid value: ["a"]: targetWWNs and wwids can not be specified simultaneously',
        'spec.fc.lun: Required value: lun is required if targetWWNs is specified',
      ],
    ],
    [
      'flexVolume',
      { driver: 'd', options: { 'K8s.io/a': '1' } },
      [
        'spec.flexVolume.options[K8s.io/a]: Invalid value: "K8s.io/a": kubernetes.io and k8s.io namespaces are reserved',
      ],
    ],
    [
      'azureFile',
      { secretName: 's', shareName: 's', secretNamespace: '' },
      ['spec.azureFile.secretNamespace: Required value'],
    ],
    ['vsphereVolume', {}, ['spec.vsphereVolume.volumePath: Required value']],
    ['photonPersistentDisk', {}, ['spec.photonPersistentDisk.pdID: Required value']],
    ['portworxVolume', {}, ['spec.portworxVolume.volumeID: Required value']],
    [
      'azureDisk',
      { diskName: 'd', diskURI: 'u', kind: 'Managed', cachingMode: 'Odd' },
      [
        'spec.azureDisk.cachingMode: Unsupported value: "Odd": supported values: "None", "ReadOnly", "ReadWrite"',
        'spec.azureDisk.diskURI: Unsupported value: "u": supported values: "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"',
      ],
    ],
    [
      'scaleIO',
      {},
      [
        'spec.scaleIO.gateway: Required value',
        'spec.scaleIO.system: Required value',
        'spec.scaleIO.volumeName: Required value',
      ],
    ],
    [
      'storageos',
      { secretRef: { name: 's' } },
      ['spec.storageos.volumeName: Required value', 'spec.storageos.secretRef.namespace: Required value'],
    ],
    [
      'csi',
      { driver: 'a'.repeat(64), nodeExpandSecretRef: { name: 'A' }, nodeStageSecretRef: {} },
      [
        'spec.csi.driver: Too long: may not be more than 63 bytes',
        'spec.csi.volumeHandle: Required value',
        `spec.csi.nodeExpandSecretRef.name: Invalid value: "A": ${subdomain}`,
        'spec.csi.nodeExpandSecretRef.namespace: Required value',
      ],
    ],
  ])('from %s %j', (field, source, causes) => {
    expect(sourced(field, source)).toEqual(causes)
  })
})

describe('a changed volume object', () => {
  const term = (key: string) => ({
    nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: ['a'] }] }],
  })
  const placed = {
    ...aVolume,
    spec: { ...aVolume.spec, nodeAffinity: { required: term('failure-domain.beta.kubernetes.io/zone') } },
  }
  it('may call the labels of its nodes by their names of today', () => {
    const changes = (key: string): Changes => ({ 'spec.nodeAffinity.required': term(key) })
    expect(updateCauses(persistentVolume, placed, changes('topology.kubernetes.io/zone'))).toEqual([])
    expect(updateCauses(persistentVolume, placed, changes('zone'))).toEqual([
      'nodeAffinity: Invalid value: {"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"zone","operator":"In","values":["a"]}]}]}}: field is immutable, except for updating from beta label to GA',
    ])
  })

  const driven = {
    ...aVolume,
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      csi: { driver: 'a.io', volumeHandle: 'h' },
      volumeAttributesClassName: 'gold',
    },
  }
  it.each<[Changes, string[]]>([
    [{ 'spec.csi.controllerExpandSecretRef': { name: 's', namespace: 'n' } }, []],
    [
      { 'spec.csi.nodeExpandSecretRef': { name: 's', namespace: 'n' } },
      ['spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation'],
    ],
    [{ 'spec.volumeMode': 'Block' }, ['volumeMode: Invalid value: "Block": field is immutable']],
    [{ 'spec.volumeAttributesClassName': 'silver' }, []],
    [
      { 'spec.volumeAttributesClassName': undefined },
      ['spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden'],
    ],
  ])('%j', (changes, causes) => {
    expect(updateCauses(persistentVolume, driven, changes)).toEqual(causes)
  })
})

const aClaim: PersistentVolumeClaim = {
  metadata: { name: 'c', namespace: 'here' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
}
const group = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"

describe('a new claim', () => {
  it.each<[Changes, string[]]>([
    // Kubernetes takes what only the newer field can say away from the older one.
    [{ 'spec.dataSource': { kind: 'Odd', name: 'a' } }, []],
    [
      { 'spec.dataSourceRef': { kind: 'Odd', name: 'a' } },
      [`spec.dataSource: Invalid value: "Odd": ${group}`, `spec.dataSourceRef: Invalid value: "Odd": ${group}`],
    ],
    [
      {
        'spec.dataSourceRef': { apiGroup: 'A', kind: 'Odd' },
        'spec.dataSource': { kind: 'PersistentVolumeClaim', name: 'a' },
      },
      [
        'spec.dataSourceRef.name: Required value',
        `spec.dataSourceRef.apiGroup: Invalid value: "A": ${subdomain}`,
        'spec: Invalid value: spec.dataSource: must match dataSourceRef',
      ],
    ],
    [
      { 'spec.selector.matchLabels': { '-': 'a' }, 'spec.accessModes': ['Odd'], 'spec.volumeAttributesClassName': 'A' },
      [
        "spec.selector.matchLabels: Invalid value: \"-\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        'spec.accessModes: Unsupported value: "Odd": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
        `spec.volumeAttributesClassName: Invalid value: "A": ${subdomain}`,
      ],
    ],
  ])('%j', (changes, causes) => {
    expect(creationCauses(persistentVolumeClaim, aClaim, changes)).toEqual(causes)
  })
})

describe('a changed claim', () => {
  const annotation = 'volume.beta.kubernetes.io/storage-class'
  const changed = (before: Changes, changes: Changes): string[] => {
    const [start] = [
      {
        ...aClaim,
        spec: { ...aClaim.spec, ...(before.spec as object) },
        metadata: { ...aClaim.metadata, ...(before.metadata as object) },
      },
    ]
    const previous = { ...start, status: before.status as object }
    const next = structuredClone(previous)
    return updateCauses({ ...persistentVolumeClaim, prepareCreate: undefined }, next, changes)
  }
  const bound = { phase: 'Bound' }
  const settled =
    'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'

  it.each<[string, Changes, Changes, string[]]>([
    ['gets its volume', {}, { 'spec.volumeName': 'v' }, []],
    ['keeps its volume', { spec: { volumeName: 'v' } }, { 'spec.volumeName': 'w' }, [settled]],
    ['gets a class', {}, { 'spec.storageClassName': 'fast' }, []],
    ['keeps its class', { spec: { storageClassName: 'slow' } }, { 'spec.storageClassName': 'fast' }, [settled]],
    [
      'moves its class from the annotation',
      { metadata: { annotations: { [annotation]: 'slow' } } },
      { 'spec.storageClassName': 'slow', 'metadata.annotations': undefined },
      [],
    ],
    [
      'keeps the class of its annotation',
      { metadata: { annotations: { [annotation]: 'slow' } } },
      { 'metadata.annotations': { [annotation]: 'fast' } },
      [`metadata.annotations.${annotation}: Invalid value: "fast": field is immutable`],
    ],
    ['grows when it is bound', { status: bound }, { 'spec.resources.requests.storage': '2Gi' }, []],
    ['does not grow before', {}, { 'spec.resources.requests.storage': '2Gi' }, [settled]],
    ['changes its attributes when it is bound', { status: bound }, { 'spec.volumeAttributesClassName': 'gold' }, []],
    [
      'does not lose its attributes',
      { status: bound, spec: { volumeAttributesClassName: 'gold' } },
      { 'spec.volumeAttributesClassName': undefined },
      [settled, 'spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden'],
    ],
    [
      'does not empty its attributes',
      { status: bound, spec: { volumeAttributesClassName: 'gold' } },
      { 'spec.volumeAttributesClassName': '' },
      ['spec.volumeAttributesClassName: Forbidden: update from non-nil value to an empty string is forbidden'],
    ],
    [
      'keeps its mode',
      {},
      { 'spec.volumeMode': 'Block' },
      [settled, 'volumeMode: Invalid value: "Block": field is immutable'],
    ],
  ])('%s', (_case, before, changes, causes) => {
    expect(changed(before, changes)).toEqual(causes)
  })

  it('says in its status what it has and how it grows', () => {
    const changes = {
      'spec.accessModes': undefined,
      status: {
        capacity: { storage: '-1' },
        allocatedResourceStatuses: { storage: 'Odd', cpu: 'NodeResizePending' },
        allocatedResources: { storage: '-2', memory: '1' },
      },
    }
    expect(updateCauses(persistentVolumeClaim, aClaim, changes, 'status')).toEqual([
      'Spec.accessModes: Required value',
      'status.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
      'status.allocatedResourceStatus: Unsupported value: "storage": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
      'status.allocatedResourceStatus: Unsupported value: "cpu": supported values: "storage"',
      'status.allocatedResources[storage]: Invalid value: -2: must be a valid resource quantity',
      'status.allocatedResources: Unsupported value: "memory": supported values: "storage"',
    ])
  })
})
