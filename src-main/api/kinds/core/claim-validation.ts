import { forbidden, invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkOptionalOneOf, checkRequired, problemsAt } from '../../meta/field-checks.ts'
import { dnsSubdomainProblems } from '../../meta/names.ts'
import { validateLabelSelector } from '../../meta/validate-labels.ts'
import type { PersistentVolumeClaimSpec } from '../../types/core-v1.ts'
import { accessModes } from './access-modes.ts'
import { checkPositiveQuantity } from './pod-spec/resources.ts'

/** The spec of a claim, or of a template of one. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec | undefined, path: string): FieldError[] {
  const modes = spec?.accessModes ?? []
  const storage = spec?.resources?.requests?.storage
  const at = `${path}.resources[storage]`
  return [
    ...(modes.length === 0 ? [required(`${path}.accessModes`, 'at least 1 access mode is required')] : []),
    ...checkEach(`${path}.accessModes`, modes, (mode) => checkOptionalOneOf(`${path}.accessModes`, mode, accessModes)),
    ...(modes.length > 1 && modes.includes('ReadWriteOncePod')
      ? [forbidden(`${path}.accessModes`, 'may not use ReadWriteOncePod with other access modes')]
      : []),
    ...(storage === undefined ? [required(at)] : checkPositiveQuantity(at, storage)),
    ...validateLabelSelector(spec?.selector, `${path}.selector`),
    ...((spec?.storageClassName ?? '') === ''
      ? []
      : problemsAt(`${path}.storageClassName`, spec?.storageClassName, dnsSubdomainProblems(spec?.storageClassName))),
    ...validateDataSource(spec?.dataSource, `${path}.dataSource`),
    ...checkOptionalOneOf(`${path}.volumeMode`, spec?.volumeMode, ['Block', 'Filesystem']),
  ]
}

/** Another claim, or an object of another group, from which a volume is filled. */
function validateDataSource(source: PersistentVolumeClaimSpec['dataSource'], path: string): FieldError[] {
  if (source === undefined) return []
  const { apiGroup = '', kind = '', name } = source
  const words = 'must be PersistentVolumeClaim when referencing the default apiGroup'
  return [
    ...checkRequired(`${path}.name`, name),
    ...checkRequired(`${path}.kind`, kind),
    ...(apiGroup === '' && kind !== '' && kind !== 'PersistentVolumeClaim' ? [invalid(path, kind, words)] : []),
  ]
}
