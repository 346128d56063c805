import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openSqliteStore } from '../../src-main/store/sqlite.ts'
import { openThreadedStore } from '../../src-main/store/threaded.ts'
import { codeOf, put, record } from './store-contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'orrery-full-'))
const threadFile = join(import.meta.dirname, '../../src-main/store/sqlite/thread.ts')
const mounted = mount()

/** A real file system of 2 MiB; false where this process may not mount one. */
function mount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'orrery-test', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

afterAll(() => {
  if (mounted) execFileSync('umount', [folder])
  rmdirSync(folder)
})

describe.skipIf(!mounted)('a store on a file system without room (needs the right to mount a tmpfs)', () => {
  it.each([
    ['in this thread', async (path: string) => openSqliteStore({ path })],
    ['in a thread of its own', (path: string) => openThreadedStore({ path, threadFile })],
  ])(
    '%s refuses commits with Unavailable, keeps all that it acknowledged, and recovers when there is room',
    async (where, open) => {
      const path = join(folder, `${where}.db`)
      const ballast = join(folder, 'ballast')
      writeFileSync(ballast, Buffer.alloc(1024 * 1024))
      let store = await open(path)
      const seen = record(store, '/', 0)
      const acknowledged = new Map<string, number>()
      const codes = new Set<string>()
      for (let round = 0; round < 40; round++) {
        const keys = Array.from({ length: 10 }, (_, place) => `/${round}/${place}`)
        await Promise.all(
          keys.map(async (key) => {
            const commit = store.commit([put(key, key.repeat(400))])
            codes.add(await codeOf(commit))
            await commit.then(({ revision }) => acknowledged.set(key, revision)).catch(() => undefined)
          }),
        )
      }
      expect([...codes].sort()).toEqual(['Unavailable', 'fulfilled'])
      const state = (): Promise<Map<string, number>> =>
        store.list({ prefix: '/' }).then(({ entries }) => new Map(entries.map((one) => [one.key, one.modRevision])))
      expect(await state()).toEqual(acknowledged)
      expect(new Map(seen.events.map(({ key, revision }) => [key, revision]))).toEqual(acknowledged)

      rmSync(ballast)
      const { revision } = await store.commit([put('/room', 'again')])
      expect(revision).toBeGreaterThan(Math.max(...acknowledged.values()))
      acknowledged.set('/room', revision)
      await store.dispose()
      store = await open(path)
      expect(await state()).toEqual(acknowledged)
      expect(store.revision).toBe(revision)
      await store.dispose()
      for (const suffix of ['', '-wal']) rmSync(path + suffix, { force: true })
    },
  )
})
