import { badRequest, invalidObject } from '../../api/errors.ts'
import { forbidden } from '../../api/field-error.ts'
import { CachedObject } from '../cache/cached-object.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { isTrue } from '../filters/request-info.ts'
import { resourceKey } from '../registry/keys.ts'
import { inVersion } from '../registry/versions.ts'
import type { Answer, WatchItem } from '../request.ts'
import { parseResourceVersion, wholeNumber } from './resource-version.ts'
import { selectionOf } from './selection.ts'

/** A watch that asks for no end gets one after half an hour to an hour, so that clients spread over time. */
const defaultTimeoutSeconds = 1800

export function handleWatch(parts: ServerParts, operation: Operation): Answer {
  const { kind, request } = operation
  const { query } = request
  if ((query.get('continue') ?? '') !== '') throw badRequest('a watch cannot be continued from a list token')
  const resource = resourceKey(kind)
  const wanted = initialEvents(query)
  const after = startOf(parts, query, wanted)
  const timeoutSeconds =
    wholeNumber(query.get('timeoutSeconds'), 'timeoutSeconds') ||
    defaultTimeoutSeconds + parts.random.integer(defaultTimeoutSeconds)
  const events = parts.cache.watch(resource, {
    kind,
    selection: selectionOf(parts, operation),
    ...(after === undefined ? {} : { after }),
    bookmarks: isTrue(query.get('allowWatchBookmarks')),
    announceInitialEnd: wanted === true,
    timeoutMs: timeoutSeconds * 1000,
    signal: request.signal,
  })
  return { type: 'watch', kind, events: parts.shared.includes(kind) ? eventsInVersion(kind, events) : events }
}

/** Whether the client wants what is there first, and to be told when it has it; undefined: it does not say. */
function initialEvents(query: URLSearchParams): boolean | undefined {
  const text = query.get('sendInitialEvents')
  const match = query.get('resourceVersionMatch') ?? ''
  const refuse = (detail: string): Error =>
    invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [forbidden('resourceVersionMatch', detail)])
  if (text === null) {
    if (match !== '') throw refuse('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')
    return undefined
  }
  if (match !== 'NotOlderThan') throw refuse('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
  return isTrue(text)
}

/** The revision after which events are sent; undefined: what is there comes first. */
function startOf({ cache }: ServerParts, query: URLSearchParams, wanted: boolean | undefined): number | undefined {
  if (wanted === true) return undefined
  const given = parseResourceVersion(query.get('resourceVersion') ?? '')
  if (given !== undefined && given > 0) return given
  return wanted === false ? cache.revision : undefined
}

async function* eventsInVersion(kind: Operation['kind'], events: AsyncIterable<WatchItem>): AsyncGenerator<WatchItem> {
  for await (const item of events) {
    yield item.stored instanceof CachedObject ? { ...item, stored: inVersion(kind, item.stored) } : item
  }
}
