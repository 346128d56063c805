/** What nodes and pods use now: computed from the kubelets when it is asked for, and never stored. */
import { defineKind } from '../../define-kind.ts'
import { addQuantities, formatQuantity, parseQuantity, zeroQuantity } from '../../meta/quantity.ts'
import type { NodeMetrics, PodMetrics } from '../../types/metrics-v1beta1.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'

const total = ({ containers = [] }: PodMetrics, resource: string): string =>
  formatQuantity(
    containers.reduce((sum, { usage }) => addQuantities(sum, parseQuantity(usage[resource] ?? '0')), zeroQuantity),
  )

const names = { group: 'metrics.k8s.io', version: 'v1beta1', ownColumns: true } as const

export const nodeMetrics = defineKind<NodeMetrics>({
  ...names,
  kind: 'NodeMetrics',
  plural: 'nodes',
  scope: 'Cluster',
  columns: [
    nameColumn,
    column('CPU', 'string', ({ usage = {} }) => usage.cpu ?? '0'),
    column('Memory', 'string', ({ usage = {} }) => usage.memory ?? '0'),
    column('Window', 'string', ({ window = '' }) => window),
    ageColumn,
  ],
})

export const podMetrics = defineKind<PodMetrics>({
  ...names,
  kind: 'PodMetrics',
  plural: 'pods',
  scope: 'Namespaced',
  columns: [
    nameColumn,
    column('CPU', 'string', (metrics) => total(metrics, 'cpu')),
    column('Memory', 'string', (metrics) => total(metrics, 'memory')),
    column('Window', 'string', ({ window = '' }) => window),
    ageColumn,
  ],
})
