/** Rules of events: of the old sort, few; of those that state their time, who saw what do what. */
import { invalid, required, type FieldError } from '../../field-error.ts'
import { checkRequired, checkUnchanged, problemsAt } from '../../meta/field-checks.ts'
import { qualifiedNameProblems } from '../../meta/names.ts'
import type { Event } from '../../types/core-v1.ts'

const longestText = 128
const longestMessage = 1024
const homes = ['default', 'kube-system']

/** Events on objects without a namespace live in `default`. `controllerField` is what the reporter is called. */
export function validateEvent(event: Event, controllerField: string): FieldError[] {
  const { metadata, involvedObject, eventTime } = event
  const namespace = involvedObject?.namespace ?? ''
  const own = metadata?.namespace ?? ''
  const fits =
    namespace === '' ? own === '' || homes.slice(0, eventTime === undefined ? 1 : 2).includes(own) : namespace === own
  const mismatch = [invalid('involvedObject.namespace', namespace, 'does not match event.namespace')]
  if (eventTime === undefined) return fits ? [] : mismatch
  const { reportingComponent = '', reportingInstance = '', action, reason, message = '' } = event
  return [
    ...(namespace === '' && !fits ? mismatch : []),
    ...checkRequired(controllerField, reportingComponent),
    ...problemsAt(controllerField, reportingComponent, qualifiedNameProblems(reportingComponent)),
    ...checkText('reportingInstance', reportingInstance),
    ...checkText('action', action),
    ...checkText('reason', reason),
    ...(message.length > longestMessage
      ? [invalid('message', '', `can have at most ${longestMessage} characters`)]
      : []),
  ]
}

function checkText(path: string, text = ''): FieldError[] {
  const words = `can have at most ${longestText} characters`
  return text.length > longestText ? [invalid(path, '', words)] : checkRequired(path, text)
}

/** What the newer API asks of an event beyond that; `event` is in the words of the old one. */
export function validateNewEvent(event: Event): FieldError[] {
  const { eventTime, type, firstTimestamp, lastTimestamp, count = 0, source } = event
  const old = {
    firstTimestamp,
    lastTimestamp,
    count: count === 0 ? undefined : count,
    source: source?.component ?? source?.host,
  }
  return [
    ...validateSeries(event),
    ...(eventTime === undefined ? [required('eventTime')] : []),
    ...(type === 'Normal' || type === 'Warning' ? [] : [invalid('type', '', `has invalid value: ${type ?? ''}`)]),
    ...Object.entries(old)
      .filter(([, value]) => value !== undefined)
      .map(([field]) => invalid(field, '', 'needs to be unset')),
  ]
}

function validateSeries({ series }: Event): FieldError[] {
  if (series === undefined) return []
  return [
    ...((series.count ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : []),
    ...(series.lastObservedTime === undefined ? [required('series.lastObservedTime')] : []),
  ]
}

const fixed = [
  'involvedObject',
  'reason',
  'reportingInstance',
  'action',
  'type',
  'message',
  'eventTime',
  'related',
] as const

/** What happened does not change; how often, and when last, does. */
export const validateEventUpdate = (event: Event, previous: Event): FieldError[] => [
  ...fixed
    .filter((field) => field !== 'message' || previous.message !== undefined)
    .flatMap((field) => checkUnchanged(field, event[field], previous[field])),
  ...checkUnchanged('reportingController', event.reportingComponent, previous.reportingComponent),
  ...validateSeries(event),
]
