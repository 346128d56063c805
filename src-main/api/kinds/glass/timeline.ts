import { defineKind, type Column } from '../../define-kind.ts'
import type { Timeline } from '../../types/glass-v1.ts'
import { column, nameColumn } from '../table-columns.ts'

/** From the start of the first span to the end of the last, in milliseconds. */
function totalMs({ spans = [] }: Timeline): number {
  const starts = spans.map(({ start }) => Date.parse(start))
  const ends = spans.map(({ start, durationMicroseconds }) => Date.parse(start) + durationMicroseconds / 1000)
  return spans.length === 0 ? 0 : Math.round(Math.max(...ends) - Math.min(...starts))
}

const columns: readonly Column<Timeline>[] = [
  nameColumn,
  column('Spans', 'integer', ({ spans = [] }) => spans.length),
  column('Errors', 'integer', ({ spans = [] }) => spans.filter(({ error }) => error !== undefined).length),
  column('Milliseconds', 'integer', totalMs),
]

/** What happened to one object, step by step; made from the recorder when it is asked for. */
export const timeline = defineKind<Timeline>({
  group: 'glass.orrery.dev',
  version: 'v1',
  kind: 'Timeline',
  plural: 'timelines',
  scope: 'Namespaced',
  ownColumns: true,
  columns,
})
