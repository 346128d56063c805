/**
 * Writes commits in two steps: `stage` puts many into one transaction, `accept` makes them the state once they are
 * flushed to the disk. Between the two nobody reads them, for a power cut could still take them back.
 */
import type { DatabaseSync } from 'node:sqlite'
import { KeyIndex } from '../key-index.ts'
import { eventOf, failedExpectation } from '../plan-commit.ts'
import { conflict } from '../store-errors.ts'
import type { Cause, Entry, Operation, StoreEvent } from '../store.ts'
import { DraftState } from './draft-state.ts'
import { firstIdOf, LogTable, revisionOf } from './log-table.ts'

export interface CommitRequest {
  readonly operations: readonly Operation[]
  readonly cause: Cause | undefined
}

export type CommitOutcome =
  | { readonly type: 'done'; readonly revision: number; readonly events: readonly StoreEvent[] }
  | { readonly type: 'failed'; readonly error: unknown }

/** A group that is written but not yet flushed. */
export interface StagedGroup {
  readonly outcomes: readonly CommitOutcome[]
  readonly draft: DraftState
}

export class CommitLog {
  readonly table: LogTable
  /** The id of each key's current row. */
  readonly places = new KeyIndex<number>()
  /** The newest revision that is accepted. */
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
   * cannot be written. One group at a time: it is accepted before the next one is staged.
   */
  stage(requests: readonly CommitRequest[]): StagedGroup {
    const draft = new DraftState({
      revision: this.revision,
      placeOf: (key) => this.places.get(key),
      entryOf: (key) => this.current(key),
    })
    return { outcomes: this.write(requests, draft), draft }
  }

  accept({ draft }: StagedGroup): void {
    draft.each((key, id) => {
      if (id === undefined) this.places.delete(key)
      else this.places.set(key, id)
    })
    this.revision = draft.revision
  }

  private write(requests: readonly CommitRequest[], draft: DraftState): CommitOutcome[] {
    try {
      return this.writeTogether(requests, draft)
    } catch (error) {
      if (requests.length === 1) return [{ type: 'failed', error }]
      return requests.flatMap((request) => this.write([request], draft))
    }
  }

  private writeTogether(requests: readonly CommitRequest[], draft: DraftState): CommitOutcome[] {
    const before = draft.mark()
    try {
      this.database.exec('BEGIN IMMEDIATE')
      const outcomes = requests.map((request) => this.writeOne(request, draft))
      this.database.exec('COMMIT')
      return outcomes
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK')
      draft.rollback(before)
      throw error
    }
  }

  private writeOne({ operations, cause }: CommitRequest, draft: DraftState): CommitOutcome {
    const failed = failedExpectation(operations, (key) => revisionOf(draft.place(key) ?? 0))
    if (failed !== undefined) return { type: 'failed', error: conflict(failed.key, draft.entry(failed.key)) }
    const revision = this.assigned + 1
    const events: StoreEvent[] = []
    for (const operation of operations) {
      const { key } = operation
      const event = eventOf(operation, draft.entry(key), revision, cause)
      if (event === undefined) continue
      this.assigned = revision
      const id = firstIdOf(revision) + events.length
      this.table.insert(id, event, draft.place(key) ?? 0)
      draft.move(key, event.type === 'put' ? id : undefined, event.type === 'put' ? event.entry : undefined)
      events.push(event)
    }
    if (events.length > 0) draft.revision = revision
    return { type: 'done', revision: draft.revision, events }
  }
}
