import { forbidden, invalid, required, type FieldError } from '../../../field-error.ts'
import { checkEach, checkOptionalOneOf } from '../../../meta/field-checks.ts'
import type { Container, Volume, VolumeMount } from '../../../types/core-v1.ts'

/** A path that stays below where it starts. */
export function checkDescendingPath(path: string, value: string): FieldError[] {
  const errors: FieldError[] = []
  if (value.startsWith('/')) errors.push(invalid(path, value, 'must be a relative path'))
  if (value.split('/').includes('..')) errors.push(invalid(path, value, "must not contain '..'"))
  return errors
}

/** The path of a file in a volume. */
export function checkFile(path: string, file: string): FieldError[] {
  if (file === '') return [required(path)]
  const errors = checkDescendingPath(path, file)
  if (file.startsWith('..') && errors.length === 0) errors.push(invalid(path, file, "must not start with '..'"))
  return errors
}

/** Mounts must name volumes of the pod, and no two of a container may be at the same place. */
export function validateVolumeMounts(
  {
    volumeMounts,
    volumeDevices,
    securityContext,
  }: Pick<Container, 'volumeMounts' | 'volumeDevices' | 'securityContext'>,
  volumes: ReadonlyMap<string, Volume>,
  path: string,
): FieldError[] {
  const places = new Set<string>()
  const devices = new Set((volumeDevices ?? []).map(({ devicePath }) => devicePath))
  return checkEach(`${path}.volumeMounts`, volumeMounts, (mount, at) => {
    const { name = '', mountPath = '', subPath = '', subPathExpr = '' } = mount
    const errors: FieldError[] = []
    if (name === '') errors.push(required(`${at}.name`))
    else if (!volumes.has(name)) {
      errors.push({ type: 'FieldValueNotFound', path: `${at}.name`, value: name, detail: '' })
    }
    if (mountPath === '') errors.push(required(`${at}.mountPath`))
    if (places.has(mountPath)) errors.push(invalid(`${at}.mountPath`, mountPath, 'must be unique'))
    places.add(mountPath)
    if (devices.has(mountPath))
      errors.push(invalid(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'))
    if (subPath !== '') errors.push(...checkDescendingPath(`${at}.subPath`, subPath))
    if (subPathExpr !== '') {
      if (subPath !== '') {
        errors.push(invalid(`${at}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
      }
      errors.push(...checkDescendingPath(`${at}.subPathExpr`, subPathExpr))
    }
    return [
      ...errors,
      ...validatePropagation(mount, securityContext?.privileged === true, `${at}.mountPropagation`),
      ...validateReadOnly(mount, `${at}.recursiveReadOnly`),
    ]
  })
}

const propagations = ['Bidirectional', 'HostToContainer', 'None']

function validatePropagation({ mountPropagation: way }: VolumeMount, privileged: boolean, path: string): FieldError[] {
  const words = 'Bidirectional mount propagation is available only to privileged containers'
  if (way === 'Bidirectional' && !privileged) return [forbidden(path, words)]
  return checkOptionalOneOf(path, way, propagations)
}

/** What is read-only all the way down must be so at the top, and cannot hear of mounts elsewhere (KEP-3857). */
function validateReadOnly(
  { recursiveReadOnly: mode, readOnly, mountPropagation: way = 'None' }: VolumeMount,
  path: string,
): FieldError[] {
  if (mode === undefined || mode === 'Disabled') return []
  if (mode !== 'Enabled' && mode !== 'IfPossible')
    return checkOptionalOneOf(path, mode, ['Disabled', 'Enabled', 'IfPossible'])
  return [
    ...(readOnly === true ? [] : [forbidden(path, 'may only be specified when readOnly is true')]),
    ...(way === 'None'
      ? []
      : [forbidden(path, 'may only be specified when mountPropagation is None or not specified')]),
  ]
}

/** Which sorts of volume may be a raw device. */
const isBlockCapable = ({ persistentVolumeClaim, ephemeral }: Volume): boolean =>
  persistentVolumeClaim !== undefined || ephemeral !== undefined

export function validateVolumeDevices(
  { volumeDevices }: Container,
  volumes: ReadonlyMap<string, Volume>,
  path: string,
): FieldError[] {
  const places = new Set<string>()
  return checkEach(`${path}.volumeDevices`, volumeDevices, ({ name = '', devicePath = '' }, at) => {
    const errors: FieldError[] = []
    const volume = volumes.get(name)
    if (name === '') errors.push(required(`${at}.name`))
    else if (volume === undefined) {
      errors.push({ type: 'FieldValueNotFound', path: `${at}.name`, value: name, detail: '' })
    } else if (!isBlockCapable(volume)) {
      const words = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'
      errors.push(invalid(`${at}.name`, name, words))
    }
    if (devicePath.split('/').includes('..'))
      errors.push(invalid(`${at}.devicePath`, devicePath, "must not contain '..'"))
    if (devicePath === '') errors.push(required(`${at}.devicePath`))
    else if (places.has(devicePath)) errors.push(invalid(`${at}.devicePath`, devicePath, 'must be unique'))
    places.add(devicePath)
    return errors
  })
}
