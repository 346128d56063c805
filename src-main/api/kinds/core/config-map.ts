import { defineKind, type Column } from '../../define-kind.ts'
import type { ConfigMap } from '../../types/core-v1.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'

const columns: readonly Column<ConfigMap>[] = [
  nameColumn,
  column(
    'Data',
    'string',
    ({ data = {}, binaryData = {} }) => Object.keys(data).length + Object.keys(binaryData).length,
  ),
  ageColumn,
]

export const configMap = defineKind<ConfigMap>({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  short: ['cm'],
  scope: 'Namespaced',
  ownColumns: true,
  columns,
})
