import { defineKind, type Column } from '../../define-kind.ts'
import type { Decision } from '../../types/glass-v1.ts'
import { column, nameColumn, none, wideColumn } from '../table-columns.ts'

const columns: readonly Column<Decision>[] = [
  nameColumn,
  column('Node', 'string', ({ node }) => node ?? none),
  column('Feasible', 'string', ({ candidates = [], inputs }) => `${candidates.length}/${inputs?.looked ?? 0}`),
  column('Best', 'number', ({ candidates = [] }) => candidates[0]?.total ?? 0),
  column('Tied', 'integer', ({ tied = [] }) => tied.length),
  column('Attempts', 'integer', ({ attempts }) => attempts ?? 0),
  column('Preemption', 'string', ({ preemption }) => preemption?.node ?? none),
  wideColumn('Profile', 'string', ({ profile }) => profile ?? ''),
  wideColumn('Message', 'string', ({ message }) => message ?? ''),
]

/** Why a pod is where it is, or nowhere; named as the pod, and made from the scheduler's record when it is asked for. */
export const decision = defineKind<Decision>({
  group: 'glass.orrery.dev',
  version: 'v1',
  kind: 'Decision',
  plural: 'decisions',
  scope: 'Namespaced',
  ownColumns: true,
  columns,
})
