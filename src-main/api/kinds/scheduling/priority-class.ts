import { defineKind, type Column } from '../../define-kind.ts'
import { forbidden, type FieldError } from '../../field-error.ts'
import { checkOneOf, checkUnchanged } from '../../meta/field-checks.ts'
import type { PriorityClass } from '../../types/scheduling-v1.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'

/** Higher priorities are Kubernetes' own. */
const highestOfUsers = 1_000_000_000
const systemPriorities: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
}

const columns: readonly Column<PriorityClass>[] = [
  nameColumn,
  column('Value', 'integer', ({ value }) => value ?? 0),
  column('Global-Default', 'boolean', ({ globalDefault }) => globalDefault ?? false),
  ageColumn,
  column('PreemptionPolicy', 'string', ({ preemptionPolicy }) => preemptionPolicy ?? ''),
]

function validateValue({ metadata, value = 0, globalDefault }: PriorityClass): FieldError[] {
  const { name = '' } = metadata ?? {}
  if (name.startsWith('system-')) {
    const known = systemPriorities[name]
    const problem =
      known === undefined
        ? `${name} is not a known system priority class`
        : known !== value
          ? `value of ${name} PriorityClass must be ${known}`
          : globalDefault === true
            ? `globalDefault of ${name} PriorityClass must be false`
            : ''
    const words = `priority class names with 'system-' prefix are reserved for system use only. error: ${problem}`
    return problem === '' ? [] : [forbidden('metadata.name', words)]
  }
  const words = `maximum allowed value of a user defined priority is ${highestOfUsers}`
  return value > highestOfUsers ? [forbidden('value', words)] : []
}

export const priorityClass = defineKind<PriorityClass>({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  short: ['pc'],
  scope: 'Cluster',
  ownColumns: true,
  columns,
  defaults(draft) {
    draft.preemptionPolicy ??= 'PreemptLowerPriority'
    draft.value ??= 0
  },
  // Only when it is made: a class that is stored, under whatever rules it came in, can be described anew.
  validateNew: (object) => [
    ...validateValue(object),
    ...checkOneOf('preemptionPolicy', object.preemptionPolicy, ['PreemptLowerPriority', 'Never']),
  ],
  validateUpdate: (object, previous) => [
    ...(object.value === previous.value ? [] : [forbidden('value', 'may not be changed in an update.')]),
    ...checkUnchanged('preemptionPolicy', object.preemptionPolicy, previous.preemptionPolicy),
  ],
  prepareCreate: startGeneration,
})
