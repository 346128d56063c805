import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import type { Disposable } from '../lib/disposable.ts'
import { describeError, type Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'

/** Where a job may be held before it runs. */
export type SyncGate = (signal: AbortSignal) => Promise<void> | undefined

/** Runs one job whenever it is asked for: never twice at once, of several requests only once more, and again after a failure. */
export class Syncer implements Disposable {
  private readonly what: string
  private readonly job: () => Promise<void>
  private readonly gate: SyncGate
  private readonly clock: Clock
  private readonly log: Log
  private readonly backoff: Backoff
  private readonly abort = new AbortController()
  private requested = false
  private running: Promise<void> | undefined
  private retry: Disposable | undefined

  constructor(
    what: string,
    job: () => Promise<void>,
    options: { clock: Clock; random: Random; log: Log },
    gate: SyncGate = () => undefined,
  ) {
    this.gate = gate
    this.what = what
    this.job = job
    this.clock = options.clock
    this.log = options.log
    this.backoff = new Backoff({ initialMs: 500, maximumMs: 30_000 }, options.random)
  }

  request(): void {
    if (this.abort.signal.aborted) return
    this.requested = true
    this.running ??= this.run().finally(() => {
      this.running = undefined
      // A request that came between the last look and now has not been seen.
      if (this.requested) this.request()
    })
  }

  async dispose(): Promise<void> {
    this.abort.abort()
    void this.retry?.dispose()
    await this.running
  }

  private async run(): Promise<void> {
    // Requests of one turn of the event loop become one run.
    await Promise.resolve()
    void this.retry?.dispose()
    while (this.requested && !this.abort.signal.aborted) {
      const { signal } = this.abort
      await this.gate(signal)
      if (signal.aborted) return
      this.requested = false
      try {
        await this.job()
        this.backoff.reset()
      } catch (error) {
        if (this.abort.signal.aborted) return
        this.requested = false
        this.log.warn(`${this.what} could not be brought up to date: ${describeError(error)}`)
        this.retry = this.clock.after(this.backoff.next(), () => this.request())
        return
      }
    }
  }
}
