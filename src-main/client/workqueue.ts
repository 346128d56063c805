import { Backoff, type BackoffOptions } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import type { Disposable } from '../lib/disposable.ts'
import type { Random } from '../lib/random.ts'

export interface WorkQueueOptions {
  readonly clock: Clock
  readonly random: Random
  /** Delays of `addRateLimited`; absent: 5 ms, doubled with each failure, up to 1000 s. */
  readonly backoff?: BackoffOptions
}

const defaultBackoff: BackoffOptions = { initialMs: 5, maximumMs: 1_000_000 }

/**
 * A queue of keys. A key that is waiting is not queued twice; a key that is being worked on never runs a second time
 * at once: when it is added meanwhile, it runs once more after `done`.
 */
export class WorkQueue {
  private readonly options: WorkQueueOptions
  /** Waiting keys in their order. */
  private readonly ready: string[] = []
  /** Keys that need work; those that are also in `processing` are not in `ready`. */
  private readonly dirty = new Set<string>()
  private readonly processing = new Set<string>()
  private readonly takers: ((item: string | undefined) => void)[] = []
  private readonly delayed = new Map<string, { readonly due: number; readonly timer: Disposable }>()
  private readonly failures = new Map<string, Backoff>()
  private closed = false

  constructor(options: WorkQueueOptions) {
    this.options = options
  }

  /** Keys that wait for a worker. */
  get length(): number {
    return this.ready.length
  }

  add(item: string): void {
    if (this.closed || this.dirty.has(item)) return
    this.dirty.add(item)
    if (!this.processing.has(item)) this.enqueue(item)
  }

  /** Adds later. Of several delays for one key, the earliest counts. */
  addAfter(item: string, delayMs: number): void {
    if (this.closed) return
    if (delayMs <= 0) return this.add(item)
    const { clock } = this.options
    const due = clock.monotonic() + delayMs
    const waiting = this.delayed.get(item)
    if (waiting !== undefined && waiting.due <= due) return
    void waiting?.timer.dispose()
    const timer = clock.after(delayMs, () => {
      this.delayed.delete(item)
      this.add(item)
    })
    this.delayed.set(item, { due, timer })
  }

  /** Adds after a delay that grows with each call until `forget`. */
  addRateLimited(item: string): void {
    const { backoff = defaultBackoff, random } = this.options
    const delays = this.failures.get(item) ?? new Backoff(backoff, random)
    this.failures.set(item, delays)
    this.addAfter(item, delays.next())
  }

  /** The key succeeded: its next failure starts with the shortest delay. */
  forget(item: string): void {
    this.failures.delete(item)
  }

  /** The next key, or undefined after `shutDown`. Each key that is taken must be given back by `done`. */
  take(): Promise<string | undefined> {
    if (this.closed) return Promise.resolve(undefined)
    const item = this.ready.shift()
    if (item === undefined) return new Promise((resolve) => this.takers.push(resolve))
    this.begin(item)
    return Promise.resolve(item)
  }

  done(item: string): void {
    this.processing.delete(item)
    if (this.dirty.has(item) && !this.closed) this.enqueue(item)
  }

  /** Drops what waits and sends every worker home. */
  shutDown(): void {
    this.closed = true
    for (const { timer } of this.delayed.values()) void timer.dispose()
    this.delayed.clear()
    this.failures.clear()
    this.dirty.clear()
    this.ready.length = 0
    for (const resolve of this.takers.splice(0)) resolve(undefined)
  }

  private enqueue(item: string): void {
    const taker = this.takers.shift()
    if (taker === undefined) {
      this.ready.push(item)
      return
    }
    this.begin(item)
    taker(item)
  }

  private begin(item: string): void {
    this.dirty.delete(item)
    this.processing.add(item)
  }
}
