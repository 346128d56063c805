import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { silentLog } from '../../src-main/lib/log.ts'
import { seededRandom } from '../../src-main/lib/random.ts'
import { settle, VirtualClock } from '../../src-main/lib/virtual-clock.ts'
import { startCompactor } from '../../src-main/store/compactor.ts'
import { openSqliteStore } from '../../src-main/store/sqlite.ts'
import { put, remove } from '../contract/store-contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'orrery-churn-'))
afterAll(() => rmSync(folder, { recursive: true }))

const mebibyte = 1024 * 1024
const sizeOf = (path: string): number =>
  [path, `${path}-wal`].reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size : 0), 0)
/** What a power cut would leave is of no interest here. */
const unflushed = { flush: async () => undefined, close: () => undefined }

describe('a store that is written to for a long time', () => {
  it('keeps its file small through a week of churn', async () => {
    const path = join(folder, 'week.db')
    const clock = new VirtualClock()
    const random = seededRandom(5)
    const store = openSqliteStore({ path, walFlush: unflushed })
    const compactor = startCompactor({ store, clock, log: silentLog })
    const spansInWeek = (7 * 24 * 60) / 5
    let largest = 0
    for (let span = 0; span < spansInWeek; span++) {
      const changes = Array.from({ length: 20 }, () => {
        const key = `/pods/${random.integer(100)}`
        return random.integer(5) === 0 ? remove(key) : put(key, 'x'.repeat(random.integer(4000)))
      })
      await Promise.all(changes.map((change) => store.commit([change])))
      await clock.advance(300_000)
      if (span % 100 === 0) largest = Math.max(largest, sizeOf(path))
    }
    // 80 MB were written, of which 200 kB are alive.
    expect(store.revision).toBeGreaterThan(30_000)
    expect(largest).toBeLessThan(8 * mebibyte)
    await compactor.dispose()
    await store.dispose()
    expect(sizeOf(path)).toBeLessThan(3 * mebibyte)
  }, 120_000)

  it('bounds a burst by its size, gives the pages back, and holds nothing up meanwhile', async () => {
    const path = join(folder, 'burst.db')
    const clock = new VirtualClock()
    const turns: number[] = []
    const defer = (run: () => void): void =>
      void setImmediate(() => {
        const before = process.threadCpuUsage()
        run()
        // The work goes on in promises; the next turn begins when they have run.
        setImmediate(() => {
          const { user, system } = process.threadCpuUsage(before)
          turns.push((user + system) / 1000)
        })
      })
    const store = openSqliteStore({ path, walFlush: unflushed, defer })
    const compactor = startCompactor({ store, clock, log: silentLog, keepBytes: 8 * mebibyte })
    let largest = 0
    for (let round = 0; round < 400; round++) {
      await Promise.all(Array.from({ length: 40 }, (_, key) => store.commit([put(`/${key}`, 'x'.repeat(5000))])))
      largest = Math.max(largest, sizeOf(path))
    }
    // 80 MB within no time at all.
    expect(largest).toBeLessThan(40 * mebibyte)
    await clock.advance(600_000)
    await store.compact(store.revision)
    await settle()
    await compactor.dispose()
    await store.dispose()
    expect(sizeOf(path)).toBeLessThan(3 * mebibyte)
    const longest = turns.toSorted((one, other) => other - one)
    // One in a hundred may meet the garbage collector.
    expect(longest[Math.floor(turns.length / 100)]).toBeLessThan(50)
  }, 120_000)

  it('opens and compacts a file that was made when files could not shrink', async () => {
    const path = join(folder, 'old.db')
    let store = openSqliteStore({ path })
    await store.commit([put('/a', '1')])
    await store.dispose()
    const old = new DatabaseSync(path)
    old.exec('PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM')
    expect(old.prepare('PRAGMA auto_vacuum').get()).toEqual({ auto_vacuum: 0 })
    old.close()

    store = openSqliteStore({ path, walFlush: unflushed })
    for (let round = 0; round < 20; round++)
      await Promise.all(Array.from({ length: 50 }, (_, key) => store.commit([put(`/${key}`, 'x'.repeat(5000))])))
    await store.compact(store.revision)
    expect((await store.list({ prefix: '/' })).entries).toHaveLength(51)
    await store.dispose()
    store = openSqliteStore({ path })
    expect(store.revision).toBe(1001)
    await store.dispose()
  })
})
