import { defineKind, type Column } from '../../define-kind.ts'
import { duplicate, forbidden, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkOptionalOneOf, checkUnchanged, sameValue } from '../../meta/field-checks.ts'
import { checkLabelKey } from '../../meta/validate-labels.ts'
import { repeats } from '../../meta/repeats.ts'
import type { TopologySelectorLabelRequirement, TopologySelectorTerm } from '../../types/core-v1.ts'
import type { StorageClass } from '../../types/storage-v1.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'
import { validateParameters, validateProvisioner } from './provisioner-rules.ts'

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

/** Where volumes may come to be: labels of nodes, each key once in a term, and no term twice. */
function validateTopologies(terms: readonly TopologySelectorTerm[] | undefined): FieldError[] {
  const isRepeatedTerm = repeats()
  return checkEach('allowedTopologies', terms, ({ matchLabelExpressions = [] }, path) => {
    const isRepeatedKey = repeats()
    const at = `${path}.matchLabelExpressions`
    const errors = checkEach(at, matchLabelExpressions, ({ key = '', values }, one) => [
      ...validateRequirement(key, values, one),
      ...(isRepeatedKey(key) ? [duplicate(`${one}.key`, key)] : []),
    ])
    // A term that says nothing is the same as none, as Kubernetes sees it.
    return isRepeatedTerm(meaningOf(matchLabelExpressions)) || matchLabelExpressions.length === 0
      ? [...errors, duplicate(at, '')]
      : errors
  })
}

function validateRequirement(key: string, values: readonly string[] = [], path: string): FieldError[] {
  const isRepeat = repeats()
  return [
    ...(values.length === 0 ? [required(`${path}.values`)] : []),
    ...checkEach(`${path}.values`, values, (value, one) => (isRepeat(value) ? [duplicate(one, value)] : [])),
    ...checkLabelKey(`${path}.key`, key),
  ]
}

/** The same text for terms that ask for the same, in whatever order. */
const meaningOf = (expressions: readonly TopologySelectorLabelRequirement[]): string =>
  JSON.stringify(
    [...new Map(expressions.map(({ key, values = [] }) => [key, [...new Set(values)].toSorted()]))].toSorted(
      ([left], [right]) => (left < right ? -1 : 1),
    ),
  )

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
    ...validateProvisioner(object.provisioner, 'provisioner'),
    ...validateParameters(object.parameters ?? {}),
    ...((object.reclaimPolicy ?? '') === ''
      ? []
      : checkOptionalOneOf('reclaimPolicy', object.reclaimPolicy, ['Delete', 'Retain'])),
    ...checkOptionalOneOf('volumeBindingMode', object.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']),
    ...validateTopologies(object.allowedTopologies),
  ],
  validateUpdate: (object, previous) => [
    ...(['parameters', 'provisioner', 'reclaimPolicy'] as const)
      .filter((field) => !sameValue(object[field], previous[field]))
      .map((field) => forbidden(field, `updates to ${field} are forbidden.`)),
    ...checkUnchanged('volumeBindingMode', object.volumeBindingMode, previous.volumeBindingMode),
  ],
})
