/** Compares values of two trees, each pair once: a walk down both asks at every level. */
export class Sameness {
  private readonly known = new WeakMap<object, { readonly other: unknown; readonly same: boolean }>()

  same(left: unknown, right: unknown): boolean {
    if (left === right) return true
    if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
    const known = this.known.get(left)
    if (known !== undefined && known.other === right) return known.same
    const same = this.compare(left as Record<string, unknown>, right as Record<string, unknown>)
    this.known.set(left, { other: right, same })
    return same
  }

  private compare(left: Record<string, unknown>, right: Record<string, unknown>): boolean {
    if (Array.isArray(left) !== Array.isArray(right)) return false
    const names = Object.keys(left)
    if (names.length !== Object.keys(right).length) return false
    // All of them, so that each child's answer is known when the walk comes there.
    let same = true
    for (const name of names) if (!Object.hasOwn(right, name) || !this.same(left[name], right[name])) same = false
    return same
  }
}
