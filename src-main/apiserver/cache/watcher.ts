/** One open watch. A consumer that does not keep up loses the watch, never an event: it resumes from what it has. */
import { BoundedQueue } from '../../lib/bounded-queue.ts'
import type { WatchItem } from '../request.ts'
import type { CacheEvent } from './event-window.ts'
import { itemFor, type Selection } from './selection.ts'

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

  offer(event: CacheEvent): void {
    if (event.revision <= this.after) return
    const item = itemFor(event, this.selection)
    if (item !== undefined) this.push(item)
  }

  push(item: WatchItem): void {
    if (!this.queue.push(item)) this.queue.close()
  }

  get closed(): boolean {
    return this.queue.closed
  }
}
