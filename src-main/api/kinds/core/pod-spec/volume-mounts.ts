import { invalid, required, type FieldError } from '../../../field-error.ts'
import { checkEach, checkOptionalOneOf } from '../../../meta/field-checks.ts'
import type { Container, Volume } from '../../../types/core-v1.ts'

/** A path that stays below where it starts. */
export function checkDescendingPath(path: string, value: string): FieldError[] {
  const errors: FieldError[] = []
  if (value.startsWith('/')) errors.push(invalid(path, value, 'must be a relative path'))
  if (value.split('/').includes('..')) errors.push(invalid(path, value, "must not contain '..'"))
  return errors
}

/** Mounts must name volumes of the pod, and no two of a container may be at the same place. */
export function validateVolumeMounts(
  { volumeMounts }: Container,
  volumes: ReadonlyMap<string, Volume>,
  path: string,
): FieldError[] {
  const places = new Set<string>()
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
    if (subPath !== '') errors.push(...checkDescendingPath(`${at}.subPath`, subPath))
    if (subPathExpr !== '') {
      if (subPath !== '') {
        errors.push(invalid(`${at}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
      }
      errors.push(...checkDescendingPath(`${at}.subPathExpr`, subPathExpr))
    }
    const propagation = ['Bidirectional', 'HostToContainer', 'None']
    return [...errors, ...checkOptionalOneOf(`${at}.mountPropagation`, mount.mountPropagation, propagation)]
  })
}

export function validateVolumeDevices(
  { volumeDevices }: Container,
  volumes: ReadonlyMap<string, Volume>,
  path: string,
): FieldError[] {
  const places = new Set<string>()
  return checkEach(`${path}.volumeDevices`, volumeDevices, ({ name = '', devicePath = '' }, at) => {
    const errors: FieldError[] = []
    if (name === '') errors.push(required(`${at}.name`))
    else if (!volumes.has(name)) {
      errors.push({ type: 'FieldValueNotFound', path: `${at}.name`, value: name, detail: '' })
    }
    if (devicePath === '') errors.push(required(`${at}.devicePath`))
    else if (places.has(devicePath)) errors.push(invalid(`${at}.devicePath`, devicePath, 'must be unique'))
    places.add(devicePath)
    return errors
  })
}
