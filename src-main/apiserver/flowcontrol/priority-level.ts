/** One priority level: so many seats, and queues for those who wait for one. */
import type { PriorityLevelConfiguration, QueuingConfiguration } from '../../api/types/flowcontrol-v1.ts'
import type { Clock } from '../../lib/clock.ts'
import type { RequestInfo } from '../filters/request-info.ts'
import { dealHand } from './shuffle-shard.ts'

/** Gives the seats back; calling it again does nothing. */
export type Release = () => void

export type Refusal = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled'

export class TooManyRequests extends Error {
  override readonly name = 'TooManyRequests'
  readonly code: Refusal

  constructor(code: Refusal) {
    super(code)
    this.code = code
  }
}

/** For whoever looks on. */
export interface RequestNote {
  readonly flowSchema: string
  readonly distinguisher: string
  readonly user: string
  readonly info: RequestInfo
}

export interface Waiting {
  readonly seats: number
  readonly arrivedMs: number
  readonly note: RequestNote | undefined
  start(): void
}

export interface Queue {
  readonly waiting: Waiting[]
  /** How much this queue has had, in seats; the queue that has had least is next. */
  served: number
}

interface Asking {
  readonly seats: number
  readonly flow: number
  readonly signal: AbortSignal
  readonly note: RequestNote | undefined
}

export interface LevelOptions {
  readonly clock: Clock
  /** How many seats of other levels are idle and may be lent to this one. */
  readonly borrowable: (level: PriorityLevel) => number
  /** How long a request may wait. */
  readonly patienceMs: number
}

export class PriorityLevel {
  readonly name: string
  nominalSeats = 0
  seatsInUse = 0
  waitingCount = 0
  /** Requests that have seats now. */
  executing = 0
  readonly counts: Record<'dispatched' | Refusal, number> = {
    ...{ dispatched: 0, 'queue-full': 0, 'concurrency-limit': 0, 'time-out': 0, cancelled: 0 },
  }
  private config: PriorityLevelConfiguration
  private queues: Queue[] = []
  /** What the queue that was served last had before: a queue that was empty starts from here. */
  private virtualTime = 0
  private readonly options: LevelOptions

  constructor(config: PriorityLevelConfiguration, options: LevelOptions) {
    this.name = config.metadata?.name ?? ''
    this.config = config
    this.options = options
  }

  get isExempt(): boolean {
    return this.config.spec?.type === 'Exempt'
  }

  get uid(): string {
    return this.config.metadata?.uid ?? ''
  }

  get shares(): number {
    const { spec } = this.config
    return (this.isExempt ? spec?.exempt : spec?.limited)?.nominalConcurrencyShares ?? (this.isExempt ? 0 : 30)
  }

  /** Seats that nobody here uses and that others may have. */
  get lendableNow(): number {
    const { spec } = this.config
    const percent = (this.isExempt ? spec?.exempt : spec?.limited)?.lendablePercent ?? 0
    if (this.waitingCount > 0) return 0
    return Math.max(0, Math.min(Math.round((this.nominalSeats * percent) / 100), this.nominalSeats - this.seatsInUse))
  }

  /** Seats that are in use here and are others'. */
  get borrowedNow(): number {
    return this.isExempt ? 0 : Math.max(0, this.seatsInUse - this.nominalSeats)
  }

  /** As they are now; for whoever looks on. */
  get allQueues(): readonly Queue[] {
    return this.queues
  }

  configure(config: PriorityLevelConfiguration): void {
    this.config = config
  }

  /** Seats at once, or a promise of them. Throws or rejects with `TooManyRequests`. */
  take(seats: number, flow: number, signal: AbortSignal, note?: RequestNote): Release | Promise<Release> {
    if (this.isExempt) return this.occupy(seats)
    if (this.waitingCount === 0 && this.hasRoom(seats)) return this.occupy(seats)
    const response = this.config.spec?.limited?.limitResponse
    if (response?.type !== 'Queue') throw this.refusal('concurrency-limit')
    return this.enqueue({ seats, flow, signal, note }, response.queuing ?? {})
  }

  /** Lets in whoever waits and has room now. */
  dispatch(): void {
    for (let next = this.next(); next !== undefined; next = this.next()) {
      const first = next.waiting[0]
      if (first === undefined || !this.hasRoom(first.seats)) return
      next.waiting.shift()
      this.waitingCount--
      this.virtualTime = next.served
      next.served += first.seats
      first.start()
    }
  }

  private refusal(code: Refusal): TooManyRequests {
    this.counts[code]++
    return new TooManyRequests(code)
  }

  private occupy(seats: number): Release {
    this.seatsInUse += seats
    this.executing++
    this.counts.dispatched++
    let held = true
    return () => {
      if (!held) return
      held = false
      this.seatsInUse -= seats
      this.executing--
      this.dispatch()
    }
  }

  /** A request that is wider than the whole level runs alone. */
  private hasRoom(seats: number): boolean {
    if (this.seatsInUse === 0) return true
    if (this.seatsInUse + seats <= this.nominalSeats) return true
    const percent = this.config.spec?.limited?.borrowingLimitPercent
    const mostBorrowed = percent === undefined ? Infinity : Math.round((this.nominalSeats * percent) / 100)
    const borrowed = Math.min(mostBorrowed, this.options.borrowable(this))
    return this.seatsInUse + seats <= this.nominalSeats + borrowed
  }

  private enqueue(
    { seats, flow, signal, note }: Asking,
    { queues = 64, handSize = 8, queueLengthLimit = 50 }: QueuingConfiguration,
  ): Promise<Release> {
    while (this.queues.length < queues) this.queues.push({ waiting: [], served: 0 })
    const hand = dealHand(flow, queues, handSize).map((index) => this.queues[index])
    const queue = hand.reduce((best, one) =>
      (one?.waiting.length ?? Infinity) < (best?.waiting.length ?? Infinity) ? one : best,
    )
    if (queue === undefined || queue.waiting.length >= queueLengthLimit) throw this.refusal('queue-full')
    if (queue.waiting.length === 0) queue.served = Math.max(queue.served, this.virtualTime)
    return new Promise((resolve, reject) => {
      const leave = (code: Refusal) => (): void => {
        const at = queue.waiting.indexOf(one)
        if (at < 0) return
        queue.waiting.splice(at, 1)
        this.waitingCount--
        settle()
        reject(this.refusal(code))
      }
      const timer = this.options.clock.after(this.options.patienceMs, leave('time-out'))
      const gone = leave('cancelled')
      signal.addEventListener('abort', gone)
      const settle = (): void => {
        void timer.dispose()
        signal.removeEventListener('abort', gone)
      }
      const one: Waiting = {
        ...{ seats, note, arrivedMs: this.options.clock.now() },
        start: () => {
          settle()
          resolve(this.occupy(seats))
        },
      }
      queue.waiting.push(one)
      this.waitingCount++
    })
  }

  /** The queue that has had least, of those where somebody waits. */
  private next(): Queue | undefined {
    if (this.waitingCount === 0) return undefined
    let best: Queue | undefined
    for (const queue of this.queues)
      if (queue.waiting.length > 0 && (best === undefined || queue.served < best.served)) best = queue
    return best
  }
}
