/** Finds out which lab a folder belongs to whose lab.json is damaged, from what else is written there. */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultNetworks, describeLab, isLabId, labPath, type LabFolder } from './lab-folder.ts'

/** Undefined when nothing tells the lab's id. */
export async function recoverLabFolder(home: string, name: string): Promise<LabFolder | undefined> {
  const path = labPath(home, name)
  const id =
    labIdOfKey(await readOr(join(path, 'ssh', 'id_ed25519.pub'))) ?? labIdOfJson(await readOr(join(path, 'lab.json')))
  if (id === undefined) return undefined
  const machines = await machinesNetwork(join(path, 'sandbox'))
  return describeLab(path, {
    id,
    name,
    networks: { ...defaultNetworks, machines: machines ?? defaultNetworks.machines },
  })
}

/** The comment of the workers' key is `orrery-<id>`. */
export function labIdOfKey(publicKey: string): string | undefined {
  const id = / orrery-([a-z0-9]+)\s*$/.exec(publicKey)?.[1]
  return id !== undefined && isLabId(id) ? id : undefined
}

/** What is left of the file may still have the id, which stands first. */
export function labIdOfJson(text: string): string | undefined {
  const id = /"id":\s*"([a-z0-9]+)"/.exec(text)?.[1]
  return id !== undefined && isLabId(id) ? id : undefined
}

/** The network of the first worker's address; undefined when no worker tells it. */
async function machinesNetwork(workers: string): Promise<string | undefined> {
  for (const worker of await readdir(workers).catch(() => [])) {
    const address = /"address":\s*"(\d+\.\d+\.\d+)\.\d+"/.exec(await readOr(join(workers, worker, 'spec.json')))?.[1]
    if (address !== undefined) return `${address}.0/24`
  }
  return undefined
}

/** Empty for what is not there or cannot be read: another file may tell. */
const readOr = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '')
