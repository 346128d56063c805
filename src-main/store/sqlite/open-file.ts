import { closeSync, existsSync, openSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../store.ts'
import { damaged, storeErrorFrom } from './sqlite-errors.ts'

/** "Orry" as a number: SQLite keeps it in the header, so that no foreign database is taken for a store. */
const applicationId = 0x4f727279
const formatVersion = 1

/** Files up to this size are checked in full when they are opened (about 50 ms); larger ones as they are read. */
const checkedBytes = 16 * 1024 * 1024

const schema = `
  CREATE TABLE log (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    created INTEGER NOT NULL,
    previous INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    cause TEXT,
    value BLOB
  ) STRICT;
  CREATE INDEX log_by_key ON log (key);
  CREATE TABLE facts (name TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO facts VALUES ('compacted', 0), ('swept', 0);
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${formatVersion};
`

/**
 * Opens or makes a store file, locks it for this process and checks it. Throws StoreError `Corrupt`, `InUse` or
 * `Unavailable`.
 */
export function openFile(path: string, maximumBytes?: number): DatabaseSync {
  createPrivate(path)
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path)
    // Exclusive before the first read: the lock is then taken once, and no shared-memory file is needed.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 0')
    // Counts for a new file alone. An older one keeps its free pages for itself, and is otherwise the same.
    database.exec('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL')
    // What FULL adds to NORMAL is a flush of the log after each transaction: WalFlush does that beside the event loop.
    database.exec('PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 67108864')
    prepareSchema(database, path)
    if (maximumBytes !== undefined) limitSize(database, maximumBytes)
    return database
  } catch (error) {
    if (database?.isOpen === true) database.close()
    throw storeErrorFrom(error, path)
  }
}

/**
 * Makes a new file for its owner alone, since it will hold Secrets. A file that is there is left to SQLite: to open and
 * close it here would give up the lock of a store that this process has open on it.
 */
function createPrivate(path: string): void {
  if (existsSync(path)) return
  try {
    closeSync(openSync(path, 'ax', 0o600))
  } catch (error) {
    const text = `the store file ${path} cannot be made: check its folder and permissions`
    throw new StoreError('Unavailable', text, { cause: error })
  }
}

function prepareSchema(database: DatabaseSync, path: string): void {
  const version = numberOf(database, 'PRAGMA user_version')
  if (version === 0 && numberOf(database, 'SELECT count(*) FROM sqlite_schema') === 0) {
    database.exec(`BEGIN EXCLUSIVE; ${schema}; COMMIT`)
    return
  }
  if (numberOf(database, 'PRAGMA application_id') !== applicationId)
    throw damaged(path, 'it belongs to another program')
  if (version !== formatVersion)
    throw new StoreError('Unavailable', `the store file ${path} has format ${version}: open it with a newer version`)
  // Takes the lock also when nothing was written yet.
  database.exec('BEGIN EXCLUSIVE; COMMIT')
  if (statSync(path).size > checkedBytes) return
  const [finding] = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})
  if (finding !== 'ok') throw damaged(path, String(finding))
}

function limitSize(database: DatabaseSync, maximumBytes: number): void {
  const pages = Math.floor(maximumBytes / numberOf(database, 'PRAGMA page_size'))
  database.exec(`PRAGMA max_page_count = ${pages}`)
}

function numberOf(database: DatabaseSync, query: string): number {
  return Number(Object.values(database.prepare(query).get() ?? {})[0])
}
