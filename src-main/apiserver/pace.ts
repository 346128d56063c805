/** Long work in short pieces, with everything else having its turn in between. */
import { setImmediate as afterReadyInput } from 'node:timers'
import type { Clock } from '../lib/clock.ts'

/** So long may one piece take. */
const pieceMs = 8
/** How many steps go by without a look at the clock. */
const stepsPerLook = 16

/** Waits for the event loop's next turn. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => void afterReadyInput(resolve))

/**
 * Counts steps of a piece of work. `rest` gives a promise when it is time to let others go on, undefined otherwise. On
 * a clock that stands still, as a simulation's does between events, the work is never interrupted.
 */
export class Pace {
  private readonly clock: Clock
  private until: number
  private steps = 0

  constructor(clock: Clock) {
    this.clock = clock
    this.until = clock.monotonic() + pieceMs
  }

  rest(): Promise<void> | undefined {
    if (++this.steps % stepsPerLook !== 0 || this.clock.monotonic() < this.until) return undefined
    return nextTurn().then(() => {
      this.until = this.clock.monotonic() + pieceMs
    })
  }
}
