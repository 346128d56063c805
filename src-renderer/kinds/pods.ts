import { isTerminated } from '../../src-main/api/meta/pod.ts'
import { pod } from '../../src-main/api/kinds/core/pod.ts'
import { summarizePod } from '../../src-main/api/kinds/core/pod-status-text.ts'
import type { Pod } from '../../src-main/api/types/core-v1.ts'
import type { State } from '../components/state.ts'
import { ageColumn, nameColumn, namespaceColumn } from './columns.ts'
import type { ResourceView } from './resource-view.ts'

/** What `kubectl get pods` says is wrong with a pod while it has not ended. */
const troubles = /BackOff|Err|Invalid|Error|Failed|Unknown|Evicted|OOMKilled|ContainerStatusUnknown/

export function podState(pod: Pod): State {
  const { status, ready } = summarizePod(pod, 0)
  if (status === 'Unknown') return 'unknown'
  if (pod.status?.phase === 'Failed') return 'failed'
  if (troubles.test(status)) return /BackOff|Error|OOMKilled/.test(status) ? 'failed' : 'warning'
  if (isTerminated(pod)) return 'unknown'
  if (pod.metadata?.deletionTimestamp !== undefined) return 'waiting'
  if (status !== 'Running') return 'waiting'
  const [up, all] = ready.split('/')
  return up === all ? 'running' : 'warning'
}

export const restartsOf = ({ status }: Pod): number =>
  [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].reduce(
    (sum, { restartCount }) => sum + restartCount,
    0,
  )

export const podView: ResourceView<Pod> = {
  kind: pod,
  icon: 'pod',
  columns: [
    nameColumn('minmax(220px, 2.4fr)'),
    namespaceColumn,
    { name: 'Ready', width: '64px', style: 'value' },
    { name: 'Status', width: 'minmax(130px, 1fr)', style: 'mark' },
    { name: 'Restarts', width: '110px', style: 'value', order: restartsOf },
    ageColumn,
    { name: 'IP', width: '124px', style: 'value' },
    { name: 'Node', width: 'minmax(110px, 1fr)', style: 'value' },
  ],
  sort: { column: 'Name', descending: false },
  state: podState,
  pageOf: ({ metadata }) => `/pods/${metadata.namespace ?? ''}/${metadata.name}`,
}
