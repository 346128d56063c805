import { deployment } from '../../src-main/api/kinds/apps/deployment.ts'
import { isConditionTrue } from '../../src-main/api/meta/conditions.ts'
import { findCondition } from '../../src-main/api/meta/conditions.ts'
import type { Deployment } from '../../src-main/api/types/apps-v1.ts'
import type { State } from '../components/state.ts'
import { ageColumn, nameColumn, namespaceColumn } from './columns.ts'
import type { ResourceView } from './resource-view.ts'

export function deploymentState({ spec, status }: Deployment): State {
  const wanted = spec?.replicas ?? 1
  if (findCondition(status?.conditions, 'Progressing')?.status === 'False') return 'failed'
  if (isConditionTrue(status?.conditions, 'ReplicaFailure')) return 'failed'
  if ((status?.updatedReplicas ?? 0) < wanted) return 'waiting'
  return (status?.availableReplicas ?? 0) < wanted ? 'waiting' : 'running'
}

export const deploymentView: ResourceView<Deployment> = {
  kind: deployment,
  icon: 'deployment',
  columns: [
    nameColumn('minmax(200px, 2fr)'),
    namespaceColumn,
    { name: 'Ready', width: '90px', style: 'mark', order: ({ status }) => status?.readyReplicas ?? 0 },
    { name: 'Up-to-date', width: '96px', style: 'count', order: ({ status }) => status?.updatedReplicas ?? 0 },
    { name: 'Available', width: '90px', style: 'count', order: ({ status }) => status?.availableReplicas ?? 0 },
    ageColumn,
    { name: 'Images', width: 'minmax(160px, 2fr)', style: 'value' },
  ],
  sort: { column: 'Name', descending: false },
  state: deploymentState,
}
