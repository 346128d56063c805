/** Where a lab keeps its objects: a file in its folder, or an etcd cluster that several servers may share. */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import { openEtcdStore, removeEtcdStore, type EtcdPlace } from '../store/etcd.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import { refuseEmptyStore, type LabFolder } from './lab-folder.ts'

export class LabStoreError extends Error {
  override readonly name = 'LabStoreError'
  readonly code = 'StoreFixed'
}

interface Means {
  readonly clock: Clock
  readonly random: Random
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

export async function openLabStore(folder: LabFolder, place: EtcdPlace | undefined, means: Means): Promise<Store> {
  if (place !== undefined) return openEtcdStore({ ...place, ...means })
  await refuseEmptyStore(folder)
  return openSqliteStore({ path: folder.storeFile })
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
