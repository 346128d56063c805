/** Removes a lab: ends the app that runs it, its workers, and its folder. Works on what a crash left half made. */
import { rm } from 'node:fs/promises'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import { destroyLabMachines } from '../machines/destroy-lab-machines.ts'
import { createProviders } from '../machines/providers.ts'
import { LabFolderError, readLabFolder, type LabFolder } from './lab-folder.ts'
import { recoverLabFolder } from './recover-lab-folder.ts'
import { removeLabStore } from './lab-store.ts'
import { isAlive, readRunFiles, type RunFile } from './run-file.ts'

export interface RemoveLabOptions {
  readonly home: string
  readonly name: string
  readonly resourcesFolder: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export class RemoveLabError extends Error {
  override readonly name = 'RemoveLabError'
  readonly code = 'StillRunning'
}

/** How long the running app may take to end. */
const patienceMs = 20_000

/** Resolves with the names of the removed workers; undefined when there is no such lab. */
export async function removeLab(options: RemoveLabOptions): Promise<readonly string[] | undefined> {
  const { clock, random, log, resourcesFolder } = options
  const folder = await findLabFolder(options)
  if (folder === undefined) return undefined
  await Promise.all((await readRunFiles(folder.path)).map((running) => endRunningApp(running, clock)))
  const providers = createProviders(
    { labFolder: folder.path, labId: folder.id, networks: folder.networks },
    { clock, random, log, resourcesFolder },
  )
  const removed = await destroyLabMachines({ providers, log })
  await removeLabStore(folder, { clock, random })
  await rm(folder.path, { recursive: true, force: true })
  return removed
}

/** A lab whose identity is damaged is known by what else lies in its folder. */
async function findLabFolder({ home, name, log }: RemoveLabOptions): Promise<LabFolder | undefined> {
  try {
    return await readLabFolder(home, name)
  } catch (error) {
    if (!(error instanceof LabFolderError) || error.code !== 'Damaged') throw error
    const recovered = await recoverLabFolder(home, name)
    if (recovered === undefined) throw error
    log.warn(`${error.message}. Its workers are found by the id ${recovered.id}`)
    return recovered
  }
}

async function endRunningApp(running: RunFile, clock: Clock): Promise<void> {
  process.kill(running.pid, 'SIGTERM')
  const deadline = clock.monotonic() + patienceMs
  while (isAlive(running.pid)) {
    if (clock.monotonic() > deadline) {
      throw new RemoveLabError(
        `Orrery (process ${running.pid}) did not end within ${patienceMs / 1000} s; end it first`,
      )
    }
    await clock.sleep(50)
  }
}
