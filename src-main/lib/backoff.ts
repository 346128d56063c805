import type { Random } from './random.ts'

export interface BackoffOptions {
  readonly initialMs: number
  readonly maximumMs: number
  readonly factor?: number
  /** The share of a delay that is random, 0 to 1. */
  readonly jitter?: number
}

/** Delays that grow with each failure and start anew after a success. */
export class Backoff {
  private failures = 0
  private readonly options: BackoffOptions
  private readonly random: Random

  constructor(options: BackoffOptions, random: Random) {
    this.options = options
    this.random = random
  }

  /** The delay in milliseconds before the next try. */
  next(): number {
    const { initialMs, maximumMs, factor = 2, jitter = 0.1 } = this.options
    const delay = Math.min(maximumMs, initialMs * factor ** this.failures)
    this.failures++
    return delay * (1 + (this.random.next() - 0.5) * jitter)
  }

  reset(): void {
    this.failures = 0
  }
}
