import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as afterReadyInput } from 'node:timers'
import type { Disposable } from '../lib/disposable.ts'
import { checkOperations } from './plan-commit.ts'
import { CommitLog, type CommitOutcome, type CommitRequest, type StagedGroup } from './sqlite/commit-log.ts'
import { Compaction } from './sqlite/compaction.ts'
import { openFile } from './sqlite/open-file.ts'
import { currentPages, oldPages } from './sqlite/read-pages.ts'
import { copyStore } from './sqlite/snapshot.ts'
import { storeErrorFrom } from './sqlite/sqlite-errors.ts'
import { WalFlush } from './sqlite/wal-flush.ts'
import { closed, compacted, futureRevision } from './store-errors.ts'
import {
  StoreError,
  type Cause,
  type Entry,
  type ListOptions,
  type ListResult,
  type Operation,
  type Store,
  type StoreEvent,
  type WatchListener,
} from './store.ts'
import { WatchHub } from './watch-hub.ts'

export interface SqliteStoreOptions {
  readonly path: string
  /** The file may not grow beyond this; commits are then refused as on a full disk. */
  readonly maximumBytes?: number
  /** Runs something after the input that is ready: commits that arrive until then share a transaction. */
  readonly defer?: (run: () => void) => void
  /** Brings what is written to the disk. */
  readonly walFlush?: Pick<WalFlush, 'flush' | 'close'>
}

interface Waiting extends CommitRequest {
  readonly settle: (outcome: CommitOutcome) => void
}

/** Bounds of one turn, so that the event loop is never held for long. */
const groupLimit = 500
const groupBytes = 1024 * 1024
const readLimit = 500

/** Opens or makes the store in a file. Throws StoreError `Corrupt`, `InUse` or `Unavailable`. */
export function openSqliteStore(options: SqliteStoreOptions): SqliteStore {
  const database = openFile(options.path, options.maximumBytes)
  try {
    return new SqliteStore(database, options)
  } catch (error) {
    database.close()
    throw storeErrorFrom(error, options.path)
  }
}

export class SqliteStore implements Store {
  private readonly database: DatabaseSync
  private readonly path: string
  private readonly defer: (run: () => void) => void
  private readonly log: CommitLog
  private readonly compaction: Compaction
  private readonly hub: WatchHub
  private readonly walFlush: Pick<WalFlush, 'flush' | 'close'>
  private readonly waiting: Waiting[] = []
  /** The group that is being written; commits that arrive meanwhile wait for the next one. */
  private writing: Promise<void> | undefined
  /** Why nothing can be written any more: what is on the disk is no longer known. */
  private broken: StoreError | undefined
  /** Reads that take several turns; nothing is swept away under them. */
  private reading = 0
  /** Compactions and snapshots, one after the other. */
  private chores: Promise<unknown> = Promise.resolve()
  private ended = false

  constructor(database: DatabaseSync, options: SqliteStoreOptions) {
    const { path, defer = (run) => void afterReadyInput(run), walFlush = new WalFlush(path) } = options
    this.database = database
    this.path = path
    this.defer = defer
    this.compaction = new Compaction(database)
    this.log = new CommitLog(database, this.compaction.compactedRevision)
    this.hub = new WatchHub(this, defer)
    this.walFlush = walFlush
  }

  get revision(): number {
    return this.log.revision
  }

  get compactedRevision(): number {
    return this.compaction.compactedRevision
  }

  async get(key: string, revision?: number): Promise<Entry | undefined> {
    this.checkReadable(revision)
    return this.guard(() => (revision === undefined ? this.log.current(key) : this.log.table.entryAsOf(key, revision)))
  }

  async list(options: ListOptions): Promise<ListResult> {
    const entries: Entry[] = []
    const { revision, more } = await this.eachPage(options, (page) => {
      for (const entry of page) entries.push(entry)
    })
    return { entries, revision, more }
  }

  /** A list, page by page, of one revision. */
  async eachPage(
    { prefix, limit = Infinity, after = '', revision }: ListOptions,
    take: (page: readonly Entry[]) => void,
  ): Promise<Omit<ListResult, 'entries'>> {
    this.checkReadable(revision)
    const asked = revision ?? this.revision
    const pageSize = Math.min(readLimit, limit + 1)
    const read =
      asked === this.revision
        ? currentPages(this.log, { prefix, after, limit: limit + 1 }, pageSize)
        : oldPages(this.log.table, { prefix, after, revision: asked }, pageSize)
    let taken = 0
    this.reading++
    try {
      for (;;) {
        const page = this.guard(read)
        const wanted = page.slice(0, limit - taken)
        taken += wanted.length
        if (wanted.length > 0) take(wanted)
        if (wanted.length < page.length) return { revision: asked, more: true }
        if (page.length < pageSize) return { revision: asked, more: false }
        await this.turn()
      }
    } finally {
      this.reading--
    }
  }

