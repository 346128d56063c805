import { defineKind, type Column } from '../../define-kind.ts'
import type { ResourceQuota } from '../../types/core-v1.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'
import {
  validateResourceQuota,
  validateResourceQuotaStatus,
  validateResourceQuotaUpdate,
} from './resource-quota-validation.ts'

/** `cpu: 1/2, memory: 0/1Gi` of the limits, or of everything else. */
const usage =
  (limits: boolean) =>
  ({ status }: ResourceQuota): string =>
    Object.entries(status?.hard ?? {})
      .filter(([name]) => name.startsWith('limits.') === limits)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, hard]) => `${name}: ${status?.used?.[name] ?? '0'}/${hard}`)
      .join(', ')

const columns: readonly Column<ResourceQuota>[] = [
  nameColumn,
  column('Request', 'string', usage(false)),
  column('Limit', 'string', usage(true)),
  ageColumn,
]

export const resourceQuota = defineKind<ResourceQuota>({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  short: ['quota'],
  scope: 'Namespaced',
  subresources: { status: true },
  ownColumns: true,
  columns,
  validate: validateResourceQuota,
  validateUpdate: validateResourceQuotaUpdate,
  validateStatus: validateResourceQuotaStatus,
  prepareCreate(draft) {
    draft.status = {}
  },
})
