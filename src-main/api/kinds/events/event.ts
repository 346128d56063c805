import { defineKind, type Column } from '../../define-kind.ts'
import { humanAge } from '../../meta/duration.ts'
import type { Event as CoreEvent } from '../../types/core-v1.ts'
import type { Event } from '../../types/events-v1.ts'
import { column, nameColumn, wideColumn } from '../table-columns.ts'
import { validateEvent, validateEventUpdate, validateNewEvent } from './event-rules.ts'

const firstSeen = ({ deprecatedFirstTimestamp, eventTime }: Event, now: number): string =>
  humanAge(deprecatedFirstTimestamp ?? eventTime, now)

function lastSeen(event: Event, now: number): string {
  const last = event.series?.lastObservedTime ?? event.deprecatedLastTimestamp
  return last === undefined ? firstSeen(event, now) : humanAge(last, now)
}

function target({ regarding }: Event): string {
  const { kind = '', name = '' } = regarding ?? {}
  return kind === '' || name === '' ? name : `${kind.toLowerCase()}/${name}`
}

const columns: readonly Column<Event>[] = [
  column('Last Seen', 'string', lastSeen),
  column('Type', 'string', ({ type }) => type ?? ''),
  column('Reason', 'string', ({ reason }) => reason ?? ''),
  column('Object', 'string', target),
  wideColumn('Subobject', 'string', ({ regarding }) => regarding?.fieldPath ?? ''),
  wideColumn('Source', 'string', ({ reportingController = '', reportingInstance = '' }) =>
    reportingInstance === '' ? reportingController : `${reportingController}, ${reportingInstance}`,
  ),
  column('Message', 'string', ({ note }) => (note ?? '').trim()),
  wideColumn('First Seen', 'string', firstSeen),
  wideColumn('Count', 'string', ({ series, deprecatedCount = 0 }) => series?.count ?? Math.max(deprecatedCount, 1)),
  { ...nameColumn, priority: 1 },
]

/** The same event as the core group calls its parts: errors speak of those. */
function inOldWords(event: Event): CoreEvent {
  const { regarding, note, reportingController, deprecatedCount, deprecatedSource, ...rest } = event
  const { deprecatedFirstTimestamp: firstTimestamp, deprecatedLastTimestamp: lastTimestamp } = event
  return {
    ...rest,
    metadata: event.metadata ?? {},
    involvedObject: regarding ?? {},
    ...(note === undefined ? {} : { message: note }),
    ...(reportingController === undefined ? {} : { reportingComponent: reportingController }),
    ...(deprecatedCount === undefined ? {} : { count: deprecatedCount }),
    ...(deprecatedSource === undefined ? {} : { source: deprecatedSource }),
    ...(firstTimestamp === undefined ? {} : { firstTimestamp }),
    ...(lastTimestamp === undefined ? {} : { lastTimestamp }),
  }
}

/** The newer view of the same events that the core group has. */
export const groupedEvent = defineKind<Event>({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  short: ['ev'],
  scope: 'Namespaced',
  updatesCreate: true,
  ownColumns: true,
  columns,
  validate: (object) => validateEvent(inOldWords(object), 'reportingController'),
  validateNew: (object) => validateNewEvent(inOldWords(object)),
  validateUpdate: (object, previous) => validateEventUpdate(inOldWords(object), inOldWords(previous)),
  selectableFields: {
    'regarding.kind': ({ regarding }) => regarding?.kind ?? '',
    'regarding.namespace': ({ regarding }) => regarding?.namespace ?? '',
    'regarding.name': ({ regarding }) => regarding?.name ?? '',
    'regarding.uid': ({ regarding }) => regarding?.uid ?? '',
    'regarding.apiVersion': ({ regarding }) => regarding?.apiVersion ?? '',
    'regarding.resourceVersion': ({ regarding }) => regarding?.resourceVersion ?? '',
    'regarding.fieldPath': ({ regarding }) => regarding?.fieldPath ?? '',
    reason: ({ reason }) => reason ?? '',
    reportingController: ({ reportingController }) => reportingController ?? '',
    type: ({ type }) => type ?? '',
  },
})
