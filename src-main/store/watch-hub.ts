import type { Disposable } from '../lib/disposable.ts'
import { compacted, futureRevision } from './store-errors.ts'
import { StoreError, type StoreEvent, type WatchListener } from './store.ts'

/** What a driver offers for the replay of its history. */
export interface History {
  readonly revision: number
  readonly compactedRevision: number
  /**
   * Whole commits after a revision, oldest first, and the revision up to which they reach. Fails with a StoreError. A
   * promise only where history lies elsewhere.
   */
  read(after: number): HistoryPiece | Promise<HistoryPiece>
}

export interface HistoryPiece {
  readonly events: readonly StoreEvent[]
  readonly upTo: number
}

interface Watcher {
  readonly prefix: string
  readonly listener: WatchListener
  /** The revision up to which the listener has heard everything. */
  position: number
  /** Resolves when it has heard all of the history that was there, or hears nothing any more. */
  readonly caughtUp: PromiseWithResolvers<undefined>
}

/**
 * Brings events to listeners. A watcher that lags behind reads history, piece by piece; the moment it stands at the
 * store's revision it becomes live. Both happen in one synchronous step, so nothing falls between.
 */
export class WatchHub {
  private readonly live = new Set<Watcher>()
  private readonly replaying = new Set<Watcher>()
  /** What is being told, and what waits for that. */
  private readonly unpublished: (readonly StoreEvent[])[] = []
  private readonly history: History
  private readonly defer: (run: () => void) => void

  /** `defer` runs its argument soon, but not at once. */
  constructor(history: History, defer: (run: () => void) => void) {
    this.history = history
    this.defer = defer
  }

  add(prefix: string, after: number, listener: WatchListener): Disposable {
    const watcher = { prefix, listener, position: after, caughtUp: Promise.withResolvers<undefined>() }
    if (after === this.history.revision) this.live.add(watcher)
    else {
      this.replaying.add(watcher)
      this.defer(() => this.replay(watcher))
    }
    return {
      dispose: () => {
        this.live.delete(watcher)
        this.replaying.delete(watcher)
        watcher.caughtUp.resolve(undefined)
      },
    }
  }

  /**
   * Tells live watchers of whole commits, which history holds already. When a listener commits in turn, what that
   * brings waits until everyone has heard what came before.
   */
  publish(events: readonly StoreEvent[]): void {
    this.unpublished.push(events)
    if (this.unpublished.length > 1) return
    for (let next = this.unpublished[0]; next !== undefined; next = this.unpublished[0]) {
      for (const watcher of [...this.live]) this.tell(watcher, next)
      this.unpublished.shift()
    }
  }

  /** Resolves when nobody who watches now still reads history: what was published before this call, all have heard. */
  async caughtUp(): Promise<void> {
    for (const watcher of [...this.replaying]) await watcher.caughtUp.promise
  }

  /** Ends every watch. */
  fail(error: StoreError): void {
    for (const watcher of [...this.live, ...this.replaying]) this.end(watcher, error)
  }

  private replay(watcher: Watcher): void {
    if (!this.replaying.has(watcher)) return
    try {
      const { revision, compactedRevision } = this.history
      if (watcher.position > revision) throw futureRevision(watcher.position, revision)
      if (watcher.position < compactedRevision) throw compacted(watcher.position, compactedRevision)
      const piece = watcher.position === revision ? { events: [], upTo: revision } : this.history.read(watcher.position)
      if (!(piece instanceof Promise)) return this.goOn(watcher, piece)
      piece.then(
        (read) => this.goOn(watcher, read),
        (error: unknown) => this.end(watcher, asStoreError(error)),
      )
    } catch (error) {
      this.end(watcher, asStoreError(error))
    }
  }

  /** Tells a piece of history; a watcher that stands where the store stands is live from here on. */
  private goOn(watcher: Watcher, { events, upTo }: HistoryPiece): void {
    if (!this.replaying.has(watcher)) return
    this.tell(watcher, events)
    watcher.position = upTo
    if (!this.replaying.has(watcher)) return
    // History that lies elsewhere may be ahead of what was told here: what comes again is passed over.
    if (watcher.position >= this.history.revision) {
      this.replaying.delete(watcher)
      this.live.add(watcher)
      watcher.caughtUp.resolve(undefined)
    } else this.defer(() => this.replay(watcher))
  }

  private tell(watcher: Watcher, events: readonly StoreEvent[]): void {
    const { prefix, position } = watcher
    const wanted = events.filter(({ key, revision }) => revision > position && key.startsWith(prefix))
    watcher.position = Math.max(position, events.at(-1)?.revision ?? 0)
    if (wanted.length === 0) return
    try {
      watcher.listener.events(wanted)
    } catch (error) {
      // It may have missed a part of the batch: to go on would be to skip.
      this.end(watcher, new StoreError('Closed', 'the listener of a watch failed', { cause: error }))
    }
  }

  private end(watcher: Watcher, error: StoreError): void {
    this.live.delete(watcher)
    this.replaying.delete(watcher)
    watcher.caughtUp.resolve(undefined)
    try {
      watcher.listener.failed(error)
    } catch {
      // A listener that breaks even here has no one left to tell; the others and the writers go on.
    }
  }
}

function asStoreError(error: unknown): StoreError {
  return error instanceof StoreError ? error : new StoreError('Closed', 'a watch failed', { cause: error })
}
