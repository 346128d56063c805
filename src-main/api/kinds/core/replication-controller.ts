import { defineKind, type Column } from '../../define-kind.ts'
import { invalid, required } from '../../field-error.ts'
import type { ReplicationController } from '../../types/core-v1.ts'
import { ofNewSpec } from '../../warnings/new-spec.ts'
import { namedWorkloadWarnings } from '../../warnings/workload-warnings.ts'
import { validateReplicaStatus } from '../apps/replica-set.ts'
import { checkCounts, validateEndless } from '../apps/workload-validation.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, column, containerColumns, labelsText, nameColumn, wideColumn } from '../table-columns.ts'
import { defaultPodTemplate } from './pod-spec/defaults.ts'
import { validatePodTemplate } from './pod-spec/validate.ts'

const columns: readonly Column<ReplicationController>[] = [
  nameColumn,
  column('Desired', 'integer', ({ spec }) => spec?.replicas ?? 0),
  column('Current', 'integer', ({ status }) => status?.replicas ?? 0),
  column('Ready', 'integer', ({ status }) => status?.readyReplicas ?? 0),
  ageColumn,
  ...containerColumns<ReplicationController>(({ spec }) => spec?.template?.spec),
  wideColumn('Selector', 'string', ({ spec }) => labelsText(spec?.selector)),
]

export const replicationController = defineKind<ReplicationController>({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  short: ['rc'],
  categories: ['all'],
  scope: 'Namespaced',
  subresources: {
    status: true,
    scale: { spec: '.spec.replicas', status: '.status.replicas', selector: '.spec.selector' },
  },
  ownColumns: true,
  columns,
  selectableFields: { 'status.replicas': (object) => String(object.status?.replicas ?? 0) },
  defaults(draft) {
    const { spec } = draft
    if (spec === undefined) return
    spec.replicas ??= 1
    defaultPodTemplate(spec.template)
    const labels = spec.template?.metadata?.labels
    if (labels === undefined) return
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels }
    if (Object.keys(draft.metadata?.labels ?? {}).length === 0)
      draft.metadata = { ...draft.metadata, labels: { ...labels } }
  },
  validate({ spec }) {
    const { selector = {}, template } = spec ?? {}
    const labels = template?.metadata?.labels
    const isEmpty = Object.keys(selector).length === 0
    const fits = Object.entries(selector).every(([key, value]) => labels?.[key] === value)
    return [
      ...checkCounts(spec ?? {}, ['minReadySeconds']),
      ...(isEmpty ? [required('spec.selector')] : []),
      ...checkCounts(spec ?? {}, ['replicas']),
      ...(template === undefined || fits
        ? []
        : [invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')]),
      ...(template === undefined ? [required('spec.template')] : validatePodTemplate(template, 'spec.template')),
      ...validateEndless(template?.spec, 'ReplicationController'),
    ]
  },
  validateStatus: ({ status }) => validateReplicaStatus(status),
  prepareCreate(draft) {
    startGeneration(draft)
    draft.status = { replicas: 0 }
  },
  warn: ofNewSpec(namedWorkloadWarnings),
})
