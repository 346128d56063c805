/** Network namespaces that a mounted file keeps alive, and the switch that all workers of a lab share. */
import { mkdir, readFile, readdir, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { run, runAll } from './commands.ts'
import { runRoot } from './layout.ts'
import { cableCommands, makeNamespace, removeCableCommands, removeSwitchCommands, switchCommands } from './network.ts'
import type { Sandbox } from './sandbox.ts'

/** The mount points in the text of /proc/self/mountinfo. */
export function mountPoints(mountInfo: string): string[] {
  return mountInfo
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .map((path) => path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))))
}

export async function hostMounts(): Promise<string[]> {
  return mountPoints(await readFile('/proc/self/mountinfo', 'utf8'))
}

/** True when the namespace was there already. After a restart of the host its file may be left, without a namespace. */
async function ensureNamespace(file: string): Promise<boolean> {
  if ((await hostMounts()).includes(file)) return true
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, '')
  await run(makeNamespace(file))
  return false
}

/** Makes the switch unless it is there. A half-made one is made anew. */
export async function ensureSwitch({ context, lab }: Sandbox): Promise<void> {
  if ((await hostMounts()).includes(lab.switchNamespace) && (await linkExists(lab.hostLink))) return
  await runAll(removeSwitchCommands(context, lab))
  await ensureNamespace(lab.switchNamespace)
  await runAll(switchCommands(context, lab))
}

/** Connects a worker that does not run, from a clean start. */
export async function connectWorker({ context, lab }: Sandbox, namespace: string, address: string): Promise<void> {
  await runAll(removeCableCommands(namespace))
  await ensureNamespace(namespace)
  await runAll(cableCommands(context, lab, namespace, { address }))
}

export async function disconnectWorker(namespace: string): Promise<void> {
  await runAll(removeCableCommands(namespace))
}

export async function removeSwitch({ context, lab }: Sandbox): Promise<void> {
  await runAll(removeSwitchCommands(context, lab))
  await rm(lab.runFolder, { recursive: true, force: true })
  if ((await readdir(runRoot).catch(() => ['?'])).length === 0) await rmdir(runRoot)
}

async function linkExists(name: string): Promise<boolean> {
  return (await readdir('/sys/class/net')).includes(name)
}
