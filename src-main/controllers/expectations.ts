import type { Clock } from '../lib/clock.ts'

interface Expected {
  creations: number
  readonly deletions: Set<string>
  readonly since: number
}

/** After so long, what was not seen is given up: a watch may have skipped over it in a new list. */
const patienceMs = 5 * 60_000

/**
 * What a controller did and its cache has not shown yet. While something is open for a key, its cache is old, and
 * acting on it would do the same a second time.
 */
export class Expectations {
  private readonly open = new Map<string, Expected>()
  private readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** To be called before the writes, for an event may come before the answer. */
  expect(key: string, creations: number, deletedUids: readonly string[]): void {
    this.open.set(key, { creations, deletions: new Set(deletedUids), since: this.clock.monotonic() })
  }

  /** An object of this key appeared, or its creation failed. */
  created(key: string): void {
    const expected = this.open.get(key)
    if (expected === undefined) return
    expected.creations--
    this.closeWhenMet(key, expected)
  }

  /** An object of this key is going or gone, or its deletion failed. */
  deleted(key: string, uid: string): void {
    const expected = this.open.get(key)
    if (expected?.deletions.delete(uid) === true) this.closeWhenMet(key, expected)
  }

  forget(key: string): void {
    this.open.delete(key)
  }

  /** Milliseconds for which the cache of this key is not to be trusted; 0 when it may be. */
  openForMs(key: string): number {
    const expected = this.open.get(key)
    if (expected === undefined) return 0
    const leftMs = expected.since + patienceMs - this.clock.monotonic()
    if (leftMs <= 0) this.open.delete(key)
    return Math.max(0, leftMs)
  }

  private closeWhenMet(key: string, expected: Expected): void {
    if (expected.creations <= 0 && expected.deletions.size === 0) this.open.delete(key)
  }
}
