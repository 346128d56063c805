/** Where a lab's sandbox workers keep their parts on the host, and what those parts are called. Pure. */
import { join } from 'node:path'
import { MachineError } from '../../machine.ts'
import type { ProviderContext } from '../../provider.ts'

export interface LabLayout {
  /** A folder for each worker. */
  readonly workers: string
  readonly keyFile: string
  /** Namespaces are kept alive by files here: gone after the host restarts, as they are. */
  readonly runFolder: string
  /** Its folder tells of workers whose disk was lost. */
  readonly workerNamespaces: string
  readonly switchNamespace: string
  /** The group that holds a group for each worker, in every hierarchy. */
  readonly cgroup: string
  /** The host's end of the cable to the switch; Linux allows 15 characters. */
  readonly hostLink: string
  readonly switchLink: string
  readonly bridge: string
}

export interface WorkerLayout {
  readonly folder: string
  readonly hostKeyFile: string
  readonly hostKeyPublicFile: string
  readonly specFile: string
  readonly console: string
  /** The layer over the host's /etc. */
  readonly etc: string
  readonly namespace: string
  /** Below a hierarchy's parent. */
  readonly cgroup: string
}

export const runRoot = '/run/orrery'

export function layoutOf({ labFolder, labId }: ProviderContext): LabLayout {
  const workers = join(labFolder, 'sandbox')
  const runFolder = join(runRoot, labId)
  return {
    workers,
    keyFile: join(labFolder, 'ssh', 'id_ed25519'),
    runFolder,
    workerNamespaces: join(runFolder, 'workers'),
    switchNamespace: join(runFolder, 'switch'),
    cgroup: `orrery-${labId}`,
    hostLink: `or-${labId}`.slice(0, 15),
    switchLink: 'uplink',
    bridge: 'br0',
  }
}

/** Throws `Failed` for a name that is no DNS label: it becomes part of paths. */
export function workerLayout(lab: LabLayout, name: string): WorkerLayout {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name))
    throw new MachineError('Failed', `${JSON.stringify(name)} is not a name for a worker: use a DNS label`)
  const folder = join(lab.workers, name)
  const etc = join(folder, 'upper', 'etc')
  return {
    folder,
    hostKeyFile: join(etc, 'orrery', 'host_key'),
    hostKeyPublicFile: join(etc, 'orrery', 'host_key.pub'),
    specFile: join(folder, 'spec.json'),
    console: join(folder, 'console.log'),
    etc,
    namespace: join(lab.workerNamespaces, name),
    cgroup: `${lab.cgroup}/${name}`,
  }
}
