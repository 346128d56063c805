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

/** Fields of a pod that have a name for references; not all of them are known when a container starts. */
const namedFields = new Set([
  ...environmentFields,
  'metadata.annotations',
  'metadata.labels',
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.hostNetwork',
  'status.nominatedNodeName',
  'status.phase',
])

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
  if (fileKeyRef !== undefined) {
    const { volumeName, path: file, key } = fileKeyRef
    errors.push(
      ...checkRequired(`${path}.fileKeyRef.volumeName`, volumeName),
      ...checkRequired(`${path}.fileKeyRef.path`, file),
      ...checkRequired(`${path}.fileKeyRef.key`, key),
    )
  }
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
  if (!namedFields.has(fieldPath)) {
    const words = `error converting fieldPath: field label not supported: ${fieldPath}`
    return [invalid(`${path}.fieldPath`, fieldPath, words)]
  }
  return supported.includes(fieldPath) ? [] : [notSupported(`${path}.fieldPath`, fieldPath, supported)]
}

/** `ofVolume`: a file, which must say of which container it speaks. */
export function validateResourceRef(
  { resource = '', containerName = '', divisor = '0' }: ResourceFieldSelector,
  path: string,
  ofVolume = false,
): FieldError[] {
  if (ofVolume && containerName === '') return [required(`${path}.containerName`)]
  if (resource === '') return [required(`${path}.resource`)]
  const isPages = /^(limits|requests)\.hugepages-/.test(resource)
  if (!isPages && !containerResources.includes(resource))
    return [notSupported(`${path}.resource`, resource, containerResources)]
  return validateDivisor(divisor, isPages ? 'hugepages' : (resource.split('.')[1] ?? ''), path)
}

const sizes = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']
const cpuWords = "only divisor's values 1m and 1 are supported with the cpu resource"

/** Amounts are told in whole units of some size. */
function validateDivisor(divisor: string, resource: string, path: string): FieldError[] {
  if (divisor === '' || divisor === '0') return []
  if (resource === 'cpu') return ['1m', '1'].includes(divisor) ? [] : [invalid(`${path}.divisor`, divisor, cpuWords)]
  const words = `only divisor's values ${sizes.join(', ')} are supported with the ${resource} resource`
  return sizes.includes(divisor) ? [] : [invalid(`${path}.divisor`, divisor, words)]
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
