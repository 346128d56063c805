import { openFile } from './open-file.ts'
import { damaged } from './sqlite-errors.ts'
import { lastIdOf, revisionOf } from './log-table.ts'

/** More than any store writes in the time in which its newest revision was not noted. */
const margin = 1_000_000

/**
 * Makes an older state of a store fit to go on from: the next revisions are above `known`, the newest that anyone may
 * have been told, and history ends here, so that whoever watched the lost one is told `Compacted` and reads anew. The file
 * is checked in full first. Returns the store's revision from now on. Throws StoreError `Corrupt`.
 */
export function raiseRevision(path: string, known: number): number {
  const database = openFile(path)
  try {
    const [finding] = Object.values(database.prepare('PRAGMA integrity_check(1)').get() ?? {})
    if (finding !== 'ok') throw damaged(path, String(finding))
    const newest = revisionOf(Number(database.prepare('SELECT max(id) AS id FROM log').get()?.['id'] ?? 0))
    const compacted = Number(database.prepare("SELECT number FROM facts WHERE name = 'compacted'").get()?.['number'])
    const revision = Math.max(newest, compacted, known) + margin
    if (!Number.isSafeInteger(lastIdOf(revision))) throw damaged(path, `its revision is ${revision}`)
    database.prepare("UPDATE facts SET number = ? WHERE name = 'compacted'").run(revision)
    return revision
  } finally {
    database.close()
  }
}
