/** Where a lab keeps its objects: a file in its folder, or an etcd cluster that several servers may share. */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import { openEtcdStore, removeEtcdStore, type EtcdPlace } from '../store/etcd.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import { openThreadedStore } from '../store/threaded.ts'
import { raiseRevision } from '../store/sqlite/raise-revision.ts'
import type { Store } from '../store/store.ts'
import { refuseEmptyStore, type LabFolder } from './lab-folder.ts'
import { forgetRevision, notedRevision } from './revision-note.ts'

export class LabStoreError extends Error {
  override readonly name = 'LabStoreError'
  readonly code = 'StoreFixed'
}

interface Means {
  readonly clock: Clock
  readonly random: Random
  /** The file of the store's own thread; absent: a file is written in this one. */
  readonly storeThread?: string | undefined
}

const placeFile = (folder: LabFolder): string => join(folder.path, 'etcd.json')

/** The etcd cluster that holds this lab; undefined for a lab in a file. `wish` is taken for a lab that has no store yet. */
export async function etcdPlaceOf(folder: LabFolder, wish: EtcdPlace | undefined): Promise<EtcdPlace | undefined> {
  if (wish === undefined) return readPlace(folder)
  if (existsSync(folder.storeFile))
    throw new LabStoreError(
      `this lab is kept in ${folder.storeFile}, not in etcd: remove it by "npm run down", or set ORRERY_HOME to another folder`,
    )
  await writeFile(placeFile(folder), `${JSON.stringify(wish, undefined, 2)}\n`, { mode: 0o600 })
  return wish
}

export interface OpenedStore {
  readonly store: Store
  /** What the user must know of it. */
  readonly warning?: string
}

/** A file that holds an older state than the lab has had goes on from there, with revisions that nobody has seen. */
export async function openLabStore(
  folder: LabFolder,
  place: EtcdPlace | undefined,
  means: Means,
): Promise<OpenedStore> {
  const { clock, random } = means
  if (place !== undefined) return { store: await openEtcdStore({ ...place, clock, random }) }
  await refuseEmptyStore(folder)
  const { storeFile: path } = folder
  if (!existsSync(path)) await forgetRevision(folder.path)
  const known = await notedRevision(folder.path)
  const open = async (): Promise<Store> =>
    means.storeThread === undefined
      ? openSqliteStore({ path })
      : openThreadedStore({ path, threadFile: means.storeThread })
  const store = await open()
  if (store.revision >= known) return { store }
  const { revision } = store
  await store.dispose()
  raiseRevision(path, known)
  const warning =
    `the store file ${path} is older than this lab was: it ends at revision ${revision}, and ${known} had been reached. ` +
    'Its -wal file is missing, or an older copy was put in its place; what came after is lost. ' +
    'If you have a newer snapshot, end Orrery and type: npm run restore -- FILE'
  return { store: await open(), warning }
}

/** Removes what the lab keeps outside its folder. Rejects with a StoreError when etcd does not answer. */
export async function removeLabStore(folder: LabFolder, means: Means): Promise<void> {
  const place = await readPlace(folder)
  if (place !== undefined) await removeEtcdStore({ ...place, ...means })
}

async function readPlace(folder: LabFolder): Promise<EtcdPlace | undefined> {
  try {
    return JSON.parse(await readFile(placeFile(folder), 'utf8')) as EtcdPlace
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
