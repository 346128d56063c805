/** The recent events of one resource, for watches that start in the past. */
import type { CachedObject } from './cached-object.ts'

export interface CacheEvent {
  readonly type: 'put' | 'delete'
  /** Empty for cluster-scoped objects. */
  readonly namespace: string
  readonly name: string
  readonly revision: number
  /** The object after a put; after a delete, its last state under the deletion's revision. */
  readonly stored: CachedObject
  /** What a put replaced. */
  readonly previous: CachedObject | undefined
  readonly timeMs: number
}

/** This many events are kept however old they are. */
const keptAlways = 512
/** Beyond that, events are kept this long, so that a client may lose its connection and resume. */
const keptMs = 75_000
/** And never more than this many. */
const keptAtMost = 16_384

export class EventWindow {
  private events: CacheEvent[] = []
  private start = 0
  /** Every event after this revision is here. */
  private completeAfter: number

  constructor(completeAfter: number) {
    this.completeAfter = completeAfter
  }

  get floor(): number {
    return this.completeAfter
  }

  push(event: CacheEvent): void {
    this.events.push(event)
    for (;;) {
      const oldest = this.events[this.start]
      const count = this.events.length - this.start
      if (oldest === undefined || count <= keptAlways) break
      if (count <= keptAtMost && event.timeMs - oldest.timeMs < keptMs) break
      this.completeAfter = oldest.revision
      this.start++
    }
    if (this.start > keptAlways && this.start * 2 > this.events.length) {
      this.events = this.events.slice(this.start)
      this.start = 0
    }
  }

  /** The events after a revision, oldest first; undefined when some of them are no longer known. */
  after(revision: number): readonly CacheEvent[] | undefined {
    if (revision < this.completeAfter) return undefined
    let low = this.start
    let high = this.events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.events[middle]?.revision ?? 0) <= revision) low = middle + 1
      else high = middle
    }
    return this.events.slice(low)
  }
}
