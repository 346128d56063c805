import { readdir, rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { hostHierarchies, namesBelow, removeCgroups } from './cgroups.ts'
import { run } from './commands.ts'
import { workerLayout } from './layout.ts'
import { hostMounts, removeSwitch } from './namespaces.ts'
import type { Sandbox } from './sandbox.ts'
import { stopWorker } from './stop.ts'

/** Removes a worker and its disk, also one of which only parts are there. */
export async function destroyWorker(sandbox: Sandbox, name: string): Promise<void> {
  const { folder } = workerLayout(sandbox.lab, name)
  await stopWorker(sandbox, name, false)
  // A mount that reached the host would be emptied with the folder.
  for (const path of (await hostMounts()).reverse())
    if (path.startsWith(`${folder}/`)) await run({ argv: ['umount', '-l', '--', path] })
  await run({ argv: ['rm', '-rf', '--one-file-system', '--', folder] })
}

/** Every worker that has a disk, a network namespace or a control group. */
export async function listWorkers({ lab }: Sandbox): Promise<string[]> {
  const names = [
    ...(await namesIn(lab.workers)),
    ...(await namesIn(lab.workerNamespaces)),
    ...(await namesBelow(await hostHierarchies(), lab.cgroup)),
  ]
  return [...new Set(names)].sort()
}

/** Removes what the workers shared, when none is left: the switch, the host's cable and routes, groups, the key. */
export async function removeShared(sandbox: Sandbox): Promise<void> {
  const { lab } = sandbox
  if ((await listWorkers(sandbox)).length > 0) return
  await removeSwitch(sandbox)
  await removeCgroups(await hostHierarchies(), lab.cgroup, sandbox.clock)
  await rmdir(lab.workers).catch(ifMissing)
  await rm(dirname(lab.keyFile), { recursive: true, force: true })
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    ifMissing(error)
    return []
  }
}

function ifMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
}
