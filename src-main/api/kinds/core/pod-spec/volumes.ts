import { duplicate, forbidden, invalid, notSupported, required, type FieldError } from '../../../field-error.ts'
import { checkEach, checkOneOf, checkRequired, problemsAt } from '../../../meta/field-checks.ts'
import { dataKeyProblems, dnsLabelProblems } from '../../../meta/names.ts'
import type {
  DownwardAPIVolumeFile,
  HostPathVolumeSource,
  KeyToPath,
  Volume,
  VolumeProjection,
} from '../../../types/core-v1.ts'
import { validateClaimSpec } from '../claim-validation.ts'
import { validateFieldRef, validateResourceRef } from './environment.ts'
import { checkQuantity } from './resources.ts'
import { validatePodCertificate, validateTrustBundle } from './certificate-projections.ts'
import { checkFile } from './volume-mounts.ts'

/** Every volume has a name of its own and one source. */
export function validateVolumes(volumes: readonly Volume[] | undefined, path: string): FieldError[] {
  const names = new Set<string>()
  return checkEach(path, volumes, (volume, at) => {
    const { name = '' } = volume
    const errors: FieldError[] = []
    if (name === '') errors.push(required(`${at}.name`))
    else errors.push(...problemsAt(`${at}.name`, name, dnsLabelProblems(name)))
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
    names.add(name)
    return [...validateSource(volume, at), ...errors]
  })
}

function validateSource(volume: Volume, path: string): FieldError[] {
  const sources = Object.entries(volume).filter(([field, value]) => field !== 'name' && value !== undefined)
  if (sources.length === 0) return [required(path, 'must specify a volume type')]
  const errors: FieldError[] = sources
    .slice(1)
    .map(([field]) => forbidden(`${path}.${field}`, 'may not specify more than 1 volume type'))
  const { configMap, secret, hostPath, emptyDir, persistentVolumeClaim, downwardAPI, projected, nfs } = volume
  if (configMap !== undefined) {
    errors.push(
      ...checkRequired(`${path}.configMap.name`, configMap.name),
      ...validateFiles(configMap, `${path}.configMap`),
    )
  }
  if (secret !== undefined) {
    errors.push(
      ...checkRequired(`${path}.secret.secretName`, secret.secretName),
      ...validateFiles(secret, `${path}.secret`),
    )
  }
  if (hostPath !== undefined) errors.push(...validateHostPath(hostPath, `${path}.hostPath`))
  if (emptyDir?.sizeLimit !== undefined) {
    errors.push(...checkQuantity(`${path}.emptyDir.sizeLimit`, emptyDir.sizeLimit))
  }
  if (persistentVolumeClaim !== undefined) {
    errors.push(...checkRequired(`${path}.persistentVolumeClaim.claimName`, persistentVolumeClaim.claimName))
  }
  if (downwardAPI !== undefined) {
    errors.push(
      ...checkMode(`${path}.downwardAPI.defaultMode`, downwardAPI.defaultMode),
      ...validateDownwardFiles(downwardAPI.items, `${path}.downwardAPI`),
    )
  }
  if (projected !== undefined) {
    errors.push(
      ...checkMode(`${path}.projected.defaultMode`, projected.defaultMode),
      ...checkEach(`${path}.projected.sources`, projected.sources, validateProjection),
    )
  }
  if (nfs !== undefined) {
    errors.push(...checkRequired(`${path}.nfs.server`, nfs.server), ...checkRequired(`${path}.nfs.path`, nfs.path))
    if ((nfs.path ?? '') !== '' && !nfs.path.startsWith('/'))
      errors.push(invalid(`${path}.nfs.path`, nfs.path, 'must be an absolute path'))
  }
  return [...errors, ...validateDriven(volume, path)]
}

/** Volumes that somebody else makes for the pod alone. */
function validateDriven({ csi, ephemeral, image }: Volume, path: string): FieldError[] {
  const template = ephemeral?.volumeClaimTemplate
  return [
    ...(csi === undefined ? [] : checkRequired(`${path}.csi.driver`, csi.driver)),
    ...(image === undefined
      ? []
      : checkOneOf(`${path}.image.pullPolicy`, image.pullPolicy, ['Always', 'IfNotPresent', 'Never'])),
    ...(ephemeral !== undefined && template === undefined ? [required(`${path}.ephemeral.volumeClaimTemplate`)] : []),
    ...(template === undefined ? [] : validateClaimSpec(template.spec, `${path}.ephemeral.volumeClaimTemplate.spec`)),
  ]
}

