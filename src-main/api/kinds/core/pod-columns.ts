import type { Column } from '../../define-kind.ts'
import { isConditionTrue } from '../../meta/conditions.ts'
import type { Pod } from '../../types/core-v1.ts'
import { ageColumn, column, nameColumn, none, wideColumn } from '../table-columns.ts'
import { summarizePod } from './pod-status-text.ts'

const orNone = (text: string | undefined): string => (text === undefined || text === '' ? none : text)

function readinessGates(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? []
  if (gates.length === 0) return none
  const open = gates.filter(({ conditionType }) => isConditionTrue(pod.status?.conditions, conditionType))
  return `${open.length}/${gates.length}`
}

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  column('Ready', 'string', (pod, now) => summarizePod(pod, now).ready),
  column('Status', 'string', (pod, now) => summarizePod(pod, now).status),
  column('Restarts', 'string', (pod, now) => summarizePod(pod, now).restarts),
  ageColumn,
  wideColumn('IP', 'string', (pod) => orNone(pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP)),
  wideColumn('Node', 'string', (pod) => orNone(pod.spec?.nodeName)),
  wideColumn('Nominated Node', 'string', (pod) => orNone(pod.status?.nominatedNodeName)),
  wideColumn('Readiness Gates', 'string', readinessGates),
]
