/** Where the data of a volume object lies. */
import { forbidden, invalid, required, type FieldError } from '../../../field-error.ts'
import { checkRequired, problemsAt } from '../../../meta/field-checks.ts'
import { dnsLabelProblems } from '../../../meta/names.ts'
import type {
  AzureFilePersistentVolumeSource,
  CinderPersistentVolumeSource,
  GlusterfsPersistentVolumeSource,
  LocalVolumeSource,
  PersistentVolumeSpec,
  StorageOSPersistentVolumeSource,
} from '../../../types/core-v1.ts'
import {
  checkNoBacksteps,
  validateAmazonDisk,
  validateAzureDisk,
  validateGoogleDisk,
  validateHostPath,
} from './disk-sources.ts'
import { validateDriven } from './driver-source.ts'
import { validateIscsi } from './iscsi-source.ts'
import {
  validateFibreChannel,
  validateFlex,
  validateFlocker,
  validateGlusterfs,
  validateMonitors,
  validateNfs,
  validateQuobyte,
  validateRados,
  validateScaleIo,
} from './network-sources.ts'

type Check = () => FieldError[]

function using<T>(
  value: T | undefined,
  path: string,
  check: (value: T, path: string) => FieldError[],
): Check | undefined {
  return value === undefined ? undefined : () => check(value, path)
}

/** In Kubernetes' order, of which the first that is there counts; each with the name under which a second is refused. */
function sourcesOf(spec: PersistentVolumeSpec, name: string, path: string): [string, Check | undefined][] {
  return [
    ['hostPath', using(spec.hostPath, `${path}.hostPath`, validateHostPath)],
    ['gcePersistentDisk', using(spec.gcePersistentDisk, `${path}.persistentDisk`, validateGoogleDisk)],
    ['awsElasticBlockStore', using(spec.awsElasticBlockStore, `${path}.awsElasticBlockStore`, validateAmazonDisk)],
    ['glusterfs', using(spec.glusterfs, `${path}.glusterfs`, validateGluster)],
    ['flocker', using(spec.flocker, `${path}.flocker`, validateFlocker)],
    ['nfs', using(spec.nfs, `${path}.nfs`, validateNfs)],
    ['rbd', using(spec.rbd, `${path}.rbd`, validateRados)],
    ['quobyte', using(spec.quobyte, `${path}.quobyte`, validateQuobyte)],
    ['cephFS', using(spec.cephfs, `${path}.cephfs`, validateMonitors)],
    ['iscsi', using(spec.iscsi, `${path}.iscsi`, (source, at) => validateIscsi(source, name, at))],
    ['cinder', using(spec.cinder, `${path}.cinder`, validateCinder)],
    ['fc', using(spec.fc, `${path}.fc`, validateFibreChannel)],
    ['flexVolume', using(spec.flexVolume, `${path}.flexVolume`, validateFlex)],
    ['azureFile', using(spec.azureFile, `${path}.azureFile`, validateAzureFile)],
    [
      'vsphereVolume',
      using(spec.vsphereVolume, path, ({ volumePath }) =>
        checkRequired(`${path}.vsphereVolume.volumePath`, volumePath),
      ),
    ],
    [
      'photonPersistentDisk',
      using(spec.photonPersistentDisk, path, ({ pdID }) => checkRequired(`${path}.photonPersistentDisk.pdID`, pdID)),
    ],
    [
      'portworxVolume',
      using(spec.portworxVolume, path, ({ volumeID }) => checkRequired(`${path}.portworxVolume.volumeID`, volumeID)),
    ],
    ['azureDisk', using(spec.azureDisk, `${path}.azureDisk`, validateAzureDisk)],
    ['scaleIO', using(spec.scaleIO, `${path}.scaleIO`, validateScaleIo)],
    ['local', using(spec.local, path, (source) => validateLocal(source, spec, path))],
    ['storageos', using(spec.storageos, `${path}.storageos`, validateStorageOs)],
    ['csi', using(spec.csi, `${path}.csi`, validateDriven)],
  ]
}

/** A volume has one source, and that one must say what it needs. `name`: of the volume. */
export function validatePersistentSources(spec: PersistentVolumeSpec, name: string, path: string): FieldError[] {
  const errors: FieldError[] = []
  let found = false
  for (const [field, check] of sourcesOf(spec, name, path)) {
    if (check === undefined) continue
    // Kubernetes never says of this one that it is one too many.
    if (found && field !== 'flexVolume')
      errors.push(forbidden(`${path}.${field}`, 'may not specify more than 1 volume type'))
    else errors.push(...check())
    found = true
  }
  return found ? errors : [required(path, 'must specify a volume type')]
}

function validateLocal(
  { path: place = '' }: LocalVolumeSource,
  spec: PersistentVolumeSpec,
  path: string,
): FieldError[] {
  const at = `${path}.local.path`
  return [
    ...(place === '' ? [required(at)] : checkNoBacksteps(at, place)),
    ...(spec.nodeAffinity === undefined
      ? [required(`${path}.nodeAffinity`, 'Local volume requires node affinity')]
      : []),
  ]
}

function validateGluster(source: GlusterfsPersistentVolumeSource, path: string): FieldError[] {
  const { endpointsNamespace: namespace } = source
  const at = `${path}.endpointsNamespace`
  const words = 'if the endpointnamespace is set, it must be a valid namespace name'
  const errors = validateGlusterfs(source, path)
  if (namespace === undefined) return errors
  return [
    ...errors,
    ...(namespace === '' ? [invalid(at, '', words)] : problemsAt(at, namespace, dnsLabelProblems(namespace))),
  ]
}

const checkSecret = (path: string, secret: { name?: string; namespace?: string } | undefined): FieldError[] =>
  secret === undefined
    ? []
    : [...checkRequired(`${path}.name`, secret.name), ...checkRequired(`${path}.namespace`, secret.namespace)]

const validateCinder = ({ volumeID, secretRef }: CinderPersistentVolumeSource, path: string): FieldError[] => [
  ...checkRequired(`${path}.volumeID`, volumeID),
  ...checkSecret(`${path}.secretRef`, secretRef),
]

const validateAzureFile = (source: AzureFilePersistentVolumeSource, path: string): FieldError[] => [
  ...checkRequired(`${path}.secretName`, source.secretName),
  ...checkRequired(`${path}.shareName`, source.shareName),
  ...(source.secretNamespace === '' ? [required(`${path}.secretNamespace`)] : []),
]

function validateStorageOs(source: StorageOSPersistentVolumeSource, path: string): FieldError[] {
  const { volumeName = '', volumeNamespace = '', secretRef } = source
  const label = (field: string, value: string): FieldError[] =>
    problemsAt(`${path}.${field}`, value, dnsLabelProblems(value))
  return [
    ...(volumeName === '' ? [required(`${path}.volumeName`)] : label('volumeName', volumeName)),
    ...(volumeNamespace === '' ? [] : label('volumeNamespace', volumeNamespace)),
    ...checkSecret(`${path}.secretRef`, secretRef),
  ]
}
