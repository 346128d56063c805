import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeOf, put, record, remove, text } from '../../test/contract/store-contract.ts'
import { openSqliteStore } from './sqlite.ts'
import { StoreError, type Store } from './store.ts'
import { settle } from '../lib/virtual-clock.ts'

let folder = ''
let files = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-sqlite-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const newPath = (): string => join(folder, `${++files}.db`)
const opening = async (path: string): Promise<Store> => openSqliteStore({ path })
const messageOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => '',
    (error: Error) => error.message,
  )

describe('a store file that is opened again', () => {
  it('has everything: entries, history and causes, and goes on with new revisions', async () => {
    const path = newPath()
    let store = await opening(path)
    await store.commit([put('/a', '1'), put('/b', '1')], { actor: 'tester', key: 'a/b', revision: 9 })
    await store.commit([remove('/b')])
    const before = record(store, '/', 0)
    await store.commit([put('/a', '2')])
    await store.dispose()

    store = await opening(path)
    expect(store.revision).toBe(3)
    expect(await store.get('/a')).toMatchObject({ createRevision: 1, modRevision: 3 })
    expect(text((await store.get('/b', 1))?.value)).toBe('1')
    const after = record(store, '/', 0)
    const { revision } = await store.commit([put('/c', '1', 0)])
    expect(revision).toBe(4)
    await new Promise((resolve) => setImmediate(resolve))
    expect(after.lines().slice(0, 4)).toEqual(['put /a@1=1', 'put /b@1=1', 'delete /b@2', 'put /a@3=2'])
    expect(after.events[0]?.cause).toEqual({ actor: 'tester', key: 'a/b', revision: 9 })
    expect(before.error?.code).toBe('Closed')
    await store.dispose()
  })

  it('never gives a revision twice, even when the newest rows were compacted away', async () => {
    const path = newPath()
    let store = await opening(path)
    await store.commit([put('/a', '1')])
    const { revision } = await store.commit([remove('/a')])
    await store.compact(revision)
    await store.dispose()
    store = await opening(path)
    expect(store.revision).toBe(revision)
    expect(store.compactedRevision).toBe(revision)
    expect((await store.commit([put('/a', '2', 0)])).revision).toBeGreaterThan(revision)
    await store.dispose()
  })

  it('takes superseded rows out of the file and keeps the state', async () => {
    const path = newPath()
    const store = await opening(path)
    for (let round = 0; round < 40; round++)
      await store.commit(Array.from({ length: 50 }, (_, number) => put(`/${number}`, `${round}`)))
    await store.commit(Array.from({ length: 10 }, (_, number) => remove(`/${number}`)))
    await store.compact(store.revision)
    expect((await store.list({ prefix: '/' })).entries).toHaveLength(40)
    await store.dispose()
    const rows = new DatabaseSync(path).prepare('SELECT count(*) AS rows FROM log').get()
    expect(rows?.['rows']).toBe(40)
  })

  it('lets a list that is under way finish before history is swept from under it', async () => {
    const store = await opening(newPath())
    for (let page = 0; page < 3; page++)
      await store.commit(Array.from({ length: 600 }, (_, number) => put(`/${page}/${number}`, 'old')))
    const list = store.list({ prefix: '/' })
    const changes = store.commit(Array.from({ length: 600 }, (_, number) => put(`/2/${number}`, 'new')))
    const compaction = changes.then(({ revision }) => store.compact(revision))
    const { entries } = await list
    expect(entries.map(({ value }) => text(value)).filter((value) => value === 'old')).toHaveLength(1800)
    await compaction
    await store.dispose()
  })
})

describe('a new store file', () => {
  it('can be read by its owner alone, as can its log and its snapshots', async () => {
    const path = newPath()
    const store = await opening(path)
    await store.commit([put('/secret', 'x')])
    await store.snapshot(`${path}.copy`)
    for (const suffix of ['', '-wal', '.copy']) expect(statSync(path + suffix).mode & 0o777).toBe(0o600)
    await store.dispose()
  })
})

