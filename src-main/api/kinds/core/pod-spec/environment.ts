import { invalid, notSupported, required, type FieldError } from '../../../field-error.ts'
import { checkEach, checkRequired, problemsAt } from '../../../meta/field-checks.ts'
import { dataKeyProblems, environmentNameProblems } from '../../../meta/names.ts'
import type { EnvFromSource, EnvVar, ObjectFieldSelector, ResourceFieldSelector } from '../../../types/core-v1.ts'

const environmentFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]

const containerResources = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]

const onlyOne = 'may not have more than one field specified at a time'

export function validateEnvironment(environment: readonly EnvVar[] | undefined, path: string): FieldError[] {
  return checkEach(path, environment, (variable, at) => [
    ...(variable.name === undefined || variable.name === ''
      ? [required(`${at}.name`)]
      : problemsAt(`${at}.name`, variable.name, environmentNameProblems(variable.name))),
    ...validateValueFrom(variable, `${at}.valueFrom`),
  ])
}

function validateValueFrom({ value = '', valueFrom }: EnvVar, path: string): FieldError[] {
  if (valueFrom === undefined) return []
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom
  const given = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(
    (one) => one !== undefined,
  )
  const errors: FieldError[] = []
  if (fieldRef !== undefined) errors.push(...validateFieldRef(fieldRef, environmentFields, `${path}.fieldRef`))
  if (resourceFieldRef !== undefined) errors.push(...validateResourceRef(resourceFieldRef, `${path}.resourceFieldRef`))
  if (configMapKeyRef !== undefined) errors.push(...validateKeyRef(configMapKeyRef, `${path}.configMapKeyRef`))
  if (secretKeyRef !== undefined) errors.push(...validateKeyRef(secretKeyRef, `${path}.secretKeyRef`))
  if (given.length === 0) {
    const words =
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
    errors.push(invalid(path, '', words))
  } else if (value !== '') {
    errors.push(invalid(path, '', 'may not be specified when `value` is not empty'))
  } else if (given.length > 1) errors.push(invalid(path, '', onlyOne))
  return errors
}

/** A reference into the pod itself; labels and annotations are named as `metadata.labels['key']`. */
export function validateFieldRef(
  { fieldPath = '' }: ObjectFieldSelector,
  supported: readonly string[],
  path: string,
): FieldError[] {
  if (fieldPath === '') return [required(`${path}.fieldPath`)]
  if (/^metadata\.(labels|annotations)\['[^']+'\]$/.test(fieldPath)) return []
  return supported.includes(fieldPath) ? [] : [notSupported(`${path}.fieldPath`, fieldPath, supported)]
}

export function validateResourceRef({ resource = '' }: ResourceFieldSelector, path: string): FieldError[] {
  if (resource === '') return [required(`${path}.resource`)]
  if (/^(limits|requests)\.hugepages-/.test(resource) || containerResources.includes(resource)) return []
  return [notSupported(`${path}.resource`, resource, containerResources)]
}

function validateKeyRef({ name, key = '' }: { name?: string; key?: string }, path: string): FieldError[] {
  return [
    ...checkRequired(`${path}.name`, name),
    ...(key === '' ? [required(`${path}.key`)] : problemsAt(`${path}.key`, key, dataKeyProblems(key))),
  ]
}

export function validateEnvironmentSources(sources: readonly EnvFromSource[] | undefined, path: string): FieldError[] {
  return checkEach(path, sources, ({ prefix = '', configMapRef, secretRef }, at) => {
    const errors = prefix === '' ? [] : problemsAt(`${at}.prefix`, prefix, environmentNameProblems(prefix))
    if (configMapRef !== undefined) errors.push(...checkRequired(`${at}.configMapRef.name`, configMapRef.name))
    if (secretRef !== undefined) errors.push(...checkRequired(`${at}.secretRef.name`, secretRef.name))
    if (configMapRef === undefined && secretRef === undefined) {
      errors.push(invalid(at, '', 'must specify one of: `configMapRef` or `secretRef`'))
    }
    if (configMapRef !== undefined && secretRef !== undefined) errors.push(invalid(at, '', onlyOne))
    return errors
  })
}
