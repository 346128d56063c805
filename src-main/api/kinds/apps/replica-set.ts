import { defineKind, type Column } from '../../define-kind.ts'
import type { ReplicaSet } from '../../types/apps-v1.ts'
import { defaultPodTemplate } from '../core/pod-spec/defaults.ts'
import { ageColumn, column, containerColumns, nameColumn, selectorText, wideColumn } from '../table-columns.ts'

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
  prepareCreate(draft) {
    draft.status = { replicas: 0 }
  },
})
