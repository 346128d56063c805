import { node } from '../../src-main/api/kinds/core/node.ts'
import { findCondition } from '../../src-main/api/meta/conditions.ts'
import type { Node } from '../../src-main/api/types/core-v1.ts'
import type { State } from '../components/state.ts'
import { ageColumn, nameColumn } from './columns.ts'
import type { ResourceView } from './resource-view.ts'

export function nodeState({ spec, status }: Node): State {
  const ready = findCondition(status?.conditions, 'Ready')?.status
  if (ready === undefined || ready === 'Unknown') return 'unknown'
  if (ready === 'False') return 'failed'
  return spec?.unschedulable === true ? 'warning' : 'running'
}

export const nodeView: ResourceView<Node> = {
  kind: node,
  icon: 'machine',
  columns: [
    nameColumn('minmax(130px, 1.4fr)'),
    { name: 'Status', width: 'minmax(110px, 1fr)', style: 'mark' },
    { name: 'Roles', width: '90px', style: 'words' },
    { name: 'Version', width: '90px', style: 'value' },
    { name: 'Internal-IP', width: '120px', style: 'value' },
    ageColumn,
  ],
  sort: { column: 'Name', descending: false },
  state: nodeState,
}
