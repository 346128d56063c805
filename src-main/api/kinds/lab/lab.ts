import { defineKind, type Column } from '../../define-kind.ts'
import { checkNotNegative, checkOptionalOneOf, checkRequired } from '../../meta/field-checks.ts'
import type { Lab } from '../../types/lab-v1.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'

const columns: readonly Column<Lab>[] = [
  nameColumn,
  column('Provider', 'string', ({ spec }) => spec?.provider ?? ''),
  column('Workers', 'integer', ({ spec }) => spec?.workers ?? 0),
  column('Ready', 'integer', ({ status }) => status?.readyWorkers ?? 0),
  column('Phase', 'string', ({ status }) => status?.phase ?? ''),
  ageColumn,
]

/** A set of workers that is started and stopped together. */
export const lab = defineKind<Lab>({
  group: 'lab.orrery.dev',
  version: 'v1',
  kind: 'Lab',
  plural: 'labs',
  scope: 'Cluster',
  subresources: { status: true },
  ownColumns: true,
  columns,
  selectableFields: { 'status.phase': ({ status }) => status?.phase ?? '' },
  defaults({ spec }) {
    if (spec === undefined) return
    spec.proxyMode ??= 'iptables'
    spec.power ??= 'On'
  },
  validate: ({ spec }) => [
    ...checkRequired('spec.provider', spec?.provider),
    ...checkNotNegative('spec.workers', spec?.workers),
    ...checkOptionalOneOf('spec.proxyMode', spec?.proxyMode, ['iptables', 'userspace']),
  ],
  prepareCreate(draft) {
    startGeneration(draft)
    draft.status = {}
  },
})
