/** Copies a store into a new file. The log only grows, so what it holds up to a revision stays as it is meanwhile. */
import { rmSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { lastIdOf } from './log-table.ts'
import { openFile } from './open-file.ts'

/** Rows copied in one turn. */
const sliceRows = 250

/**
 * Writes the store as of `revision` to `path`, which appears there only when it is whole and on the disk. `turn` lets
 * other work run between slices. Nothing may be swept meanwhile.
 */
export async function copyStore(
  source: DatabaseSync,
  revision: number,
  path: string,
  turn: () => Promise<void>,
): Promise<void> {
  const partial = `${path}.partial`
  discard(partial)
  try {
    const facts = source.prepare('SELECT name, number FROM facts').all()
    const target = openFile(partial)
    try {
      // Flushed once at the end: until then the file counts for nothing.
      target.exec('PRAGMA synchronous = OFF')
      const setFact = target.prepare('UPDATE facts SET number = ? WHERE name = ?')
      for (const { name, number } of facts) setFact.run(number ?? 0, name ?? '')
      await copyRows(source, target, lastIdOf(revision), turn)
    } finally {
      target.close()
    }
    await flushToDisk(partial)
    await rename(partial, path)
  } catch (error) {
    discard(partial)
    throw error
  }
}

async function copyRows(
  source: DatabaseSync,
  target: DatabaseSync,
  lastId: number,
  turn: () => Promise<void>,
): Promise<void> {
  const read = source.prepare('SELECT * FROM log WHERE id > ? AND id <= ? ORDER BY id LIMIT ?')
  const insert = target.prepare('INSERT INTO log VALUES (:id, :key, :created, :previous, :deleted, :cause, :value)')
  let copied = -1
  for (;;) {
    const rows = read.all(copied, lastId, sliceRows) as Record<string, SQLInputValue>[]
    target.exec('BEGIN')
    for (const row of rows) insert.run(row)
    target.exec('COMMIT')
    if (rows.length < sliceRows) return
    copied = Number(rows.at(-1)?.['id'])
    await turn()
  }
}

async function flushToDisk(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

function discard(partial: string): void {
  for (const suffix of ['', '-wal', '-journal']) rmSync(partial + suffix, { force: true })
}
