import { readFile } from 'node:fs/promises'
import { MachineError } from '../../machine.ts'
import { hostHierarchies, processesOf, thaw } from './cgroups.ts'
import type { Hierarchy } from './hierarchies.ts'
import type { Sandbox } from './sandbox.ts'

const gracePeriodMs = 4_000
/** With none of them ending: a busy host needs its time for hundreds. */
const killPeriodMs = 10_000
const lookEveryMs = 10

/** From the text of /proc/PID/status: whether the process is the first one of a namespace directly below the host's. */
export function isInit(status: string): boolean {
  const ids = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? []
  return ids.length === 2 && ids[1] === '1'
}

/** The process id of a worker's init on the host; undefined when the worker does not run. */
export async function findInit(hierarchies: readonly Hierarchy[], cgroup: string): Promise<number | undefined> {
  for (const id of await processesOf(hierarchies, cgroup)) {
    const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '')
    if (isInit(status)) return id
  }
  return undefined
}

/** Ends all processes of a worker: its init is asked to, when there is time for it, and what is left is killed. */
export async function endProcesses(sandbox: Sandbox, cgroup: string, graceful: boolean): Promise<void> {
  const hierarchies = await hostHierarchies()
  await thaw(hierarchies, cgroup)
  if (graceful) {
    const init = await findInit(hierarchies, cgroup)
    if (init !== undefined) {
      signal(init, 'SIGTERM')
      if (await isEmptyWithin(sandbox, hierarchies, cgroup, gracePeriodMs, () => undefined)) return
    }
  }
  const isGone = await isEmptyWithin(sandbox, hierarchies, cgroup, killPeriodMs, (ids) => {
    for (const id of ids) signal(id, 'SIGKILL')
  })
  if (!isGone) throw new MachineError('Failed', `the processes of ${cgroup} do not end`)
}

/** The limit is for each time in which no process ends. */
async function isEmptyWithin(
  { clock }: Sandbox,
  hierarchies: readonly Hierarchy[],
  cgroup: string,
  limitMs: number,
  onEach: (ids: readonly number[]) => void,
): Promise<boolean> {
  let deadline = clock.monotonic() + limitMs
  let fewest = Infinity
  for (;;) {
    const ids = await processesOf(hierarchies, cgroup)
    if (ids.length === 0) return true
    if (ids.length < fewest) {
      fewest = ids.length
      deadline = clock.monotonic() + limitMs
    }
    if (clock.monotonic() > deadline) return false
    onEach(ids)
    await clock.sleep(lookEveryMs)
  }
}

function signal(id: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(id, name)
  } catch (error) {
    // It ended between the look and the signal.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