  commit(operations: readonly Operation[], cause?: Cause): Promise<{ revision: number }> {
    return new Promise((resolve, reject) => {
      this.checkOpen()
      checkOperations(operations)
      const settle = (outcome: CommitOutcome): void => {
        if (outcome.type === 'done') resolve({ revision: outcome.revision })
        else reject(storeErrorFrom(outcome.error, this.path))
      }
      if (this.broken !== undefined) throw this.broken
      this.waiting.push({ operations, cause, settle })
      if (this.waiting.length === 1 && this.writing === undefined) this.defer(() => this.writeWaiting())
    })
  }

  watch({ prefix, after }: { prefix: string; after: number }, listener: WatchListener): Disposable {
    this.checkOpen()
    return this.hub.add(prefix, after, listener)
  }

  async compact(revision: number): Promise<void> {
    this.checkOpen()
    if (revision > this.revision) throw futureRevision(revision, this.revision)
    if (revision > this.compactedRevision) this.guard(() => this.compaction.begin(revision))
    await this.chore(async () => {
      do {
        await this.turn()
        while (this.reading > 0) await this.turn()
      } while (this.guard(() => this.compaction.sweepSlice()))
      while (this.guard(() => this.compaction.returnPagesSlice())) await this.turn()
    })
  }

  async snapshot(path: string): Promise<void> {
    this.checkOpen()
    if (existsSync(path)) throw new StoreError('Unavailable', `there is a file at ${path} already: name a new one`)
    await this.chore(async () => {
      try {
        await copyStore(this.database, this.revision, path, () => this.turn())
      } catch (error) {
        throw storeErrorFrom(error, path)
      }
    })
  }

  /** Writes what waits, ends all watches, and closes the file. */
  async dispose(): Promise<void> {
    if (this.ended) return
    for (this.writeWaiting(); this.writing !== undefined; this.writeWaiting()) await this.writing
    this.ended = true
    this.hub.fail(closed())
    await this.chores
    this.walFlush.close()
    this.database.close()
  }

  /** A piece of history for the replay: see WatchHub. */
  read(after: number): { events: readonly StoreEvent[]; upTo: number } {
    const events = this.guard(() => this.log.table.eventsAfter(after, this.revision, readLimit))
    return { events, upTo: events.length < readLimit ? this.revision : (events.at(-1)?.revision ?? after) }
  }

  /** Starts on the commits that wait, unless a group is under way: its end brings the next one. */
  private writeWaiting(): void {
    if (this.writing !== undefined) return
    const group = this.waiting.splice(0, sizeOfGroup(this.waiting))
    if (group.length === 0) return
    this.writing = this.writeGroup(group).finally(() => {
      this.writing = undefined
      this.writeWaiting()
    })
  }

  private async writeGroup(group: readonly Waiting[]): Promise<void> {
    const staged = this.log.stage(group)
    try {
      if (staged.outcomes.some((outcome) => outcome.type === 'done')) await this.walFlush.flush()
    } catch (error) {
      this.fail(group, error)
      return
    }
    this.accept(group, staged)
  }

  private accept(group: readonly Waiting[], staged: StagedGroup): void {
    this.log.accept(staged)
    const events = staged.outcomes.flatMap((outcome) => (outcome.type === 'done' ? outcome.events : []))
    if (events.length > 0) this.hub.publish(events)
    for (const [place, outcome] of staged.outcomes.entries()) group[place]?.settle(outcome)
  }

  /** After a flush that failed nobody knows what the disk holds: all writes end here, reads show what is certain. */
  private fail(group: readonly Waiting[], error: unknown): void {
    this.broken = error instanceof StoreError ? error : new StoreError('Unavailable', String(error), { cause: error })
    for (const { settle } of [...group, ...this.waiting.splice(0)]) settle({ type: 'failed', error: this.broken })
  }

  private chore(run: () => Promise<void>): Promise<void> {
    const done = this.chores.then(run)
    this.chores = done.catch(() => undefined)
    return done
  }

  /** Lets everything else have its turn. */
  private async turn(): Promise<void> {
    await new Promise<void>((resolve) => this.defer(resolve))
    this.checkOpen()
  }

  /** Runs SQL, and says what fails in the store's words. */
  private guard<T>(run: () => T): T {
    try {
      return run()
    } catch (error) {
      throw storeErrorFrom(error, this.path)
    }
  }

  private checkOpen(): void {
    if (this.ended) throw closed()
  }

  private checkReadable(revision = this.revision): void {
    this.checkOpen()
    if (revision > this.revision) throw futureRevision(revision, this.revision)
    if (revision < this.compactedRevision) throw compacted(revision, this.compactedRevision)
  }
}

/** How many of the waiting commits go into the next transaction: at least one. */
function sizeOfGroup(waiting: readonly CommitRequest[]): number {
  let bytes = 0
  for (const [place, { operations }] of waiting.entries()) {
    for (const operation of operations) bytes += operation.type === 'put' ? operation.value.byteLength : 0
    if (place + 1 === groupLimit || bytes >= groupBytes) return place + 1
  }
  return waiting.length
}
