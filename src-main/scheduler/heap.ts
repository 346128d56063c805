/** The smallest item first, by the given order. Items are told apart by a key; each key is in the heap at most once. */
export class Heap<T> {
  private readonly items: T[] = []
  private readonly places = new Map<string, number>()
  private readonly keyOf: (item: T) => string
  private readonly order: (a: T, b: T) => number

  constructor(keyOf: (item: T) => string, order: (a: T, b: T) => number) {
    this.keyOf = keyOf
    this.order = order
  }

  get size(): number {
    return this.items.length
  }

  get(key: string): T | undefined {
    const place = this.places.get(key)
    return place === undefined ? undefined : this.items[place]
  }

  peek(): T | undefined {
    return this.items[0]
  }

  /** Adds the item, or puts it in the place of the one with its key. */
  set(item: T): void {
    const place = this.places.get(this.keyOf(item)) ?? this.items.length
    this.put(place, item)
    this.sink(this.rise(place))
  }

  pop(): T | undefined {
    const [first] = this.items
    return first === undefined ? undefined : this.delete(this.keyOf(first))
  }

  delete(key: string): T | undefined {
    const place = this.places.get(key)
    if (place === undefined) return undefined
    const removed = this.items[place]
    const last = this.items.pop()
    this.places.delete(key)
    if (last !== undefined && place < this.items.length) {
      this.put(place, last)
      this.sink(this.rise(place))
    }
    return removed
  }

  values(): readonly T[] {
    return this.items
  }

  private put(place: number, item: T): void {
    this.items[place] = item
    this.places.set(this.keyOf(item), place)
  }

  private rise(from: number): number {
    let place = from
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!this.swapUnlessOrdered(parent, place)) break
      place = parent
    }
    return place
  }

  private sink(from: number): void {
    let place = from
    for (;;) {
      const left = 2 * place + 1
      const smaller = this.isBefore(left + 1, left) ? left + 1 : left
      if (!this.swapUnlessOrdered(place, smaller)) return
      place = smaller
    }
  }

  private isBefore(a: number, b: number): boolean {
    const first = this.items[a]
    const second = this.items[b]
    return first !== undefined && second !== undefined && this.order(first, second) < 0
  }

  /** True when the two had to change places. */
  private swapUnlessOrdered(upper: number, lower: number): boolean {
    const above = this.items[upper]
    const below = this.items[lower]
    if (above === undefined || below === undefined || this.order(below, above) >= 0) return false
    this.put(upper, below)
    this.put(lower, above)
    return true
  }
}
