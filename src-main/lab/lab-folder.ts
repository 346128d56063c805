/** A lab's folder: what identifies the lab and where its parts lie. Everything of a lab is below it. */
import { chmod, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import { withFolderLock } from '../store/sqlite/folder-lock.ts'

export interface LabNetworks {
  readonly machines: string
  readonly pods: string
  readonly services: string
}

export interface LabIdentity {
  /** Short, unique on this host: goes into the names of bridges, namespaces and cgroups. */
  readonly id: string
  readonly name: string
  readonly networks: LabNetworks
}

export interface LabFolder extends LabIdentity {
  readonly path: string
  readonly storeFile: string
  readonly pkiFolder: string
  readonly kubeconfigFile: string
  readonly schedulerPlugins: string
}

export type LabFolderErrorCode = 'Damaged' | 'NotWritable'

export class LabFolderError extends Error {
  override readonly name = 'LabFolderError'
  readonly code: LabFolderErrorCode

  constructor(code: LabFolderErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** The data folder: `ORRERY_HOME`, or `.orrery` in the user's home. */
export function dataFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const given = environment['ORRERY_HOME']
  return given === undefined || given === '' ? join(homedir(), '.orrery') : given
}

export const labPath = (home: string, name: string): string => join(home, 'labs', name)

/** Undefined when the lab has never been made. Throws `Damaged` when its identity cannot be read. */
export async function readLabFolder(home: string, name: string): Promise<LabFolder | undefined> {
  const path = labPath(home, name)
  const file = join(path, 'lab.json')
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new LabFolderError('NotWritable', `cannot read ${file}`, error)
  }
  return describeLab(path, parseIdentity(file, text))
}

/**
 * Opens the lab's folder, making it first when it is not there; of several processes that find none at the same time one
 * makes it. `takenNetworks` are CIDRs that this host uses.
 */
export async function openLabFolder(
  home: string,
  name: string,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  takenNetworks: readonly string[],
): Promise<LabFolder> {
  const existing = await readLabFolder(home, name)
  if (existing !== undefined) return existing
  const path = labPath(home, name)
  try {
    return await withFolderLock(path, clock, async () => {
      const made = await readLabFolder(home, name)
      if (made !== undefined) return made
      const identity: LabIdentity = { id: random.suffix(5), name, networks: chooseNetworks(random, takenNetworks) }
      await chmod(home, 0o700)
      await writeFile(join(path, 'lab.json.new'), `${JSON.stringify(identity, undefined, 2)}\n`, { mode: 0o600 })
      await rename(join(path, 'lab.json.new'), join(path, 'lab.json'))
      return describeLab(path, identity)
    })
  } catch (error) {
    if (error instanceof LabFolderError) throw error
    const text = `cannot write the lab's folder ${path}: set ORRERY_HOME to a folder that this user may write`
    throw new LabFolderError('NotWritable', text, error)
  }
}

/**
 * Throws `Damaged` for an empty store file in a lab that has been in use: SQLite takes it for a new store, and every
 * object and pod of the lab would be gone. No store file at all is how a user asks for a new one.
 */
export async function refuseEmptyStore({ storeFile, kubeconfigFile }: LabFolder): Promise<void> {
  const sizeOf = (file: string): Promise<number | undefined> =>
    stat(file).then(
      ({ size }) => size,
      () => undefined,
    )
  // The kubeconfig is written after the store's first transaction.
  if ((await sizeOf(storeFile)) !== 0 || (await sizeOf(kubeconfigFile)) === undefined) return
  throw new LabFolderError(
    'Damaged',
    `the store file ${storeFile} is damaged (it is empty): restore a snapshot (npm run restore -- FILE), or move it away to start anew`,
  )
}

/** Pod and service networks are the same in every lab. */
export const defaultNetworks: LabNetworks = {
  machines: '10.30.0.0/24',
  pods: '10.244.0.0/16',
  services: '10.96.0.0/16',
}

/** A machine network that the host does not use yet; pod and service networks live inside the workers only. */
export function chooseNetworks(random: Random, taken: readonly string[]): LabNetworks {
  const first = random.integer(200)
  for (let step = 0; step < 200; step++) {
    const prefix = `10.${30 + ((first + step) % 200)}.`
    if (prefix === '10.96.' || prefix === '10.244.' || taken.some((network) => network.startsWith(prefix))) continue
    return { ...defaultNetworks, machines: `${prefix}0.0/24` }
  }
  throw new LabFolderError('NotWritable', 'every 10.x network is taken on this host')
}

/** The destinations in the text of /proc/net/route, as dotted addresses. */
export function routedNetworks(routeTable: string): string[] {
  return routeTable
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const hex = line.split('\t')[1]
      if (hex === undefined || !/^[0-9A-F]{8}$/.test(hex)) return []
      const bytes = hex.match(/../g) ?? []
      return [
        bytes
          .reverse()
          .map((byte) => parseInt(byte, 16))
          .join('.'),
      ]
    })
}

function parseIdentity(file: string, text: string): LabIdentity {
  const damaged = (cause?: unknown): LabFolderError =>
    new LabFolderError('Damaged', `${file} is damaged: restore it, or remove the lab by "npm run down"`, cause)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw damaged(error)
  }
  if (!isIdentity(value)) throw damaged()
  return value
}

export const isLabId = (text: string): boolean => /^[a-z0-9]{3,8}$/.test(text)

function isIdentity(value: unknown): value is LabIdentity {
  if (typeof value !== 'object' || value === null) return false
  const { id, name, networks } = value as Partial<LabIdentity>
  return (
    typeof id === 'string' &&
    isLabId(id) &&
    typeof name === 'string' &&
    [networks?.machines, networks?.pods, networks?.services].every((cidr) => /^[\d.]+\/\d+$/.test(cidr ?? ''))
  )
}

/** The lab with this identity in the folder `path`. */
export const describeLab = (path: string, identity: LabIdentity): LabFolder => ({
  ...identity,
  path,
  storeFile: join(path, 'store.sqlite'),
  pkiFolder: join(path, 'pki'),
  kubeconfigFile: join(path, 'kubeconfig'),
  schedulerPlugins: join(path, 'scheduler-plugins'),
})
