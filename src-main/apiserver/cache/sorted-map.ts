/**
 * A map from strings that is walked in the order of its keys (by UTF-16 code unit). Keys lie in small sorted chunks,
 * so that an insertion moves a few hundred entries at most and a walk touches only what it returns.
 */
interface Chunk<V> {
  readonly keys: string[]
  readonly values: V[]
}

const chunkLimit = 512

export class SortedMap<V> {
  private readonly byKey = new Map<string, V>()
  private readonly chunks: Chunk<V>[] = []

  get size(): number {
    return this.byKey.size
  }

  get(key: string): V | undefined {
    return this.byKey.get(key)
  }

  set(key: string, value: V): void {
    this.byKey.set(key, value)
    const index = this.chunkOf(key)
    const chunk = this.chunks[index]
    if (chunk === undefined) {
      this.chunks.push({ keys: [key], values: [value] })
      return
    }
    const at = lowerBound(chunk.keys, key)
    if (chunk.keys[at] === key) {
      chunk.values[at] = value
      return
    }
    chunk.keys.splice(at, 0, key)
    chunk.values.splice(at, 0, value)
    if (chunk.keys.length <= chunkLimit) return
    const half = chunkLimit / 2
    this.chunks.splice(index + 1, 0, { keys: chunk.keys.splice(half), values: chunk.values.splice(half) })
  }

  delete(key: string): boolean {
    if (!this.byKey.delete(key)) return false
    const index = this.chunkOf(key)
    const chunk = this.chunks[index]
    if (chunk === undefined) return false
    const at = lowerBound(chunk.keys, key)
    chunk.keys.splice(at, 1)
    chunk.values.splice(at, 1)
    if (chunk.keys.length === 0) this.chunks.splice(index, 1)
    return true
  }

  /** Entries whose key starts with `prefix` and is greater than `after`, in order. */
  *entries(prefix = '', after = ''): Generator<[string, V]> {
    const start = after > prefix ? after : prefix
    for (let index = this.chunkOf(start); index < this.chunks.length; index++) {
      const chunk = this.chunks[index]
      if (chunk === undefined) return
      for (let at = lowerBound(chunk.keys, start); at < chunk.keys.length; at++) {
        const key = chunk.keys[at] ?? ''
        if (!key.startsWith(prefix)) {
          if (key > prefix) return
          continue
        }
        if (key !== after) yield [key, chunk.values[at] as V]
      }
    }
  }

  /** The values of keys that start with `prefix` and are greater than `after`, at most `limit`, in order. */
  values(prefix = '', after = '', limit = Infinity): V[] {
    const range = this.rangeOf(prefix, after)
    const end = Math.min(range.end, range.start + limit)
    const found: V[] = []
    let first = 0
    for (const { values } of this.chunks) {
      const from = Math.max(0, range.start - first)
      const to = Math.min(values.length, end - first)
      for (let at = from; at < to; at++) found.push(values[at] as V)
      first += values.length
      if (first >= end) break
    }
    return found
  }

  /** How many keys start with `prefix` and are greater than `after`. */
  count(prefix = '', after = ''): number {
    const { start, end } = this.rangeOf(prefix, after)
    return end - start
  }

  private rangeOf(prefix: string, after: string): { readonly start: number; readonly end: number } {
    const start = after < prefix ? this.rank(prefix) : after === '' ? 0 : this.rank(`${after}\0`)
    const end = prefix === '' ? this.size : this.rank(endOfPrefix(prefix))
    return { start, end: Math.max(start, end) }
  }

  /** How many keys are less than `key`. */
  private rank(key: string): number {
    const index = this.chunkOf(key)
    const chunk = this.chunks[index]
    if (chunk === undefined) return 0
    let rank = lowerBound(chunk.keys, key)
    for (let before = 0; before < index; before++) rank += this.chunks[before]?.keys.length ?? 0
    return rank
  }

  /** The chunk that holds the key or would: the last one whose first key is not greater. */
  private chunkOf(key: string): number {
    let low = 0
    let high = this.chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.chunks[middle]?.keys[0] ?? '') <= key) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] ?? '') < key) low = middle + 1
    else high = middle
  }
  return low
}

/** The least text that is greater than every one that starts with `prefix`. */
function endOfPrefix(prefix: string): string {
  const last = prefix.length - 1
  return prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1)
}
