import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs'
import { StoreError } from '../store.ts'

/**
 * Flushes the write-ahead log to the disk on another thread, while this one goes on. With SQLite's synchronous=NORMAL
 * this makes what FULL makes: a transaction is durable before anyone hears of it. SQLite itself flushes the header of a
 * new log, and the file at each checkpoint.
 */
export class WalFlush {
  private readonly path: string
  private readonly way: 'beside' | 'wait'
  private file: number | undefined

  /**
   * `path` is the database's. Its log has no locks, so that a second descriptor of it does no harm. A thread that has
   * nothing else to do may wait for the disk itself.
   */
  constructor(path: string, way: 'beside' | 'wait' = 'beside') {
    this.path = `${path}-wal`
    this.way = way
  }

  /** Resolves when all that was written before is on the disk. Rejects with `Unavailable`. */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.file ??= openSync(this.path, 'r+')
      if (this.way === 'wait') {
        waitForDisk(this.file, this.path)
        return resolve()
      }
      fdatasync(this.file, (error) => {
        if (error === null) resolve()
        else reject(unflushed(this.path, error))
      })
    })
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file)
    this.file = undefined
  }
}

function waitForDisk(file: number, path: string): void {
  try {
    fdatasyncSync(file)
  } catch (error) {
    throw unflushed(path, error)
  }
}

function unflushed(path: string, cause: unknown): StoreError {
  const text = `${path} could not be flushed to the disk: check the disk, then start again`
  return new StoreError('Unavailable', text, { cause })
}
