import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../src-main/lib/random.ts'
import { openSqliteStore } from '../../src-main/store/sqlite.ts'
import type { Operation, Store } from '../../src-main/store/store.ts'
import { afterPowerCut, startsAnew, type Image } from '../simulation/power-cut.ts'
import { bytes, put, record, remove, text } from './store-contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'orrery-power-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The files when a flush was asked for, and what had been acknowledged by then. */
interface Moment extends Image {
  readonly acknowledged: number
  readonly compacted: number
}

interface Run {
  readonly moments: readonly Moment[]
  /** All that was ever written, by revision; the first one is 1. */
  readonly written: readonly Operation[]
}

/** Writes groups of commits, with compaction between, over several checkpoints. */
async function runStore(seed: number): Promise<Run> {
  const path = join(folder, `run-${seed}.db`)
  const random = seededRandom(seed)
  const moments: Moment[] = []
  const written: Operation[] = []
  const look = (): void => {
    const [database, log] = [readFileSync(path), readFileSync(`${path}-wal`)]
    moments.push({ database, log, acknowledged: store.revision, compacted: store.compactedRevision })
  }
  let sweeping = false
  const store: Store = openSqliteStore({
    path,
    walFlush: { flush: async () => look(), close: () => undefined },
    // A sweep makes commits of its own, each of which may bring a checkpoint: so it is looked at between its turns.
    defer: (run) =>
      void setImmediate(() => {
        run()
        if (sweeping) queueMicrotask(() => queueMicrotask(look))
      }),
  })
  const present = new Set<string>()
  for (let group = 0; group < 240; group++) {
    const size = 1 + random.integer(6)
    const commits = Array.from({ length: size }, (_, place) => {
      const key = `/${random.integer(30)}`
      const operation =
        present.has(key) && random.integer(4) === 0
          ? remove(key)
          : put(key, `${group}.${place} `.repeat(random.integer(12_000)))
      if (operation.type === 'put') present.add(key)
      else present.delete(key)
      written.push(operation)
      return store.commit([operation])
    })
    const revisions = (await Promise.all(commits)).map(({ revision }) => revision)
    expect(revisions.at(-1)).toBe(written.length)
    if (group % 40 === 39) {
      sweeping = true
      await store.compact(store.revision - 10)
      sweeping = false
    }
  }
  await store.dispose()
  return { moments, written }
}

/** What is wrong with the store that is found in an image; undefined: nothing. */
async function findingIn(image: Image, { acknowledged }: Moment, { written }: Run): Promise<string | undefined> {
  const path = join(folder, 'found.db')
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
  writeFileSync(path, image.database)
  writeFileSync(`${path}-wal`, image.log)
  const store = openSqliteStore({ path, walFlush: { flush: async () => undefined, close: () => undefined } })
  try {
    const { revision, compactedRevision } = store
    if (revision < acknowledged) return `revision ${revision} is older than ${acknowledged}, which was acknowledged`
    const state = new Map<string, string>()
    for (const operation of written.slice(0, revision))
      if (operation.type === 'put') state.set(operation.key, text(operation.value) ?? '')
      else state.delete(operation.key)
    const { entries } = await store.list({ prefix: '/' })
    const found = new Map(entries.map(({ key, value }) => [key, text(value)]))
    for (const key of new Set([...state.keys(), ...found.keys()]))
      if (state.get(key) !== found.get(key)) return `${key} is not what it was at revision ${revision}`
    const watched = record(store, '/', compactedRevision)
    const next = (await store.commit([{ type: 'put', key: '/next', value: bytes('x') }])).revision
    if (next <= acknowledged) return `revision ${next} is given again`
    while (watched.error === undefined && watched.events.at(-1)?.revision !== next)
      await new Promise((resolve) => setImmediate(resolve))
    const told = watched.lines().map((line) => line.slice(0, 40))
    const expected = [...written.slice(0, revision).entries()].slice(compactedRevision).map(([place, operation]) => {
      const at = `${operation.key}@${place + 1}`
      return (operation.type === 'put' ? `put ${at}=${text(operation.value)}` : `delete ${at}`).slice(0, 40)
    })
    if (told.join('\n') !== [...expected, `put /next@${next}=x`].join('\n')) return 'its watch tells something else'
    return undefined
  } finally {
    await store.dispose()
  }
}

/** Pairs of the image that the disk holds for sure and the moment of the cut: all special ones, and some others. */
function cuts({ moments }: Run, lag: number): { readonly flushed: Moment; readonly now: Moment }[] {
  const pairs = moments.slice(lag).map((now, place) => ({ flushed: moments[place] as Moment, now }))
  return pairs.filter(
    ({ flushed, now }, place) => place % 6 === 0 || startsAnew(flushed, now) || !flushed.database.equals(now.database),
  )
}

describe('a store after a power cut', () => {
  it('has every acknowledged write, repeats no revision and tells its whole history', async () => {
    const run = await runStore(1)
    const random = seededRandom(2)
    const all = cuts(run, 1)
    // Otherwise the run was too short to show what happens to checkpoints.
    expect(all.filter(({ flushed, now }) => startsAnew(flushed, now)).length).toBeGreaterThan(1)
    expect(all.filter(({ flushed, now }) => !flushed.database.equals(now.database)).length).toBeGreaterThan(1)
    let variants = 0
    for (const { flushed, now } of all)
      for (const variant of afterPowerCut(flushed, now, random)) {
        variants++
        const at = `${variant.name}, after revision ${now.acknowledged}`
        expect([at, await findingIn(variant, now, run)]).toEqual([at, undefined])
      }
    expect(variants).toBeGreaterThan(150)
  }, 120_000)

  it('would be seen to lose writes if it acknowledged them before the flush', async () => {
    const run = await runStore(3)
    const findings: unknown[] = []
    for (const { flushed, now } of cuts(run, 2).slice(0, 4))
      for (const variant of afterPowerCut(flushed, now, seededRandom(4)))
        findings.push(await findingIn(variant, now, run))
    expect(findings).toContainEqual(expect.stringContaining('which was acknowledged'))
  }, 60_000)
})
