/** Lets pods of sandbox workers run programs for Node: there is no image with it, so the workers get this process's own. */
import { copyFileSync } from 'node:fs'
import { workerProcesses } from './lab-host.ts'

/** Where workers keep it; it goes with the worker. */
const path = '/var/lib/node-for-pods'

/** What a container and its pod need to run `program`. */
export const nodeForPods = {
  program: '/node',
  mounts: [
    { name: 'node', mountPath: '/node', readOnly: true },
    { name: 'lib', mountPath: '/lib', readOnly: true },
    { name: 'lib64', mountPath: '/lib64', readOnly: true },
    { name: 'usr-lib', mountPath: '/usr/lib', readOnly: true },
  ],
  volumes: [
    { name: 'node', hostPath: { path } },
    { name: 'lib', hostPath: { path: '/lib' } },
    { name: 'lib64', hostPath: { path: '/lib64' } },
    { name: 'usr-lib', hostPath: { path: '/usr/lib' } },
  ],
} as const

/** Puts Node where the pods of a worker find it. */
export function installNode(labId: string, worker: string): void {
  const docker = workerProcesses(labId, worker).find(({ command }) => command.startsWith('dockerd '))
  if (docker === undefined) throw new Error(`${worker} runs no Docker`)
  copyFileSync(process.execPath, `/proc/${docker.pid}/root${path}`)
}
