/** Writes commits: many in one transaction, so that all that wait share one flush to the disk. */
import type { DatabaseSync } from 'node:sqlite'
import { KeyIndex } from '../key-index.ts'
import { eventOf, failedExpectation } from '../plan-commit.ts'
import { conflict } from '../store-errors.ts'
import type { Cause, Entry, Operation, StoreEvent } from '../store.ts'
import { firstIdOf, LogTable, revisionOf } from './log-table.ts'

export interface CommitRequest {
  readonly operations: readonly Operation[]
  readonly cause: Cause | undefined
}

export type CommitOutcome =
  | { readonly type: 'done'; readonly revision: number; readonly events: readonly StoreEvent[] }
  | { readonly type: 'failed'; readonly error: unknown }

type Undo = { readonly key: string; readonly id: number | undefined }[]

export class CommitLog {
  readonly table: LogTable
  /** The id of each key's current row. */
  readonly places = new KeyIndex<number>()
  /** The newest revision that is written. */
  revision: number
  /** The newest revision that a commit was ever given, also when it could not be written: none is given twice. */
  private assigned: number
  private readonly database: DatabaseSync

  /** `compactedRevision` may be newer than any row that is left. */
  constructor(database: DatabaseSync, compactedRevision: number) {
    this.database = database
    this.table = new LogTable(database)
    const newest = this.table.loadPlaces((key, id) => this.places.set(key, id))
    this.revision = Math.max(newest, compactedRevision)
    this.assigned = this.revision
  }

  /** The key's entry now. */
  current(key: string): Entry | undefined {
    const id = this.places.get(key)
    return id === undefined ? undefined : this.table.entryAt(id)
  }

  /**
   * Writes the requests in their order. One whose expectation fails does not disturb the others. When the transaction
   * as a whole fails (a full disk), nothing of it stays, and each request is tried alone, so that only those fail that
   * cannot be written.
   */
  write(requests: readonly CommitRequest[]): CommitOutcome[] {
    try {
      return this.writeTogether(requests)
    } catch (error) {
      if (requests.length === 1) return [{ type: 'failed', error }]
      return requests.flatMap((request) => this.write([request]))
    }
  }

  private writeTogether(requests: readonly CommitRequest[]): CommitOutcome[] {
    const before = this.revision
    const undo: Undo = []
    try {
      this.database.exec('BEGIN IMMEDIATE')
      const outcomes = requests.map((request) => this.writeOne(request, undo))
      this.database.exec('COMMIT')
      return outcomes
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK')
      for (const { key, id } of undo.reverse()) this.move(key, id)
      this.revision = before
      throw error
    }
  }

  private writeOne({ operations, cause }: CommitRequest, undo: Undo): CommitOutcome {
    const failed = failedExpectation(operations, (key) => revisionOf(this.places.get(key) ?? 0))
    if (failed !== undefined) return { type: 'failed', error: conflict(failed.key, this.current(failed.key)) }
    const revision = this.assigned + 1
    const events: StoreEvent[] = []
    for (const operation of operations) {
      const event = eventOf(operation, this.current(operation.key), revision, cause)
      if (event === undefined) continue
      this.assigned = revision
      const previous = this.places.get(operation.key)
      const id = firstIdOf(revision) + events.length
      this.table.insert(id, event, previous ?? 0)
      undo.push({ key: operation.key, id: previous })
      this.move(operation.key, event.type === 'put' ? id : undefined)
      events.push(event)
    }
    if (events.length > 0) this.revision = revision
    return { type: 'done', revision: this.revision, events }
  }

  private move(key: string, id: number | undefined): void {
    if (id === undefined) this.places.delete(key)
    else this.places.set(key, id)
  }
}
