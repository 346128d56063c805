/** Below this many changes, inserting in place is cheaper than merging. */
const spliceLimit = 16

/** Values by key, with the keys in order (by UTF-16 code unit). Sorting waits until someone reads a range. */
export class KeyIndex<V> {
  private readonly values = new Map<string, V>()
  private sorted: string[] = []
  private readonly added = new Set<string>()
  private readonly removed = new Set<string>()

  get size(): number {
    return this.values.size
  }

  get(key: string): V | undefined {
    return this.values.get(key)
  }

  set(key: string, value: V): void {
    // A key that was removed since the last sorting still stands in its place.
    if (!this.values.has(key) && !this.removed.delete(key)) this.added.add(key)
    this.values.set(key, value)
  }

  delete(key: string): void {
    if (!this.values.delete(key)) return
    if (!this.added.delete(key)) this.removed.add(key)
  }

  /** At most `limit` keys that begin with `prefix` and are greater than `after`, in order. */
  range(prefix: string, after: string, limit: number): string[] {
    this.sort()
    const found: string[] = []
    const first = after < prefix ? this.position(prefix) : this.position(`${after}\0`)
    for (let place = first; place < this.sorted.length && found.length < limit; place++) {
      const key = this.sorted[place]
      if (key === undefined || !key.startsWith(prefix)) break
      found.push(key)
    }
    return found
  }

  /** The place of the first key that is not less than `key`. */
  private position(key: string): number {
    let low = 0
    let high = this.sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.sorted[middle] ?? '') < key) low = middle + 1
      else high = middle
    }
    return low
  }

  private sort(): void {
    if (this.added.size + this.removed.size <= spliceLimit) {
      for (const key of this.removed) this.sorted.splice(this.position(key), 1)
      for (const key of this.added) this.sorted.splice(this.position(key), 0, key)
    } else {
      const kept = this.removed.size === 0 ? this.sorted : this.sorted.filter((key) => !this.removed.has(key))
      // Two sorted runs: the host's merge sort joins them in linear time.
      this.sorted = [...kept, ...[...this.added].sort()].sort()
    }
    this.added.clear()
    this.removed.clear()
  }
}
