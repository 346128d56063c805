import { event } from '../../src-main/api/kinds/core/event.ts'
import type { Event } from '../../src-main/api/types/core-v1.ts'
import type { State } from '../components/state.ts'
import { namespaceColumn } from './columns.ts'
import type { ResourceView } from './resource-view.ts'

/** When it happened last; events of the new form have a time with microseconds. */
export const lastSeen = ({ series, lastTimestamp, eventTime, firstTimestamp, metadata }: Event): string =>
  series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? firstTimestamp ?? metadata?.creationTimestamp ?? ''

export const eventState = ({ type }: Event): State => (type === 'Warning' ? 'warning' : 'running')

export const eventView: ResourceView<Event> = {
  kind: event,
  icon: 'event',
  columns: [
    { name: 'Last Seen', width: '84px', style: 'age', text: lastSeen, order: (object) => Date.parse(lastSeen(object)) },
    { name: 'Type', width: '100px', style: 'mark' },
    { name: 'Reason', width: '150px', style: 'words' },
    { name: 'Object', width: 'minmax(180px, 1.2fr)', style: 'name' },
    namespaceColumn,
    { name: 'Message', width: 'minmax(240px, 3fr)', style: 'words' },
    { name: 'Count', width: '64px', style: 'count', order: ({ series, count }) => series?.count ?? count ?? 1 },
  ],
  sort: { column: 'Last Seen', descending: true },
  state: eventState,
}