function checkMode(path: string, mode: number | undefined): FieldError[] {
  const words = 'must be a number between 0 and 0777 (octal), both inclusive'
  return mode !== undefined && (mode < 0 || mode > 0o777) ? [invalid(path, mode, words)] : []
}

function validateFiles(source: { defaultMode?: number; items?: KeyToPath[] }, path: string): FieldError[] {
  return [
    ...checkMode(`${path}.defaultMode`, source.defaultMode),
    ...checkEach(`${path}.items`, source.items, ({ key = '', path: file = '', mode }, at) => [
      ...(key === '' ? [required(`${at}.key`)] : problemsAt(`${at}.key`, key, dataKeyProblems(key))),
      ...checkFile(`${at}.path`, file),
      ...checkMode(`${at}.mode`, mode),
    ]),
  ]
}

const downwardFields = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]

function validateDownwardFiles(files: readonly DownwardAPIVolumeFile[] | undefined, path: string): FieldError[] {
  return checkEach(path, files, ({ path: file = '', fieldRef, resourceFieldRef, mode }) => {
    const errors = [...checkFile(`${path}.path`, file), ...checkMode(`${path}.mode`, mode)]
    if (fieldRef !== undefined) errors.push(...validateFieldRef(fieldRef, downwardFields, `${path}.fieldRef`))
    if (resourceFieldRef !== undefined)
      errors.push(...validateResourceRef(resourceFieldRef, `${path}.resourceFieldRef`, true))
    if (fieldRef !== undefined && resourceFieldRef !== undefined) {
      errors.push(invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
    }
    if (fieldRef === undefined && resourceFieldRef === undefined) {
      errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'))
    }
    return errors
  })
}

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

function validateHostPath({ path: place = '', type = '' }: HostPathVolumeSource, path: string): FieldError[] {
  const errors: FieldError[] = place === '' ? [required(`${path}.path`)] : []
  if (place.split('/').includes('..')) errors.push(invalid(`${path}.path`, place, "must not contain '..'"))
  if (!hostPathTypes.includes(type)) errors.push(notSupported(`${path}.type`, type, hostPathTypes))
  return errors
}

function validateProjection(projection: VolumeProjection, path: string): FieldError[] {
  const given = Object.entries(projection).filter(([, value]) => value !== undefined)
  const errors: FieldError[] = given
    .slice(1)
    .map(([field]) => forbidden(`${path}.${field}`, 'may not specify more than 1 volume type'))
  const { configMap, secret, serviceAccountToken, downwardAPI } = projection
  if (given.length === 0) errors.push(required(path, 'must specify a projection type'))
  if (configMap !== undefined) {
    errors.push(
      ...checkRequired(`${path}.configMap.name`, configMap.name),
      ...validateFiles(configMap, `${path}.configMap`),
    )
  }
  if (secret !== undefined) {
    errors.push(...checkRequired(`${path}.secret.name`, secret.name), ...validateFiles(secret, `${path}.secret`))
  }
  if (downwardAPI !== undefined) errors.push(...validateDownwardFiles(downwardAPI.items, `${path}.downwardAPI`))
  if (serviceAccountToken !== undefined) {
    const at = `${path}.serviceAccountToken`
    const seconds = serviceAccountToken.expirationSeconds ?? 3600
    if (seconds < 600) {
      errors.push(invalid(`${at}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'))
    }
    if (seconds > 2 ** 32) {
      errors.push(invalid(`${at}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds'))
    }
    errors.push(...checkFile(`${at}.path`, serviceAccountToken.path ?? ''))
  }
  if (projection.clusterTrustBundle !== undefined)
    errors.push(...validateTrustBundle(projection.clusterTrustBundle, `${path}.clusterTrustBundle`))
  if (projection.podCertificate !== undefined)
    errors.push(...validatePodCertificate(projection.podCertificate, `${path}.podCertificate`))
  return errors
}
