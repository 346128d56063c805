/** Lets at most `limit` pieces of work run at once; the others wait in the order in which they came. */
export class Semaphore {
  private free: number
  private readonly waiting: (() => void)[] = []

  constructor(limit: number) {
    this.free = limit
  }

  /** Resolves when a place is free; the caller gives it back by the returned function, once. */
  async acquire(): Promise<() => void> {
    if (this.free > 0) this.free--
    else await new Promise<void>((resolve) => this.waiting.push(resolve))
    let held = true
    return () => {
      if (!held) return
      held = false
      const next = this.waiting.shift()
      if (next === undefined) this.free++
      else next()
    }
  }
}
