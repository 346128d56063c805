import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { put, record, text } from '../../test/contract/store-contract.ts'
import { until } from '../../test/support/until.ts'
import { silentLog } from '../lib/log.ts'
import { seededRandom } from '../lib/random.ts'
import { systemClock } from '../lib/system-clock.ts'
import { VirtualClock } from '../lib/virtual-clock.ts'
import { listenControl } from './control.ts'
import { openLabFolder, type LabFolder } from './lab-folder.ts'
import { openLabStore, type OpenedStore } from './lab-store.ts'
import { keepRevisionNote, notedRevision } from './revision-note.ts'
import { writeRunFile } from './run-file.ts'
import { restoreLab, snapshotLab, type SnapshotMeans } from './snapshots.ts'

let home: string
let folder: LabFolder
let means: SnapshotMeans
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'orrery-snapshots-'))
  means = { home, name: 'default', clock: systemClock, random: seededRandom(1) }
  folder = await openLabFolder(home, 'default', means, [])
})
afterEach(() => rm(home, { recursive: true }))

const open = (): Promise<OpenedStore> => openLabStore(folder, undefined, means)
const fileIn = (name: string): string => join(home, name)

/** Writes each value to `/a`, with the revision noted as the app does. */
async function write(...values: string[]): Promise<number> {
  const { store } = await open()
  const note = keepRevisionNote({ store, labPath: folder.path, clock: new VirtualClock(), log: silentLog })
  for (const value of values) await store.commit([put('/a', value)])
  await note.dispose()
  await store.dispose()
  return store.revision
}

describe('a snapshot of a lab', () => {
  it('is taken while no app runs, and brings the lab back to it with revisions that nobody has seen', async () => {
    await write('1', '2')
    expect(await snapshotLab(fileIn('copy'), means)).toBe(2)
    const reached = await write('3', '4', '5')
    const former = await restoreLab(fileIn('copy'), means)

    const { store, warning } = await open()
    expect(warning).toBeUndefined()
    expect(text((await store.get('/a'))?.value)).toBe('2')
    expect(store.revision).toBeGreaterThan(reached)
    const watch = record(store, '/', reached)
    await until('the refusal', async () => watch.error)
    expect(watch.error?.code).toBe('Compacted')
    const { revision } = await store.commit([put('/a', '6')])
    expect(revision).toBeGreaterThan(reached)
    await store.dispose()
    expect(former).toContain('before-restore')
    expect(statSync(former ?? '').mode & 0o777).toBe(0o600)
    expect(readdirSync(folder.path).filter((name) => name.includes('restoring'))).toEqual([])
  })

  it('is taken by the running app, which lets only the lab’s owner ask', async () => {
    const { store } = await open()
    await store.commit([put('/a', '1')])
    const control = await listenControl('secret', {
      snapshot: async (path) => {
        await store.snapshot(path)
        return store.revision
      },
    })
    const { port, token } = control
    await writeRunFile(folder.path, { pid: process.pid, control: { port, token } })
    expect(await snapshotLab(fileIn('copy'), means)).toBe(1)
    expect(statSync(fileIn('copy')).mode & 0o777).toBe(0o600)
    await expect(snapshotLab(fileIn('copy'), means)).rejects.toThrow('name a new one')
    await expect(restoreLab(fileIn('copy'), means)).rejects.toMatchObject({ code: 'Running' })

    const ask = (authorization: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/snapshot`, {
        method: 'POST',
        headers: { authorization },
        body: JSON.stringify({ path: fileIn('stolen') }),
      })
    expect((await ask('Bearer guess')).status).toBe(401)
    expect((await ask('')).status).toBe(401)
    expect(existsSync(fileIn('stolen'))).toBe(false)
    await control.dispose()
    await store.dispose()
  })

  it('that is damaged replaces nothing', async () => {
    await write('1')
    await snapshotLab(fileIn('copy'), means)
    const bytes = readFileSync(fileIn('copy'))
    writeFileSync(fileIn('copy'), bytes.fill(0xa5, 4096, 12_000))
    await expect(restoreLab(fileIn('copy'), means)).rejects.toMatchObject({ code: 'Corrupt' })
    expect(await write('2')).toBe(2)
  })

  it('is the way out when the store file is damaged', async () => {
    await write('1')
    await snapshotLab(fileIn('copy'), means)
    const reached = await write('2', '3')
    writeFileSync(folder.storeFile, 'this is a letter to my aunt\n'.repeat(1000))
    await expect(open()).rejects.toThrow('npm run restore -- FILE')
    await restoreLab(fileIn('copy'), means)
    const { store } = await open()
    expect(text((await store.get('/a'))?.value)).toBe('1')
    expect(store.revision).toBeGreaterThan(reached)
    await store.dispose()
  })

  it('is not to be had of a lab that does not exist', async () => {
    await expect(snapshotLab(fileIn('copy'), { ...means, name: 'other' })).rejects.toMatchObject({ code: 'NoLab' })
  })
})

describe('a store that is older than the lab has been', () => {
  it('is opened with a word about it, and repeats no revision', async () => {
    await write('1')
    const old = readFileSync(folder.storeFile)
    const reached = await write('2', '3')
    writeFileSync(folder.storeFile, old)
    const { store, warning } = await open()
    expect(warning).toContain(`it ends at revision 1, and ${reached} had been reached`)
    expect((await store.commit([put('/a', '4')])).revision).toBeGreaterThan(reached)
    await store.dispose()
    expect((await open().then(({ store: again, warning: second }) => [again.dispose(), second]))[1]).toBeUndefined()
  })

  it('is none when the user has moved the file away to start anew', async () => {
    await write('1', '2')
    rmSync(folder.storeFile)
    const { store, warning } = await open()
    expect([store.revision, warning]).toEqual([0, undefined])
    await store.dispose()
  })

  it('is known by a note that follows the store', async () => {
    const clock = new VirtualClock()
    const { store } = await open()
    const note = keepRevisionNote({ store, labPath: folder.path, clock, log: silentLog })
    await store.commit([put('/a', '1')])
    const isNoted = async (): Promise<boolean> => {
      await clock.advance(10_000)
      return (await notedRevision(folder.path)) === 1
    }
    await until('the note', isNoted, 10_000, 5)
    await store.commit([put('/a', '2')])
    await note.dispose()
    expect(await notedRevision(folder.path)).toBe(2)
    await store.dispose()
  })
})
