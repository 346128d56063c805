import { service } from '../../src-main/api/kinds/core/service.ts'
import type { Service } from '../../src-main/api/types/core-v1.ts'
import { ageColumn, nameColumn, namespaceColumn } from './columns.ts'
import type { ResourceView } from './resource-view.ts'

export const serviceView: ResourceView<Service> = {
  kind: service,
  icon: 'service',
  columns: [
    nameColumn('minmax(180px, 2fr)'),
    namespaceColumn,
    { name: 'Type', width: '110px', style: 'words' },
    { name: 'Cluster-IP', width: '124px', style: 'value' },
    { name: 'External-IP', width: '124px', style: 'value' },
    { name: 'Port(s)', width: 'minmax(120px, 1fr)', style: 'value' },
    ageColumn,
    { name: 'Selector', width: 'minmax(140px, 1.5fr)', style: 'value' },
  ],
  sort: { column: 'Name', descending: false },
}
