/** Shares the event loop among those that have something to write: a few at a time, and input in between. */
import { setImmediate as afterReadyInput } from 'node:timers'

/** So many go on within one turn of the loop, which takes a few milliseconds. */
const perTurn = 100

export class Turns {
  private left = perTurn
  private begun = false
  private waiting: (() => void)[] = []

  /** Undefined: go on at once. Otherwise wait: a promise for the place in the queue. */
  take(): Promise<void> | undefined {
    if (!this.begun) this.begin()
    if (this.left > 0) {
      this.left--
      return undefined
    }
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  private begin(): void {
    this.begun = true
    afterReadyInput(() => {
      this.left = perTurn
      this.begun = false
      if (this.waiting.length === 0) return
      const next = this.waiting.splice(0, perTurn)
      this.left -= next.length
      this.begin()
      for (const goOn of next) goOn()
    })
  }
}
