/** So many leave the queue at once. */
const batchLimit = 100

/** A queue between one producer that must not wait and one consumer that may be slow. */
export class BoundedQueue<T> implements AsyncIterable<T> {
  private readonly items: T[] = []
  private waiting: (() => void) | undefined
  private end: { error: Error | undefined } | undefined
  private readonly limit: number

  constructor(limit: number) {
    this.limit = limit
  }

  /** False when the queue is full or closed: the producer then closes it with an error, and nothing is skipped. */
  push(item: T): boolean {
    if (this.end !== undefined || this.items.length >= this.limit) return false
    this.items.push(item)
    this.wake()
    return true
  }

  /** Ends the iteration after the items that are queued; with an error, at once. */
  close(error?: Error): void {
    if (this.end !== undefined) return
    this.end = { error }
    this.wake()
  }

  get closed(): boolean {
    return this.end !== undefined
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    try {
      for (;;) {
        if (this.end?.error !== undefined) throw this.end.error
        const item = this.items.shift()
        if (item !== undefined) yield item
        else if (this.end !== undefined) return
        else await new Promise<void>((resolve) => (this.waiting = resolve))
      }
    } finally {
      this.close()
    }
  }

  /**
   * What has come since the last time, in one piece. `turn` says when a consumer that was woken may go on: what comes
   * until then comes along.
   */
  async *batches(turn?: () => Promise<void> | undefined): AsyncGenerator<readonly T[], void, undefined> {
    try {
      for (;;) {
        if (this.end?.error !== undefined) throw this.end.error
        if (this.items.length > 0) yield this.items.splice(0, batchLimit)
        else if (this.end !== undefined) return
        else {
          await new Promise<void>((resolve) => (this.waiting = resolve))
          const later = turn?.()
          if (later !== undefined) await later
        }
      }
    } finally {
      this.close()
    }
  }

  private wake(): void {
    this.waiting?.()
    this.waiting = undefined
  }
}
