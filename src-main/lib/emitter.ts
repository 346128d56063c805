import type { Disposable } from './disposable.ts'

/** Broadcasts values of one type to listeners in the order in which they subscribed. */
export class Emitter<T> {
  private readonly listeners = new Set<(value: T) => void>()

  on(listener: (value: T) => void): Disposable {
    this.listeners.add(listener)
    return { dispose: () => void this.listeners.delete(listener) }
  }

  emit(value: T): void {
    for (const listener of [...this.listeners]) listener(value)
  }
}
