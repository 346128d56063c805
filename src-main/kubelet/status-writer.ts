import { isReason } from '../api/errors.ts'
import { pod as podKind } from '../api/kinds/core/pod.ts'
import type { Live } from '../api/meta/object.ts'
import type { Pod, PodStatus } from '../api/types/core-v1.ts'
import type { Client } from '../client/client.ts'
import { Backoff } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { describeError, type Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import { sameStatus } from './status.ts'

export interface StatusWriterOptions {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** Makes one pod's status from the newest state of the pod. */
export type MakeStatus = (pod: Live<Pod>) => PodStatus

/** Writes one pod's status: one write at a time, of several that wait only the newest, and again until it is through. */
export class StatusWriter {
  private readonly options: StatusWriterOptions
  private readonly abort = new AbortController()
  private newest: Live<Pod>
  private wanted: MakeStatus | undefined
  private writing: Promise<void> | undefined

  constructor(pod: Live<Pod>, options: StatusWriterOptions) {
    this.newest = pod
    this.options = options
  }

  /** The newest state of the pod that is known, our own writes included. */
  get pod(): Live<Pod> {
    return this.newest
  }

  /** The pod was seen in this state. */
  see(pod: Live<Pod>): void {
    if (isNewer(pod, this.newest)) this.newest = pod
  }

  publish(make: MakeStatus): void {
    if (sameStatus(make(this.newest), this.newest.status) && this.writing === undefined) return
    this.wanted = make
    this.start()
  }

  private start(): void {
    this.writing ??= this.run().finally(() => {
      this.writing = undefined
      // What was published between the last look and now has not been seen.
      if (this.wanted !== undefined && !this.abort.signal.aborted) this.start()
    })
  }

  /** Resolves when what was published so far is written, or the pod is gone. */
  async flush(): Promise<void> {
    await this.writing
  }

  stop(): void {
    this.abort.abort()
  }

  private async run(): Promise<void> {
    const { clock, random, log } = this.options
    const backoff = new Backoff({ initialMs: 100, maximumMs: 10_000 }, random)
    // Lets everything that happens in this turn of the event loop go into one write.
    await Promise.resolve()
    for (let make = this.take(); make !== undefined; make = this.take()) {
      try {
        await this.write(make)
        backoff.reset()
      } catch (error) {
        if (isReason(error, 'NotFound') || this.abort.signal.aborted) return
        this.wanted ??= make
        if (isReason(error, 'Conflict') && (await this.reload())) continue
        log.debug(`the status of ${this.newest.metadata.name} could not be written: ${describeError(error)}`)
        await clock.sleep(backoff.next(), this.abort.signal).catch(() => undefined)
      }
    }
  }

  private take(): MakeStatus | undefined {
    if (this.abort.signal.aborted) return undefined
    const make = this.wanted
    this.wanted = undefined
    return make
  }

  private async write(make: MakeStatus): Promise<void> {
    const status = make(this.newest)
    if (sameStatus(status, this.newest.status)) return
    this.see(await this.options.client.update(podKind, { ...this.newest, status }, { subresource: 'status' }))
  }

  /** False when the newest state could not be had, or is that of another pod of this name. */
  private async reload(): Promise<boolean> {
    const { name, namespace, uid } = this.newest.metadata
    try {
      const found = await this.options.client.get(podKind, { name, ...(namespace === undefined ? {} : { namespace }) })
      if (found.metadata.uid !== uid) this.stop()
      else this.see(found)
      return true
    } catch (error) {
      if (isReason(error, 'NotFound')) this.stop()
      return false
    }
  }
}

function isNewer(left: Live<Pod>, right: Live<Pod>): boolean {
  return Number(left.metadata.resourceVersion) >= Number(right.metadata.resourceVersion)
}
