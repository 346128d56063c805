import { defineKind, type Column } from '../../define-kind.ts'
import { invalid } from '../../field-error.ts'
import type { ConfigMap } from '../../types/core-v1.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'
import { checkBase64, checkImmutable, checkKeys, checkSize, decodedBytes, textBytes } from './data-validation.ts'

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
  validate({ data = {}, binaryData = {} }) {
    const words = 'duplicate of key present in binaryData'
    const twice = Object.keys(data).filter((key) => Object.hasOwn(binaryData, key))
    const bytes =
      Object.values(data).reduce((sum, text) => sum + textBytes(text), 0) +
      Object.values(binaryData).reduce((sum, text) => sum + decodedBytes(text), 0)
    return [
      ...checkKeys(data, 'data'),
      ...twice.map((key) => invalid(`data[${key}]`, key, words)),
      ...checkKeys(binaryData, 'binaryData'),
      ...Object.entries(binaryData).flatMap(([key, value]) => checkBase64(`binaryData[${key}]`, value)),
      ...checkSize('', bytes),
    ]
  },
  validateUpdate: (object, previous) => checkImmutable(object, previous, ['data', 'binaryData']),
})
