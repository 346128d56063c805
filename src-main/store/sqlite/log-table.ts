/** The log's SQL: every version of every key is one row, and no row is ever changed. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { operationLimit } from '../plan-commit.ts'
import type { Cause, Entry, StoreEvent } from '../store.ts'
import { endOfPrefix, keyOfText, textOfKey } from '../key-text.ts'

/** A row's id holds its revision and its place in the commit, so that ids stand in the order of events. */
export const firstIdOf = (revision: number): number => revision * operationLimit
export const lastIdOf = (revision: number): number => firstIdOf(revision) + operationLimit - 1
export const revisionOf = (id: number): number => Math.floor(id / operationLimit)

interface EntryRow {
  readonly id: number
  readonly key: string
  readonly created: number
  readonly deleted: number
  readonly value: Uint8Array | null
}

interface LogRow extends EntryRow {
  readonly previous: number
  readonly cause: string | null
}

export class LogTable {
  private readonly statements: ReturnType<typeof prepareAll>

  constructor(database: DatabaseSync) {
    this.statements = prepareAll(database)
  }

  /** Adds the row of an event; `previous` is the id of the key's row before, 0 when there was none. */
  insert(id: number, event: StoreEvent, previous: number): void {
    const put = event.type === 'put'
    this.statements.insert.run(
      id,
      textOfKey(event.key),
      event.entry.createRevision,
      previous,
      put ? 0 : 1,
      event.cause === undefined ? null : JSON.stringify(event.cause),
      put ? event.entry.value : null,
    )
  }

  entryAt(id: number): Entry | undefined {
    return entryOf(this.statements.byId.get(id))
  }

  entryAsOf(key: string, revision: number): Entry | undefined {
    return entryOf(this.statements.asOf.get(textOfKey(key), lastIdOf(revision)))
  }

  /** At most `limit` entries as of a revision with keys greater than `after`, in order. */
  listAsOf(prefix: string, after: string, revision: number, limit: number): Entry[] {
    const [afterText, prefixText] = [textOfKey(after), textOfKey(prefix)]
    const found: Entry[] = []
    const ids = this.statements.idsAsOf.iterate(afterText, prefixText, endOfPrefix(prefixText), lastIdOf(revision))
    for (const { id } of ids) {
      const entry = this.entryAt(Number(id))
      if (entry !== undefined) found.push(entry)
      if (found.length === limit) break
    }
    return found
  }

  /** Events after a revision and up to another, at most about `limit`, in whole commits. */
  eventsAfter(revision: number, upTo: number, limit: number): StoreEvent[] {
    const rows = this.statements.after.all(lastIdOf(revision), lastIdOf(upTo), limit) as unknown as LogRow[]
    const last = rows.at(-1)
    if (last !== undefined && rows.length === limit) {
      const end = lastIdOf(revisionOf(last.id))
      rows.push(...(this.statements.between.all(last.id, end) as unknown as LogRow[]))
    }
    return rows.map((row) => this.eventOf(row)).filter((event) => event !== undefined)
  }

  /** Tells the id of the newest row of each key that exists; returns the newest revision that any row has. */
  loadPlaces(add: (key: string, id: number) => void): number {
    for (const row of this.statements.places.iterate()) {
      const { id, key } = row as unknown as EntryRow
      add(keyOfText(key), id)
    }
    return revisionOf(Number(this.statements.newest.get()?.['id'] ?? 0))
  }

  private eventOf(row: LogRow): StoreEvent | undefined {
    const previous = row.previous === 0 ? undefined : this.entryAt(row.previous)
    const key = keyOfText(row.key)
    const base = {
      key,
      revision: revisionOf(row.id),
      ...(row.cause === null ? {} : { cause: JSON.parse(row.cause) as Cause }),
    }
    if (row.deleted === 1) return previous === undefined ? undefined : { type: 'delete', ...base, entry: previous }
    const entry = entryOf(row)
    return entry === undefined
      ? undefined
      : { type: 'put', ...base, entry, ...(previous === undefined ? {} : { previous }) }
  }
}

function prepareAll(
  database: DatabaseSync,
): Record<'insert' | 'byId' | 'asOf' | 'idsAsOf' | 'after' | 'between' | 'places' | 'newest', StatementSync> {
  const columns = 'id, key, created, previous, deleted, cause, value'
  return {
    insert: database.prepare(`INSERT INTO log (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`),
    byId: database.prepare('SELECT id, key, created, deleted, value FROM log WHERE id = ?'),
    asOf: database.prepare(
      'SELECT id, key, created, deleted, value FROM log WHERE key = ? AND id <= ? ORDER BY id DESC LIMIT 1',
    ),
    // Read from the index alone, in its order: whoever stops early has read no more than needed.
    idsAsOf: database.prepare(`
      SELECT max(id) AS id FROM log WHERE key > ? AND key >= ? AND key < ? AND id <= ? GROUP BY key ORDER BY key`),
    after: database.prepare(`SELECT ${columns} FROM log WHERE id > ? AND id <= ? ORDER BY id LIMIT ?`),
    between: database.prepare(`SELECT ${columns} FROM log WHERE id > ? AND id <= ? ORDER BY id`),
    places: database.prepare(`
      SELECT log.id, log.key FROM (SELECT max(id) AS newest FROM log GROUP BY key)
      JOIN log ON log.id = newest WHERE deleted = 0`),
    newest: database.prepare('SELECT max(id) AS id FROM log'),
  }
}

/** A deleted row stands for no entry. SQLite keeps an empty value as null. */
function entryOf(row: unknown): Entry | undefined {
  if (row === undefined) return undefined
  const { id, key, created, deleted, value } = row as EntryRow
  if (deleted === 1) return undefined
  return {
    key: keyOfText(key),
    value: value ?? new Uint8Array(0),
    createRevision: created,
    modRevision: revisionOf(id),
  }
}
