import { sleepOn, type Clock } from './clock.ts'
import type { Disposable } from './disposable.ts'

interface Timer {
  readonly due: number
  readonly order: number
  readonly run: () => void
}

/** A clock that moves only when told to. Timers that are due at the same instant run in the order of their making. */
export class VirtualClock implements Clock {
  private readonly timers = new Set<Timer>()
  private made = 0
  private time: number

  constructor(startUnixMs = Date.UTC(2026, 0, 1)) {
    this.time = startUnixMs
  }

  now(): number {
    return this.time
  }

  monotonic(): number {
    return this.time
  }

  after(delayMs: number, run: () => void): Disposable {
    const timer = { due: this.time + Math.max(0, delayMs), order: this.made++, run }
    this.timers.add(timer)
    return { dispose: () => void this.timers.delete(timer) }
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal)
  }

  /** Nobody waits for the thread while time stands still. */
  nextTurn(): Promise<void> {
    return Promise.resolve()
  }

  /** Moves time forward, running every timer that falls due and, after each, all work that it set off. */
  async advance(durationMs: number): Promise<void> {
    const end = this.time + durationMs
    await settle()
    for (let next = this.next(end); next !== undefined; next = this.next(end)) {
      this.timers.delete(next)
      this.time = Math.max(this.time, next.due)
      next.run()
      await settle()
    }
    this.time = end
  }

  /** Advances in steps of `stepMs` until `condition` holds; throws when it does not within `limitMs` of virtual time. */
  async advanceUntil(condition: () => boolean | Promise<boolean>, limitMs = 600_000, stepMs = 100): Promise<void> {
    const end = this.time + limitMs
    await settle()
    while (!(await condition())) {
      if (this.time >= end) throw new Error(`condition not reached within ${limitMs} ms of virtual time`)
      await this.advance(stepMs)
    }
  }

  private next(end: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.timers) {
      if (timer.due > end) continue
      if (first === undefined || timer.due < first.due || (timer.due === first.due && timer.order < first.order))
        first = timer
    }
    return first
  }
}

/**
 * Lets promise chains that need no timer run to their end. A message channel turn, unlike a microtask, comes only
 * after the microtask queue is empty; a few turns cover chains that hop through host tasks.
 */
export async function settle(turns = 3): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel()
      port1.addEventListener('message', () => {
        port1.close()
        resolve()
      })
      port1.start()
      port2.postMessage(undefined)
    })
  }
}
