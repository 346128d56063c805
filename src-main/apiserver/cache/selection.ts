/** Which objects of one resource a list or a watch is about. */
import type { DynamicObject } from '../../api/meta/object.ts'
import type { CacheEvent } from './event-window.ts'
import type { CachedObject } from './cached-object.ts'
import type { WatchItem } from '../request.ts'

export interface Selection {
  readonly namespace?: string
  readonly name?: string
  /** A field that the cache keeps an index of, and the value it must have. `matches` checks it all the same. */
  readonly indexed?: { readonly field: string; readonly value: string }
  /** Absent: everything in the namespace. */
  readonly matches?: (object: DynamicObject) => boolean
  /** What can be decided only on the object in the version that the client asked for, when a webhook converts it. */
  readonly matchesView?: (view: DynamicObject) => boolean
}

/**
 * What an event means to someone who sees only a part: an object that starts to match is new to them, one that no
 * longer does is gone, under the revision at which it left.
 */
export function itemFor(event: CacheEvent, selection: Selection): WatchItem | undefined {
  const { namespace, name, matches, matchesView } = selection
  if (namespace !== undefined && namespace !== event.namespace) return undefined
  if (name !== undefined && name !== event.name) return undefined
  const matched = (stored: CachedObject | undefined): boolean =>
    stored !== undefined && (matches === undefined || matches(stored.object))
  if (event.type === 'delete') return matched(event.stored) ? { type: 'DELETED', stored: event.stored } : undefined
  const before = matched(event.previous)
  if (matched(event.stored)) {
    const item = { type: before ? 'MODIFIED' : 'ADDED', stored: event.stored } as const
    return matchesView === undefined || event.previous === undefined ? item : { ...item, previous: event.previous }
  }
  return before && event.previous !== undefined
    ? { type: 'DELETED', stored: event.previous.at(event.revision) }
    : undefined
}
