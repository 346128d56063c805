/** Which objects of one resource a list or a watch is about. */
import type { DynamicObject } from '../../api/meta/object.ts'
import type { CacheEvent } from './event-window.ts'
import type { CachedObject } from './cached-object.ts'
import type { WatchItem } from '../request.ts'

/** One of these values in a label, or in a field that the cache keeps an index of. */
export interface Term {
  readonly type: 'label' | 'field'
  readonly name: string
  readonly values: readonly string[]
}

export interface Selection {
  readonly namespace?: string
  readonly name?: string
  /** A field that the cache keeps an index of, and the value it must have. `matches` checks it all the same. */
  readonly indexed?: { readonly field: string; readonly value: string }
  /** What indexes can tell of `matches`. */
  readonly terms?: readonly Term[]
  /** Namespace, name and terms say all that `matches` says. */
  readonly exact?: boolean
  /** Absent: everything in the namespace. */
  readonly matches?: (object: DynamicObject) => boolean
  /** What can be decided only on the object in the version that the client asked for, when a webhook converts it. */
  readonly matchesView?: (view: DynamicObject) => boolean
}

/** One event as it is told to many watchers: each form of it is made once, and so are its bytes. */
export class SharedEvent {
  readonly event: CacheEvent
  private readonly items = new Map<WatchItem['type'], WatchItem>()

  constructor(event: CacheEvent) {
    this.event = event
  }

  /** The item of a type; `stored` makes its object when it is the first. */
  item(type: WatchItem['type'], stored: () => CachedObject): WatchItem {
    const known = this.items.get(type)
    if (known !== undefined) return known
    const made: WatchItem = { type, stored: stored(), frames: new Map() }
    this.items.set(type, made)
    return made
  }
}

/**
 * What an event means to someone who sees only a part: an object that starts to match is new to them, one that no
 * longer does is gone, under the revision at which it left.
 */
export function itemFor(shared: SharedEvent, selection: Selection): WatchItem | undefined {
  const { event } = shared
  const { namespace, name, matches, matchesView } = selection
  if (namespace !== undefined && namespace !== event.namespace) return undefined
  if (name !== undefined && name !== event.name) return undefined
  const matched = (stored: CachedObject | undefined): boolean =>
    stored !== undefined && (matches === undefined || matches(stored.object))
  const { stored, previous } = event
  if (event.type === 'delete') return matched(stored) ? shared.item('DELETED', () => stored) : undefined
  const before = matched(previous)
  if (matched(stored)) {
    const type = before ? 'MODIFIED' : 'ADDED'
    return matchesView === undefined || previous === undefined
      ? shared.item(type, () => stored)
      : { type, stored, previous }
  }
  return before && previous !== undefined ? shared.item('DELETED', () => previous.at(event.revision)) : undefined
}
