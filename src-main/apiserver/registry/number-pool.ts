/** Whole numbers of a range that are handed out one by one: addresses, ports. */
import type { Random } from '../../lib/random.ts'

export interface NumberPoolOptions {
  readonly first: number
  readonly size: number
  /** The lowest part of the range, which is left to those who ask for a certain number until the rest is used up. */
  readonly staticSize: number
  /** Whether somebody else has a number; absent: nobody. */
  readonly isTaken?: (number: number) => boolean
}

export class NumberPool {
  private readonly taken = new Set<number>()
  private readonly options: NumberPoolOptions
  private readonly random: Random

  constructor(options: NumberPoolOptions, random: Random) {
    this.options = options
    this.random = random
  }

  has(number: number): boolean {
    return number >= this.options.first && number < this.options.first + this.options.size
  }

  /** False when it is taken already. */
  take(number: number): boolean {
    if (this.taken.has(number) || this.options.isTaken?.(number) === true) return false
    this.taken.add(number)
    return true
  }

  /** Any free number, chosen by chance; undefined when there is none. */
  takeAny(): number | undefined {
    const { first, size, staticSize } = this.options
    return this.takeFrom(first + staticSize, size - staticSize) ?? this.takeFrom(first, staticSize)
  }

  free(number: number): void {
    this.taken.delete(number)
  }

  private takeFrom(first: number, size: number): number | undefined {
    if (size <= 0) return undefined
    const start = this.random.integer(size)
    for (let step = 0; step < size; step++) {
      const number = first + ((start + step) % size)
      if (this.take(number)) return number
    }
    return undefined
  }
}
