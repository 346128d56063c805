import { defineKind, type Column } from '../../define-kind.ts'
import { checkOptionalOneOf, checkRequired } from '../../meta/field-checks.ts'
import type { Clock } from '../../types/glass-v1.ts'
import { column, nameColumn } from '../table-columns.ts'

const columns: readonly Column<Clock>[] = [
  nameColumn,
  column('Mode', 'string', ({ spec }) => spec?.mode ?? ''),
  column('Held', 'integer', ({ status }) => status?.held?.length ?? 0),
  column('Next', 'string', ({ status }) => status?.held?.[0]?.id ?? ''),
  column('Gate', 'string', ({ status }) => status?.held?.[0]?.gate ?? ''),
]

/** There is one, for the whole cluster. */
export const clockName = 'default'

/**
 * Whether the control loops run or are held. `spec.step` names one held step to be let through; it is an order rather
 * than a wish, so a read never shows it.
 */
export const clock = defineKind<Clock>({
  group: 'glass.orrery.dev',
  version: 'v1',
  kind: 'Clock',
  plural: 'clocks',
  scope: 'Cluster',
  ownColumns: true,
  columns,
  validate: ({ spec }) => [
    ...checkOptionalOneOf('spec.mode', spec?.mode, ['Run', 'Hold']),
    ...(spec?.breakpoints ?? []).flatMap(({ gate }, index) => checkRequired(`spec.breakpoints[${index}].gate`, gate)),
  ],
})
