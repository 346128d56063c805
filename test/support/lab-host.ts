/** What one lab has on this host: its workers' processes, its cable, and what is left of it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostState } from './host-state.ts'

export interface HostProcess {
  readonly pid: number
  /** Its words, separated by spaces. */
  readonly command: string
}

/** The id that the names of a lab's bridges and groups hold. */
export function labIdOf(home: string): string {
  const { id } = JSON.parse(readFileSync(join(home, 'labs/default/lab.json'), 'utf8')) as { id: string }
  return id
}

/** The host's end of the cable to the workers. */
export const hostLinkOf = (labId: string): string => `or-${labId}`

/** The processes of a worker, found by their control group: those that run now. */
export function workerProcesses(labId: string, worker: string): HostProcess[] {
  return processes((groups) => new RegExp(`/orrery-${labId}/${worker}(/|$)`, 'm').test(groups))
}

/** Everything on the host that is named for the lab; empty after it was removed. */
export function remainsOf(labId: string): string[] {
  const { namespaces, links, routes, mounts, cgroups } = hostState()
  return [
    ...[...namespaces, ...links, ...routes, ...mounts, ...cgroups].filter((name) => name.includes(labId)),
    ...processes((groups) => groups.includes(`/orrery-${labId}`)).map(({ command }) => command),
  ]
}

export function kill(found: readonly HostProcess[]): void {
  for (const { pid } of found) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      // It went with its parent.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }
}

function processes(belongs: (groups: string) => boolean): HostProcess[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      if (!belongs(readFileSync(`/proc/${name}/cgroup`, 'utf8'))) return []
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      return [{ pid: Number(name), command }]
    } catch {
      // It ended between the two looks.
      return []
    }
  })
}
