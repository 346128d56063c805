import { defineKind, type Column } from '../../define-kind.ts'
import { checkUnchanged } from '../../meta/field-checks.ts'
import type { FieldError } from '../../field-error.ts'
import type { ReplicaSet, ReplicaSetStatus } from '../../types/apps-v1.ts'
import { ofNewSpec } from '../../warnings/new-spec.ts'
import { namedWorkloadWarnings } from '../../warnings/workload-warnings.ts'
import { startGeneration } from '../generation.ts'
import { defaultPodTemplate } from '../core/pod-spec/defaults.ts'
import { ageColumn, column, containerColumns, nameColumn, selectorText, wideColumn } from '../table-columns.ts'
import { validateCounts } from './status-validation.ts'
import { checkCounts, validateWorkload } from './workload-validation.ts'

const words = { selectorOf: 'deployment', templateOf: 'ReplicaSet', unreadable: 'invalid label selector' }

const columns: readonly Column<ReplicaSet>[] = [
  nameColumn,
  column('Desired', 'integer', ({ spec }) => spec?.replicas ?? 0),
  column('Current', 'integer', ({ status }) => status?.replicas ?? 0),
  column('Ready', 'integer', ({ status }) => status?.readyReplicas ?? 0),
  ageColumn,
  ...containerColumns<ReplicaSet>(({ spec }) => spec?.template?.spec),
  wideColumn('Selector', 'string', ({ spec }) => selectorText(spec?.selector)),
]

const parts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const

/** What replica sets and replication controllers say of their pods. */
export const validateReplicaStatus = (status: ReplicaSetStatus | undefined): FieldError[] => [
  ...validateCounts(status, ['replicas', ...parts, 'observedGeneration'], parts, 'replicas', 'replicas'),
  ...validateCounts(status, [], ['availableReplicas'], 'readyReplicas', 'readyReplicas'),
]

export const replicaSet = defineKind<ReplicaSet>({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  short: ['rs'],
  categories: ['all'],
  scope: 'Namespaced',
  subresources: {
    status: true,
    scale: { spec: '.spec.replicas', status: '.status.replicas', selector: '.spec.selector' },
  },
  ownColumns: true,
  columns,
  selectableFields: { 'status.replicas': (object) => String(object.status?.replicas ?? 0) },
  defaults({ spec }) {
    if (spec === undefined) return
    spec.replicas ??= 1
    defaultPodTemplate(spec.template)
  },
  validate({ spec }) {
    if (spec === undefined) return validateWorkload({}, words)
    return [...checkCounts(spec, ['replicas', 'minReadySeconds']), ...validateWorkload(spec, words)]
  },
  validateUpdate: (object, previous) => checkUnchanged('spec.selector', object.spec?.selector, previous.spec?.selector),
  validateStatus: ({ status }) => validateReplicaStatus(status),
  prepareCreate(draft) {
    startGeneration(draft)
    draft.status = { replicas: 0 }
  },
  warn: ofNewSpec(namedWorkloadWarnings),
})
