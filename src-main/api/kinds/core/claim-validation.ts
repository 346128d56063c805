import { invalid, required, type FieldError } from '../../field-error.ts'
import { checkOptionalOneOf, checkRequired, problemsAt } from '../../meta/field-checks.ts'
import { dnsLabelProblems, dnsSubdomainProblems } from '../../meta/names.ts'
import { formatQuantity, parseQuantity } from '../../meta/quantity.ts'
import { validateLabelSelector } from '../../meta/validate-labels.ts'
import type { PersistentVolumeClaimSpec, TypedObjectReference } from '../../types/core-v1.ts'
import { validateGivenModes } from './access-modes.ts'

const className = (path: string, name = ''): FieldError[] =>
  name === '' ? [] : problemsAt(path, name, dnsSubdomainProblems(name))

/** The spec of a claim, or of a template of one. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec | undefined, path: string): FieldError[] {
  const { accessModes = [], dataSource, dataSourceRef } = spec ?? {}
  return [
    ...(accessModes.length === 0 ? [required(`${path}.accessModes`, 'at least 1 access mode is required')] : []),
    ...validateLabelSelector(spec?.selector, `${path}.selector`),
    ...validateGivenModes(accessModes, `${path}.accessModes`),
    ...validateSize(spec?.resources?.requests?.storage, `${path}.resources[storage]`),
    ...className(`${path}.storageClassName`, spec?.storageClassName),
    ...checkOptionalOneOf(`${path}.volumeMode`, spec?.volumeMode, ['Block', 'Filesystem']),
    ...validateDataSource(dataSource, `${path}.dataSource`),
    ...validateDataSource(dataSourceRef, `${path}.dataSourceRef`),
    ...validateSameSource(spec ?? {}, path),
    ...className(`${path}.volumeAttributesClassName`, spec?.volumeAttributesClassName),
  ]
}

function validateSize(storage: string | undefined, path: string): FieldError[] {
  if (storage === undefined) return [required(path)]
  const amount = parseQuantity(storage)
  return amount.nano > 0n ? [] : [invalid(path, formatQuantity(amount), 'must be greater than zero')]
}

/** Another claim, or an object of another group, from which a volume is filled. */
function validateDataSource(source: TypedObjectReference | undefined, path: string): FieldError[] {
  if (source === undefined) return []
  const { apiGroup = '', kind = '', name, namespace = '' } = source
  const words = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
  return [
    ...checkRequired(`${path}.name`, name),
    ...checkRequired(`${path}.kind`, kind),
    ...(apiGroup === '' && kind !== 'PersistentVolumeClaim' ? [invalid(path, kind, words)] : []),
    ...className(`${path}.apiGroup`, apiGroup),
    ...(namespace === '' ? [] : problemsAt(`${path}.namespace`, namespace, dnsLabelProblems(namespace))),
  ]
}

function validateSameSource({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec, path: string): FieldError[] {
  if (dataSource === undefined || dataSourceRef === undefined) return []
  // The value that Kubernetes shows is a path, and it shows it without quotes.
  const unlike = (words: string): FieldError[] => [
    { type: 'FieldValueInvalid', path, bare: true, detail: `${path}.dataSource: ${words}` },
  ]
  if ((dataSourceRef.namespace ?? '') !== '')
    return unlike('may not be specified when dataSourceRef.namespace is specified')
  const fields = ['apiGroup', 'kind', 'name'] as const
  return fields.every((field) => dataSource[field] === dataSourceRef[field]) ? [] : unlike('must match dataSourceRef')
}
