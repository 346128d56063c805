/** Keys by a value. Most values have one key, or many: a set is made only for the latter. */
export class ValueIndex {
  private readonly byValue = new Map<string, string | Set<string>>()

  get empty(): boolean {
    return this.byValue.size === 0
  }

  add(value: string, key: string): void {
    const there = this.byValue.get(value)
    if (there === undefined) this.byValue.set(value, key)
    else if (typeof there !== 'string') there.add(key)
    else if (there !== key) this.byValue.set(value, new Set([there, key]))
  }

  delete(value: string, key: string): void {
    const there = this.byValue.get(value)
    if (there === key) this.byValue.delete(value)
    else if (there instanceof Set && there.delete(key) && there.size === 0) this.byValue.delete(value)
  }

  has(value: string, key: string): boolean {
    const there = this.byValue.get(value)
    return there instanceof Set ? there.has(key) : there === key
  }

  count(value: string): number {
    const there = this.byValue.get(value)
    return there instanceof Set ? there.size : there === undefined ? 0 : 1
  }

  keys(value: string): string[] {
    const there = this.byValue.get(value)
    return there instanceof Set ? [...there] : there === undefined ? [] : [there]
  }
}
