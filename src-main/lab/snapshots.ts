/** Copies of a lab's store: taken while the app runs or not, and put back while it does not. */
import { constants, existsSync } from 'node:fs'
import { copyFile, open, rename, rm } from 'node:fs/promises'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import { raiseRevision } from '../store/sqlite/raise-revision.ts'
import { StoreError } from '../store/store.ts'
import { askForSnapshot } from './control.ts'
import { readLabFolder, type LabFolder } from './lab-folder.ts'
import { etcdPlaceOf, openLabStore } from './lab-store.ts'
import { notedRevision } from './revision-note.ts'
import { readRunFiles } from './run-file.ts'

export interface SnapshotMeans {
  readonly home: string
  readonly name: string
  readonly clock: Clock
  readonly random: Random
}

export class SnapshotError extends Error {
  override readonly name = 'SnapshotError'
  readonly code: 'NoLab' | 'Running' | 'NotHere'

  constructor(code: SnapshotError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** Writes the lab's store into a new file (an absolute path); a running app does it itself. Resolves with its revision. */
export async function snapshotLab(path: string, means: SnapshotMeans): Promise<number> {
  const folder = await labOf(means)
  const running = await readRunFiles(folder.path)
  const control = running.find((one) => one.control !== undefined)?.control
  if (control !== undefined) return askForSnapshot(control, path)
  if (running.length > 0) throw new SnapshotError('Running', 'Orrery is starting: try again when it is ready')
  const { store } = await openLabStore(folder, await etcdPlaceOf(folder, undefined), means)
  try {
    await store.snapshot(path)
    return store.revision
  } finally {
    await store.dispose()
  }
}

/**
 * Puts a snapshot in the place of the lab's store, in one step, once it is found whole. Resolves with where the former
 * store is kept; undefined when there was none.
 */
export async function restoreLab(path: string, means: SnapshotMeans): Promise<string | undefined> {
  const folder = await labOf(means)
  const [running] = await readRunFiles(folder.path)
  if (running !== undefined)
    throw new SnapshotError('Running', `Orrery runs (process ${running.pid}): end it, then restore`)
  if ((await etcdPlaceOf(folder, undefined)) !== undefined)
    throw new SnapshotError('NotHere', 'this lab is kept in etcd: restore it by "etcdutl snapshot restore"')
  if (!existsSync(path)) throw new SnapshotError('NotHere', `there is no file ${path}`)
  const { storeFile } = folder
  const draft = `${storeFile}.restoring`
  await removeStoreFile(draft)
  try {
    await copyFile(path, draft, constants.COPYFILE_FICLONE)
    raiseRevision(draft, Math.max(await notedRevision(folder.path), await bringTogether(storeFile)))
    await flush(draft)
    const former = await setAside(storeFile, means.clock.now())
    await rename(draft, storeFile)
    return former
  } finally {
    await removeStoreFile(draft)
  }
}

/** Takes the log of the present store into its file, so that it is one file; tells its revision, 0 when it is damaged. */
async function bringTogether(storeFile: string): Promise<number> {
  if (!existsSync(storeFile)) return 0
  try {
    const store = openSqliteStore({ path: storeFile })
    const { revision } = store
    await store.dispose()
    return revision
  } catch (error) {
    if (error instanceof StoreError && error.code === 'Corrupt') return 0
    throw error
  }
}

/** The former file stays where it is until the new one replaces it; its log must not be taken for the new one's. */
async function setAside(storeFile: string, now: number): Promise<string | undefined> {
  if (!existsSync(storeFile)) return undefined
  const former = `${storeFile}.before-restore-${new Date(now).toISOString().replaceAll(':', '')}`
  await copyFile(storeFile, former, constants.COPYFILE_FICLONE)
  await flush(former)
  if (existsSync(`${storeFile}-wal`)) await rename(`${storeFile}-wal`, `${former}-wal`)
  return former
}

async function removeStoreFile(path: string): Promise<void> {
  await Promise.all(['', '-wal', '-journal'].map((suffix) => rm(path + suffix, { force: true })))
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.chmod(0o600)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function labOf({ home, name }: SnapshotMeans): Promise<LabFolder> {
  const folder = await readLabFolder(home, name)
  if (folder === undefined)
    throw new SnapshotError('NoLab', `there is no lab in ${home}: set ORRERY_HOME to its folder`)
  return folder
}
