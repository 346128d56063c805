/** Volumes that are reached over a network, the same for pods and for volume objects. */
import { invalid, required, type FieldError } from '../../../field-error.ts'
import { checkRequired } from '../../../meta/field-checks.ts'
import type {
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  GlusterfsVolumeSource,
  NFSVolumeSource,
  QuobyteVolumeSource,
  ScaleIOPersistentVolumeSource,
} from '../../../types/core-v1.ts'
import { isHostPort } from './host-port.ts'

export const notAByte = 'must be between 0 and 255, inclusive'
export const isByte = (value: number): boolean => value >= 0 && value <= 255

export function validateNfs({ server, path: place = '' }: NFSVolumeSource, path: string): FieldError[] {
  return [
    ...checkRequired(`${path}.server`, server),
    ...checkRequired(`${path}.path`, place),
    ...(place.startsWith('/') ? [] : [invalid(`${path}.path`, place, 'must be an absolute path')]),
  ]
}

export function validateFibreChannel({ targetWWNs = [], wwids = [], lun }: FCVolumeSource, path: string): FieldError[] {
  const names = `${path}.targetWWNs`
  const errors: FieldError[] = []
  if (targetWWNs.length === 0 && wwids.length === 0)
    errors.push(required(names, 'must specify either targetWWNs or wwids, but not both'))
  if (targetWWNs.length > 0 && wwids.length > 0)
    errors.push(invalid(names, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'))
  if (targetWWNs.length === 0) return errors
  if (lun === undefined) errors.push(required(`${path}.lun`, 'lun is required if targetWWNs is specified'))
  else if (!isByte(lun)) errors.push(invalid(`${path}.lun`, lun, notAByte))
  return errors
}

export function validateFlocker(
  { datasetName = '', datasetUUID = '' }: FlockerVolumeSource,
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  if (datasetName === '' && datasetUUID === '')
    errors.push(required(path, 'one of datasetName and datasetUUID is required'))
  if (datasetName !== '' && datasetUUID !== '')
    errors.push(invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'))
  if (datasetName.includes('/')) errors.push(invalid(`${path}.datasetName`, datasetName, "must not contain '/'"))
  return errors
}

export const validateGlusterfs = (source: GlusterfsVolumeSource, path: string): FieldError[] => [
  ...checkRequired(`${path}.endpoints`, source.endpoints),
  ...checkRequired(`${path}.path`, source.path),
]

const pairs = 'must be a host:port pair or multiple pairs separated by commas'

export function validateQuobyte(
  { registry = '', tenant = '', volume }: QuobyteVolumeSource,
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  if (registry === '') errors.push(required(`${path}.registry`, pairs))
  else if (tenant.length >= 65)
    errors.push(required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'))
  else
    for (const pair of registry.split(','))
      if (!isHostPort(pair)) errors.push(invalid(`${path}.registry`, registry, pairs))
  return [...errors, ...checkRequired(`${path}.volume`, volume)]
}

/** Options of a driver may not be named as if they were Kubernetes' own. */
export function validateFlex({ driver, options = {} }: FlexVolumeSource, path: string): FieldError[] {
  const reserved = Object.keys(options).filter((key) => {
    const [namespace = ''] = key.split('/', 1)
    const normalized = `.${namespace.toLowerCase()}`
    return normalized.endsWith('.kubernetes.io') || normalized.endsWith('.k8s.io')
  })
  return [
    ...checkRequired(`${path}.driver`, driver),
    ...reserved.map((key) =>
      invalid(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'),
    ),
  ]
}

type ScaleIo = Pick<ScaleIOPersistentVolumeSource, 'gateway' | 'system' | 'volumeName'>

export const validateScaleIo = ({ gateway, system, volumeName }: ScaleIo, path: string): FieldError[] => [
  ...checkRequired(`${path}.gateway`, gateway),
  ...checkRequired(`${path}.system`, system),
  ...checkRequired(`${path}.volumeName`, volumeName),
]

export function validateRados(source: { monitors?: readonly string[]; image?: string }, path: string): FieldError[] {
  return [...validateMonitors(source, path), ...checkRequired(`${path}.image`, source.image)]
}

export const validateMonitors = ({ monitors = [] }: { monitors?: readonly string[] }, path: string): FieldError[] =>
  monitors.length === 0 ? [required(`${path}.monitors`)] : []
