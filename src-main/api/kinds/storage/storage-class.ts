import { defineKind, type Column } from '../../define-kind.ts'
import { duplicate, forbidden, invalid, required, tooLong, type FieldError } from '../../field-error.ts'
import { checkEach, checkOneOf, checkUnchanged, problemsAt, sameValue } from '../../meta/field-checks.ts'
import { qualifiedNameProblems } from '../../meta/names.ts'
import { checkLabelKey } from '../../meta/validate-labels.ts'
import { repeats } from '../../meta/repeats.ts'
import type { TopologySelectorTerm } from '../../types/core-v1.ts'
import type { StorageClass } from '../../types/storage-v1.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'

const isDefault = ({ metadata }: StorageClass): boolean =>
  ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'].some(
    (annotation) => metadata?.annotations?.[annotation] === 'true',
  )

const columns: readonly Column<StorageClass>[] = [
  { ...nameColumn, cell: (object) => `${object.metadata?.name ?? ''}${isDefault(object) ? ' (default)' : ''}` },
  column('Provisioner', 'string', ({ provisioner }) => provisioner),
  column('ReclaimPolicy', 'string', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
  column('VolumeBindingMode', 'string', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
  column('AllowVolumeExpansion', 'string', ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false),
  ageColumn,
]

const mostParameters = 512
const parameterBytes = 256 * 1024

function validateParameters(parameters: Readonly<Record<string, string>>): FieldError[] {
  const entries = Object.entries(parameters)
  const bytes = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0)
  return [
    ...(entries.length > mostParameters ? [tooLong('parameters', mostParameters)] : []),
    ...(Object.hasOwn(parameters, '') ? [invalid('parameters', '', 'field can not be empty.')] : []),
    ...(bytes > parameterBytes ? [tooLong('parameters', parameterBytes)] : []),
  ]
}

/** Where volumes may come to be: labels of nodes, each key once in a term. */
function validateTopologies(terms: readonly TopologySelectorTerm[] | undefined): FieldError[] {
  return checkEach('allowedTopologies', terms, ({ matchLabelExpressions = [] }, path) => {
    const isRepeatedKey = repeats()
    return checkEach(`${path}.matchLabelExpressions`, matchLabelExpressions, ({ key, values = [] }, at) => {
      const isRepeat = repeats()
      return [
        ...(values.length === 0 ? [required(`${at}.values`)] : []),
        ...checkEach(`${at}.values`, values, (value, one) => (isRepeat(value) ? [duplicate(one, value)] : [])),
        ...checkLabelKey(`${at}.key`, key),
        ...(isRepeatedKey(key) ? [duplicate(`${at}.key`, key)] : []),
      ]
    })
  })
}

export const storageClass = defineKind<StorageClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  short: ['sc'],
  scope: 'Cluster',
  ownColumns: true,
  columns,
  defaults(draft) {
    draft.reclaimPolicy ??= 'Delete'
    draft.volumeBindingMode ??= 'Immediate'
  },
  validate: (object) => [
    ...((object.provisioner ?? '') === ''
      ? [required('provisioner')]
      : problemsAt('provisioner', object.provisioner, qualifiedNameProblems(object.provisioner.toLowerCase()))),
    ...validateParameters(object.parameters ?? {}),
    ...validateTopologies(object.allowedTopologies),
    ...checkOneOf('reclaimPolicy', object.reclaimPolicy, ['Delete', 'Retain']),
    ...checkOneOf('volumeBindingMode', object.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']),
  ],
  validateUpdate: (object, previous) => [
    ...(['parameters', 'provisioner', 'reclaimPolicy'] as const)
      .filter((field) => !sameValue(object[field], previous[field]))
      .map((field) => forbidden(field, `updates to ${field} are forbidden.`)),
    ...checkUnchanged('volumeBindingMode', object.volumeBindingMode, previous.volumeBindingMode),
  ],
})
