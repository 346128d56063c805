/** What a watch tells: first what was there when it began, then what comes. */
import type { BoundedQueue } from '../../lib/bounded-queue.ts'
import type { WatchEvents, WatchItem } from '../request.ts'

const firstBatch = 100

export class WatchStream implements WatchEvents {
  private readonly first: readonly WatchItem[]
  private readonly rest: BoundedQueue<WatchItem>

  constructor(first: readonly WatchItem[], rest: BoundedQueue<WatchItem>) {
    this.first = first
    this.rest = rest
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchItem, void, undefined> {
    yield* this.first
    yield* this.rest
  }

  async *batches(turn?: () => Promise<void> | undefined): AsyncGenerator<readonly WatchItem[], void, undefined> {
    for (let from = 0; from < this.first.length; from += firstBatch) yield this.first.slice(from, from + firstBatch)
    yield* this.rest.batches(turn)
  }
}
