import { timeline } from '../../src-main/api/kinds/glass/timeline.ts'
import type { Timeline } from '../../src-main/api/types/glass-v1.ts'
import { namespaceColumn, nameColumn } from './columns.ts'
import { formatMs } from './lab-state.ts'
import type { ResourceView } from './resource-view.ts'
import { birthOf, chartOf } from './timeline.ts'

const chart = ({ spans }: Timeline) => chartOf({ spans: birthOf(spans) })
const startOf = (object: Timeline): string => chart(object).startedAt ?? ''

/** Not a kind of the table's usual sort: it has no age of its own, its first span has. */
export const timelineView: ResourceView<Timeline> = {
  kind: timeline,
  icon: 'birth',
  columns: [
    nameColumn('minmax(240px, 2fr)'),
    namespaceColumn,
    { name: 'Age', width: '80px', style: 'age', text: startOf, order: (object) => -Date.parse(startOf(object)) },
    {
      name: 'Total',
      width: '110px',
      style: 'count',
      text: (object) => formatMs(chart(object).totalMs),
      order: (object) => chart(object).totalMs,
    },
    {
      name: 'Spans',
      width: '80px',
      style: 'count',
      text: (object) => String(chart(object).bars.length),
      order: (object) => chart(object).bars.length,
    },
    {
      name: 'Errors',
      width: '80px',
      style: 'count',
      text: (object) => String(chart(object).errors),
      order: (object) => chart(object).errors,
    },
  ],
  sort: { column: 'Age', descending: false },
}
