import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../lib/clock.ts'

const pauseMs = 20
/** SQLite's "somebody else has the lock", as https://sqlite.org/rescode.html lists it. */
const busy = 5

/**
 * Runs something that makes what is missing in a folder, while no other process on this host does so. The lock is the
 * operating system's (by way of SQLite, which has it on each of them): it goes with its process, however that ends.
 */
export async function withFolderLock<T>(folder: string, clock: Clock, run: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const lock = new DatabaseSync(join(folder, 'lock'))
  try {
    lock.exec('PRAGMA busy_timeout = 0')
    while (!isTaken(lock)) await clock.sleep(pauseMs)
    return await run()
  } finally {
    lock.close()
  }
}

function isTaken(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return false
    throw error
  }
}
