import { defineKind, type Column } from '../../define-kind.ts'
import { required } from '../../field-error.ts'
import { checkUnchanged } from '../../meta/field-checks.ts'
import type { ReplicaSet } from '../../types/apps-v1.ts'
import { startGeneration } from '../generation.ts'
import { defaultPodTemplate } from '../core/pod-spec/defaults.ts'
import { ageColumn, column, containerColumns, nameColumn, selectorText, wideColumn } from '../table-columns.ts'
import { validateReplicas, validateWorkload } from './workload-validation.ts'

const columns: readonly Column<ReplicaSet>[] = [
  nameColumn,
  column('Desired', 'integer', ({ spec }) => spec?.replicas ?? 0),
  column('Current', 'integer', ({ status }) => status?.replicas ?? 0),
  column('Ready', 'integer', ({ status }) => status?.readyReplicas ?? 0),
  ageColumn,
  ...containerColumns<ReplicaSet>(({ spec }) => spec?.template?.spec),
  wideColumn('Selector', 'string', ({ spec }) => selectorText(spec?.selector)),
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
    if (spec === undefined) return [required('spec.selector'), required('spec.template')]
    return [...validateReplicas(spec), ...validateWorkload(spec, 'replica set')]
  },
  validateUpdate: (object, previous) => checkUnchanged('spec.selector', object.spec?.selector, previous.spec?.selector),
  prepareCreate(draft) {
    startGeneration(draft)
    draft.status = { replicas: 0 }
  },
})
