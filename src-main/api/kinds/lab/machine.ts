import { defineKind, type Column } from '../../define-kind.ts'
import { required } from '../../field-error.ts'
import { checkPositive, checkRequired, problemsAt } from '../../meta/field-checks.ts'
import { ipProblems } from '../../meta/ip.ts'
import type { Machine } from '../../types/lab-v1.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'
import { checkQuantity } from '../core/pod-spec/resources.ts'

const columns: readonly Column<Machine>[] = [
  nameColumn,
  column('Provider', 'string', ({ spec }) => spec?.provider ?? ''),
  column('Phase', 'string', ({ status }) => status?.phase ?? ''),
  column('Address', 'string', ({ spec }) => spec?.address ?? ''),
  column('CPUs', 'integer', ({ spec }) => spec?.cpus ?? 0),
  column('Memory', 'string', ({ spec }) => spec?.memory ?? ''),
  ageColumn,
]

/** A worker: a virtual machine, a sandbox or a host that becomes a node. */
export const machine = defineKind<Machine>({
  group: 'lab.orrery.dev',
  version: 'v1',
  kind: 'Machine',
  plural: 'machines',
  scope: 'Cluster',
  subresources: { status: true },
  ownColumns: true,
  columns,
  selectableFields: { 'status.phase': ({ status }) => status?.phase ?? '' },
  defaults({ spec }) {
    if (spec !== undefined) spec.power ??= 'On'
  },
  validate: ({ spec }) => [
    ...checkRequired('spec.provider', spec?.provider),
    // It becomes part of network commands on the host.
    ...problemsAt('spec.address', spec?.address, ipProblems(spec?.address)),
    ...checkPositive('spec.cpus', spec?.cpus),
    ...(spec?.memory === undefined ? [required('spec.memory')] : checkQuantity('spec.memory', spec.memory)),
  ],
  prepareCreate(draft) {
    startGeneration(draft)
    draft.status = {}
  },
})
