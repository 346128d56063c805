/** The keys of the objects that have a certain value in one field. Made when it is first asked for, then kept. */
import type { CachedObject } from './cached-object.ts'

export class FieldIndex {
  private keysByValue: Map<string, Set<string>> | undefined
  private readonly read: (object: object) => string

  constructor(read: (object: object) => string) {
    this.read = read
  }

  /** In the order of the keys. `everything` is walked only the first time. */
  keys(value: string, everything: () => Iterable<[string, CachedObject]>): readonly string[] {
    if (this.keysByValue === undefined) {
      this.keysByValue = new Map()
      for (const [key, stored] of everything()) this.add(this.keysByValue, key, stored)
    }
    return [...(this.keysByValue.get(value) ?? [])].sort()
  }

  update(key: string, previous: CachedObject | undefined, next: CachedObject | undefined): void {
    if (this.keysByValue === undefined) return
    if (previous !== undefined) {
      const value = this.read(previous.object)
      const keys = this.keysByValue.get(value)
      keys?.delete(key)
      if (keys?.size === 0) this.keysByValue.delete(value)
    }
    if (next !== undefined) this.add(this.keysByValue, key, next)
  }

  private add(index: Map<string, Set<string>>, key: string, stored: CachedObject): void {
    const value = this.read(stored.object)
    const keys = index.get(value)
    if (keys === undefined) index.set(value, new Set([key]))
    else keys.add(key)
  }
}
