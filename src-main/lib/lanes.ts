/** Lets one at a time through for each key, in the order of arrival; those of other keys do not wait. */
export class Lanes {
  private readonly tails = new Map<string, Promise<undefined>>()

  /** Resolves when it is the caller's turn, who must call what it gets exactly once. */
  async enter(key: string): Promise<() => void> {
    const before = this.tails.get(key)
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.tails.set(key, promise)
    await before
    return () => {
      if (this.tails.get(key) === promise) this.tails.delete(key)
      resolve(undefined)
    }
  }
}
