/** Disks of a machine or of a cloud, the same for pods and for volume objects. */
import { invalid, notSupported, required, type FieldError } from '../../../field-error.ts'
import { checkOptionalOneOf, checkRequired } from '../../../meta/field-checks.ts'
import type {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  GCEPersistentDiskVolumeSource,
  HostPathVolumeSource,
} from '../../../types/core-v1.ts'
import { isByte } from './network-sources.ts'

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

export function checkNoBacksteps(path: string, place: string): FieldError[] {
  return place.split('/').includes('..') ? [invalid(path, place, "must not contain '..'")] : []
}

export function validateHostPath({ path: place = '', type }: HostPathVolumeSource, path: string): FieldError[] {
  if (place === '') return [required(`${path}.path`)]
  return [...checkNoBacksteps(`${path}.path`, place), ...checkOptionalOneOf(`${path}.type`, type, hostPathTypes)]
}

/** Kubernetes' own words: zero is no partition, and is accepted all the same. */
const checkPartition = (path: string, partition = 0): FieldError[] =>
  isByte(partition) ? [] : [invalid(path, partition, 'must be between 1 and 255, inclusive')]

export const validateGoogleDisk = (source: GCEPersistentDiskVolumeSource, path: string): FieldError[] => [
  ...checkRequired(`${path}.pdName`, source.pdName),
  ...checkPartition(`${path}.partition`, source.partition),
]

export const validateAmazonDisk = (source: AWSElasticBlockStoreVolumeSource, path: string): FieldError[] => [
  ...checkRequired(`${path}.volumeID`, source.volumeID),
  ...checkPartition(`${path}.partition`, source.partition),
]

const managedUri = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
const blobUri = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'

export function validateAzureDisk(source: AzureDiskVolumeSource, path: string): FieldError[] {
  const { diskName, diskURI = '', cachingMode, kind } = source
  const isManaged = kind === 'Managed'
  const starts = isManaged ? '/subscriptions/' : 'https://'
  return [
    ...checkRequired(`${path}.diskName`, diskName),
    ...checkRequired(`${path}.diskURI`, diskURI),
    ...checkOptionalOneOf(`${path}.cachingMode`, cachingMode, ['None', 'ReadOnly', 'ReadWrite']),
    ...checkOptionalOneOf(`${path}.kind`, kind, ['Dedicated', 'Managed', 'Shared']),
    ...(kind !== undefined && !diskURI.startsWith(starts)
      ? [notSupported(`${path}.diskURI`, diskURI, [isManaged ? managedUri : blobUri])]
      : []),
  ]
}
