/** Takes superseded rows out of the log, and free pages out of the file, in slices, so that nothing waits long. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { lastIdOf } from './log-table.ts'

/** Rows looked at in one transaction. */
const sliceRows = 250
/** Pages given back to the file system in one transaction. */
const slicePages = 64
/** Free pages that stay for what comes next. */
const sparePages = 256

export class Compaction {
  /** The oldest revision whose state is kept; older history may still wait to be swept. */
  compactedRevision: number
  private sweptId: number
  private readonly database: DatabaseSync
  private readonly statements: Record<'sliceEnd' | 'superseded' | 'tombstones' | 'setFact' | 'freePages', StatementSync>

  constructor(database: DatabaseSync) {
    this.database = database
    const fact = database.prepare('SELECT number FROM facts WHERE name = ?')
    this.compactedRevision = Number(fact.get('compacted')?.['number'])
    this.sweptId = Number(fact.get('swept')?.['number'])
    this.statements = {
      sliceEnd: database.prepare(
        'SELECT max(id) AS id FROM (SELECT id FROM log WHERE id > ? AND id <= ? ORDER BY id LIMIT ?)',
      ),
      superseded: database.prepare(
        'DELETE FROM log WHERE id IN (SELECT previous FROM log WHERE id > ? AND id <= ? AND previous > 0)',
      ),
      tombstones: database.prepare('DELETE FROM log WHERE id > ? AND id <= ? AND deleted = 1'),
      freePages: database.prepare('PRAGMA freelist_count'),
      setFact: database.prepare('UPDATE facts SET number = ? WHERE name = ?'),
    }
  }

  /** From now on nothing before `revision` is readable, also after a crash. */
  begin(revision: number): void {
    this.statements.setFact.run(revision, 'compacted')
    this.compactedRevision = revision
  }

  /** Sweeps one slice. False when nothing is left to sweep. A sweep that a crash cut off goes on where it stood. */
  sweepSlice(): boolean {
    const bound = lastIdOf(this.compactedRevision)
    const end = this.statements.sliceEnd.get(this.sweptId, bound, sliceRows)?.['id']
    if (typeof end !== 'number') return false
    this.database.exec('BEGIN IMMEDIATE')
    try {
      // Each row names the one that it superseded; what is deleted is itself of no use once its predecessor is gone.
      this.statements.superseded.run(this.sweptId, end)
      this.statements.tombstones.run(this.sweptId, end)
      this.statements.setFact.run(end, 'swept')
      this.database.exec('COMMIT')
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK')
      throw error
    }
    this.sweptId = end
    return true
  }

  /** Gives back one slice of what was freed. False when no more than the spare is left, or the file cannot shrink. */
  returnPagesSlice(): boolean {
    const free = this.freePages()
    if (free <= sparePages) return false
    this.database.exec(`PRAGMA incremental_vacuum(${Math.min(slicePages, free - sparePages)})`)
    return this.freePages() < free
  }

  private freePages(): number {
    return Number(this.statements.freePages.get()?.['freelist_count'])
  }
}
