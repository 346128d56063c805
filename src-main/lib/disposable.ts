/** Something that was started and can be ended. Ending it twice is harmless. */
export interface Disposable {
  dispose(): void | Promise<void>
}

/** Collects disposables and ends them in reverse order of their start, each one even when another fails. */
export class DisposableStack implements Disposable {
  private readonly items: Disposable[] = []

  use<T extends Disposable>(item: T): T {
    this.items.push(item)
    return item
  }

  defer(end: () => void | Promise<void>): void {
    this.items.push({ dispose: end })
  }

  /** Throws an AggregateError when one or more of the items failed to end. */
  async dispose(): Promise<void> {
    const failures: unknown[] = []
    for (let item = this.items.pop(); item !== undefined; item = this.items.pop()) {
      try {
        await item.dispose()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'some parts could not be stopped')
  }
}
