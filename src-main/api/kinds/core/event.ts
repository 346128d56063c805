import { defineKind, type Column } from '../../define-kind.ts'
import { humanAge } from '../../meta/duration.ts'
import type { Event } from '../../types/core-v1.ts'
import { validateEvent } from '../events/event-rules.ts'
import { column, nameColumn, wideColumn } from '../table-columns.ts'

function firstSeen({ firstTimestamp, eventTime }: Event, nowUnixMs: number): string {
  return humanAge(firstTimestamp ?? eventTime, nowUnixMs)
}

function lastSeen(event: Event, nowUnixMs: number): string {
  const { series, lastTimestamp } = event
  const last = series?.lastObservedTime ?? lastTimestamp
  return last === undefined ? firstSeen(event, nowUnixMs) : humanAge(last, nowUnixMs)
}

function source({ source: from, reportingComponent = '', reportingInstance = '' }: Event): string {
  const { component = reportingComponent, host = reportingInstance } = from ?? {}
  return host === '' ? component : `${component}, ${host}`
}

function target({ involvedObject: { kind = '', name = '' } = {} }: Event): string {
  return kind === '' || name === '' ? name : `${kind.toLowerCase()}/${name}`
}

const columns: readonly Column<Event>[] = [
  column('Last Seen', 'string', lastSeen),
  column('Type', 'string', ({ type }) => type ?? ''),
  column('Reason', 'string', ({ reason }) => reason ?? ''),
  column('Object', 'string', target),
  wideColumn('Subobject', 'string', ({ involvedObject }) => involvedObject?.fieldPath ?? ''),
  wideColumn('Source', 'string', source),
  column('Message', 'string', ({ message }) => (message ?? '').trim()),
  wideColumn('First Seen', 'string', firstSeen),
  wideColumn('Count', 'string', ({ series, count = 0 }) => series?.count ?? (count === 0 ? 1 : count)),
  { ...nameColumn, priority: 1 },
]

export const event = defineKind<Event>({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  short: ['ev'],
  scope: 'Namespaced',
  updatesCreate: true,
  ownColumns: true,
  columns,
  validate: (object) => validateEvent(object, 'reportingComponent'),
  selectableFields: {
    'involvedObject.kind': ({ involvedObject }) => involvedObject?.kind ?? '',
    'involvedObject.namespace': ({ involvedObject }) => involvedObject?.namespace ?? '',
    'involvedObject.name': ({ involvedObject }) => involvedObject?.name ?? '',
    'involvedObject.uid': ({ involvedObject }) => involvedObject?.uid ?? '',
    'involvedObject.apiVersion': ({ involvedObject }) => involvedObject?.apiVersion ?? '',
    'involvedObject.resourceVersion': ({ involvedObject }) => involvedObject?.resourceVersion ?? '',
    'involvedObject.fieldPath': ({ involvedObject }) => involvedObject?.fieldPath ?? '',
    reason: ({ reason }) => reason ?? '',
    reportingComponent: ({ reportingComponent }) => reportingComponent ?? '',
    source: ({ source: from, reportingComponent }) => from?.component ?? reportingComponent ?? '',
    type: ({ type }) => type ?? '',
  },
})
