import type { Kind } from '../../api/define-kind.ts'
import { badRequest, invalidObject } from '../../api/errors.ts'
import { forbidden, notSupported, type FieldError } from '../../api/field-error.ts'
import { CachedObject } from '../cache/cached-object.ts'
import type { Selection } from '../cache/selection.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { Pace } from '../pace.ts'
import { untilReplaced, type Ending } from '../custom/ending.ts'
import { isTrue } from '../filters/request-info.ts'
import { resourceKey } from '../registry/keys.ts'
import { inVersion } from '../registry/versions.ts'
import type { Answer, WatchItem } from '../request.ts'
import { noVersion, parseResourceVersion, wholeNumber } from './resource-version.ts'
import { selectionOf } from './selection.ts'

/** A watch that asks for no end gets one after half an hour to an hour, so that clients spread over time. */
const defaultTimeoutSeconds = 1800

export async function handleWatch(parts: ServerParts, operation: Operation): Promise<Answer> {
  const { kind, request } = operation
  const { query } = request
  if ((query.get('continue') ?? '') !== '') throw badRequest('a watch cannot be continued from a list token')
  const resource = resourceKey(kind)
  const wanted = initialEvents(query)
  const selection = selectionOf(parts, operation)
  const preparing = parts.cache.resource(resource).prepare(selection, new Pace(parts.clock))
  if (preparing !== undefined) await preparing
  const after = startOf(parts, operation, wanted)
  const asked = wholeNumber(query.get('timeoutSeconds')) ?? 0
  const timeoutSeconds = Math.max(0, asked || defaultTimeoutSeconds + parts.random.integer(defaultTimeoutSeconds))
  const ending = kind.custom === undefined ? undefined : untilReplaced(parts, kind, request.signal)
  const events = parts.cache.watch(resource, {
    ...{ kind, selection },
    ...(after === undefined ? {} : { after }),
    bookmarks: isTrue(query.get('allowWatchBookmarks')),
    announceInitialEnd: wanted === true,
    timeoutMs: timeoutSeconds * 1000,
    signal: ending?.signal ?? request.signal,
  })
  if (!parts.shared.includes(kind)) return { type: 'watch', kind, events }
  // What is there is converted in one go; what comes, as it comes.
  const start = after === undefined ? parts.cache.resource(resource).list(selection) : []
  return { type: 'watch', kind, events: eventsInVersion(parts, kind, events, { selection, start, ending }) }
}

/** Whether the client wants what is there first, and to be told when it has it; undefined: it does not say. */
function initialEvents(query: URLSearchParams): boolean | undefined {
  const text = query.get('sendInitialEvents')
  const match = query.get('resourceVersionMatch') ?? ''
  const refuse = (detail: string): FieldError => forbidden('resourceVersionMatch', detail)
  const errors = [
    ...(text !== null && match !== 'NotOlderThan'
      ? [refuse('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')]
      : []),
    ...(text === null && match !== ''
      ? [refuse('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')]
      : []),
    ...(match !== '' && match !== 'NotOlderThan'
      ? [notSupported('resourceVersionMatch', match, ['NotOlderThan'])]
      : []),
  ]
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors)
  return text === null ? undefined : isTrue(text)
}

/** The revision after which events are sent; undefined: what is there comes first. */
function startOf(
  { cache }: ServerParts,
  { request, kind }: Operation,
  wanted: boolean | undefined,
): number | undefined {
  const text = request.query.get('resourceVersion') ?? ''
  const given = parseResourceVersion(text)
  if (Number.isNaN(given)) throw invalidObject({ group: kind.group, kind: kind.plural }, '', [noVersion(text)])
  if (wanted === true) return undefined
  if (given !== undefined && given > 0) return given
  return wanted === false ? cache.revision : undefined
}

interface ViewedWatch {
  readonly selection: Selection
  readonly start: readonly CachedObject[]
  readonly ending: Ending | undefined
}

async function* eventsInVersion(
  parts: ServerParts,
  kind: Kind,
  events: AsyncIterable<WatchItem>,
  { selection, start, ending }: ViewedWatch,
): AsyncGenerator<WatchItem> {
  try {
    const pending = parts.conversion.prepare(kind, start)
    if (pending !== undefined) await pending
    for await (const item of events) {
      const converting = parts.conversion.prepare(kind, storedIn(item))
      if (converting !== undefined) await converting
      const shown = inKind(kind, item, selection)
      if (shown !== undefined) yield shown
    }
  } finally {
    ending?.dispose()
  }
}

const storedIn = ({ type, stored, previous }: WatchItem): CachedObject[] =>
  type === 'BOOKMARK' ? [] : [stored, previous].filter((one) => one instanceof CachedObject)

/** Undefined: of no concern to the client, before or after. */
function inKind(kind: Kind, item: WatchItem, { matchesView }: Selection): WatchItem | undefined {
  const { type, stored, previous } = item
  if (!(stored instanceof CachedObject)) return item
  if (type === 'BOOKMARK') {
    const object = { ...stored.object, kind: kind.kind, apiVersion: kind.apiVersion }
    return { type, stored: CachedObject.fromObject(stored.key, stored.revision, object) }
  }
  const view = inVersion(kind, stored)
  if (matchesView === undefined) return { type, stored: view }
  const matches = matchesView(view.object)
  if (type !== 'MODIFIED' || !(previous instanceof CachedObject)) return matches ? { type, stored: view } : undefined
  const before = inVersion(kind, previous)
  const matched = matchesView(before.object)
  if (matches) return { type: matched ? 'MODIFIED' : 'ADDED', stored: view }
  return matched ? { type: 'DELETED', stored: before.at(stored.revision) } : undefined
}