describe('a commit that is not on the disk yet', () => {
  /** Flushes when the test says so. */
  function heldFlush() {
    const held = Promise.withResolvers<undefined>()
    const asked = Promise.withResolvers<undefined>()
    return {
      asked: asked.promise,
      end: (error?: Error) => (error === undefined ? held.resolve(undefined) : held.reject(error)),
      walFlush: {
        close: () => undefined,
        flush: async () => {
          asked.resolve(undefined)
          await held.promise
        },
      },
    }
  }

  it('is neither acknowledged nor read nor told, while later ones wait', async () => {
    const { asked, end, walFlush } = heldFlush()
    const store = openSqliteStore({ path: newPath(), walFlush })
    const seen = record(store, '/', 0)
    const first = store.commit([put('/a', '1')])
    await asked
    const late = record(store, '/', 0)
    const second = store.commit([put('/a', '2', 1)])
    await settle()
    expect(store.revision).toBe(0)
    expect(await store.get('/a')).toBeUndefined()
    expect((await store.list({ prefix: '/' })).entries).toEqual([])
    expect([...seen.events, ...late.events]).toEqual([])
    end()
    expect(await first).toEqual({ revision: 1 })
    expect(seen.lines()).toEqual(['put /a@1=1'])
    expect(await second).toEqual({ revision: 2 })
    expect(late.lines()).toEqual(seen.lines())
    await store.dispose()
  })

  it('fails with all that waits when the disk fails, and nothing is written after it', async () => {
    const { asked, end, walFlush } = heldFlush()
    const store = openSqliteStore({ path: newPath(), walFlush })
    const seen = record(store, '/', 0)
    const codes = [codeOf(store.commit([put('/a', '1')]))]
    await asked
    codes.push(codeOf(store.commit([put('/b', '1')])))
    end(new StoreError('Unavailable', 'input/output error'))
    codes.push(codeOf(Promise.all(codes).then(() => store.commit([put('/c', '1')]))))
    expect(await Promise.all(codes)).toEqual(['Unavailable', 'Unavailable', 'Unavailable'])
    expect(await store.get('/a')).toBeUndefined()
    expect(seen.events).toEqual([])
    await store.dispose()
  })
})

describe('a store on a full disk', () => {
  it('refuses what does not fit, loses nothing acknowledged, and goes on when there is room', async () => {
    const path = newPath()
    const store = openSqliteStore({ path, maximumBytes: 200_000 })
    const seen = record(store, '/', 0)
    const large = 'x'.repeat(3000)
    const written: string[] = []
    let code: string = 'fulfilled'
    for (let number = 0; code === 'fulfilled'; number++) {
      code = await codeOf(store.commit([put(`/${number}`, large)]))
      if (code === 'fulfilled') written.push(`/${number}`)
    }
    expect(code).toBe('Unavailable')
    expect(await messageOf(store.commit([put('/more', large)]))).toContain(path)
    expect(store.revision).toBe(seen.events.at(-1)?.revision)
    expect((await store.list({ prefix: '/' })).entries.map(({ key }) => key)).toEqual(written.toSorted())

    await store.commit([remove('/0')])
    await store.compact(store.revision)
    const { revision } = await store.commit([put('/again', 'x'.repeat(1000))])
    expect(revision).toBeGreaterThan(seen.events.at(-2)?.revision ?? 0)
    await store.dispose()
    const again = await opening(path)
    expect(again.revision).toBe(revision)
    expect((await again.list({ prefix: '/' })).entries).toHaveLength(written.length)
    await again.dispose()
  })

  it('fails only those of a group that cannot be written', async () => {
    const store = openSqliteStore({ path: newPath(), maximumBytes: 200_000 })
    const outcomes = await Promise.all([
      codeOf(store.commit([put('/small/1', 'x')])),
      codeOf(store.commit([put('/huge', 'x'.repeat(300_000))])),
      codeOf(store.commit([put('/small/1', 'y', 0)])),
      codeOf(store.commit([put('/small/2', 'x')])),
    ])
    expect(outcomes).toEqual(['fulfilled', 'Unavailable', 'Conflict', 'fulfilled'])
    expect((await store.list({ prefix: '/' })).entries.map(({ key }) => key)).toEqual(['/small/1', '/small/2'])
    await store.dispose()
  })
})

