/** One open watch. A consumer that does not keep up loses the watch, never an event: it resumes from what it has. */
import { BoundedQueue } from '../../lib/bounded-queue.ts'
import type { WatchItem } from '../request.ts'
import { itemFor, type Selection, type SharedEvent } from './selection.ts'

const queueLimit = 4096

export class Watcher {
  readonly selection: Selection
  readonly bookmarks: boolean
  readonly queue = new BoundedQueue<WatchItem>(queueLimit)
  /** Events up to this revision are not for this watcher. */
  private readonly after: number

  constructor(selection: Selection, bookmarks: boolean, after: number) {
    this.selection = selection
    this.bookmarks = bookmarks
    this.after = after
  }

  /** True when the event is of concern and was taken. */
  offer(shared: SharedEvent): boolean {
    if (shared.event.revision <= this.after) return false
    const item = itemFor(shared, this.selection)
    return item !== undefined && this.push(item)
  }

  /** False when it has no room left, which ends the watch. */
  push(item: WatchItem): boolean {
    if (this.queue.push(item)) return true
    this.queue.close()
    return false
  }

  get closed(): boolean {
    return this.queue.closed
  }
}