describe('a store file that cannot be used', () => {
  it.each([1, 3, 100])('says so when it is no store file at all (%i lines)', async (lines) => {
    const path = newPath()
    writeFileSync(path, 'this is a letter to my aunt, and she keeps it\n'.repeat(lines))
    expect(await codeOf(opening(path))).toBe('Corrupt')
    expect(await messageOf(opening(path))).toContain(path)
    expect(readFileSync(path, 'utf8')).toContain('my aunt')
  })

  it('says so when it belongs to another program', async () => {
    const path = newPath()
    const other = new DatabaseSync(path)
    other.exec('CREATE TABLE recipes (name TEXT)')
    other.close()
    expect(await codeOf(opening(path))).toBe('Corrupt')
  })

  it.each([
    ['bytes in it were overwritten', (path: string) => overwrite(path)],
    ['its end is missing', (path: string) => truncateSync(path, 40_960)],
  ])('says so when %s', async (_, damage) => {
    const path = newPath()
    const store = await opening(path)
    for (let number = 0; number < 100; number++) await store.commit([put(`/${number}`, 'x'.repeat(2000))])
    await store.dispose()
    damage(path)
    expect(await codeOf(opening(path))).toBe('Corrupt')
    expect(await messageOf(opening(path))).toMatch(/restore a snapshot/)
  })

  it('says so when its folder is not there', async () => {
    expect(await codeOf(opening(join(folder, 'nowhere', 'store.db')))).toBe('Unavailable')
  })

  function overwrite(path: string): void {
    const content = readFileSync(path)
    content.fill(0xa5, 8192, 60_000)
    writeFileSync(path, content)
  }
})

describe('a snapshot', () => {
  it('is the whole store of the moment, history included, while commits go on', async () => {
    const store = await opening(newPath())
    for (let round = 0; round < 3; round++)
      await store.commit(Array.from({ length: 400 }, (_, number) => put(`/${number}`, `${round}`)))
    await store.compact(1)
    const copy = newPath()
    const snapshot = store.snapshot(copy)
    for (let number = 0; number < 20; number++)
      await store.commit([put(`/${number}`, 'later'), remove(`/${number + 100}`)])
    await snapshot
    await store.commit([put('/0', 'last')])
    const opened = await opening(copy)
    expect(opened.revision).toBeGreaterThanOrEqual(3)
    expect(opened.revision).toBeLessThan(store.revision)
    expect(opened.compactedRevision).toBe(1)
    for (const revision of [1, 2, opened.revision])
      expect((await opened.list({ prefix: '/', revision })).entries).toEqual(
        (await store.list({ prefix: '/', revision })).entries,
      )
    await Promise.all([opened.dispose(), store.dispose()])
  })

  it('is given up when the store is closed meanwhile', async () => {
    const store = await opening(newPath())
    await store.commit(Array.from({ length: 900 }, (_, number) => put(`/${number}`, 'x')))
    const path = newPath()
    const snapshot = codeOf(store.snapshot(path))
    await store.dispose()
    expect(await snapshot).toBe('Closed')
    expect(existsSync(path)).toBe(false)
  })

  it('overwrites no file', async () => {
    const store = await opening(newPath())
    await store.commit([put('/a', '1')])
    const path = newPath()
    writeFileSync(path, 'mine')
    expect(await codeOf(store.snapshot(path))).toBe('Unavailable')
    expect(readFileSync(path, 'utf8')).toBe('mine')
    await store.dispose()
  })

  it('leaves no file behind when it cannot be written', async () => {
    const store = await opening(newPath())
    await store.commit([put('/a', '1')])
    expect(await codeOf(store.snapshot(join(folder, 'nowhere', 'copy.db')))).toBe('Unavailable')
    expect(await codeOf(store.commit([put('/a', '2')]))).toBe('fulfilled')
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([])
    await store.dispose()
  })
})
