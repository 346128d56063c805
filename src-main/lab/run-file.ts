/** Says that a process runs this lab, so that a second one can tell the user where the first is. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ControlAddress } from './control.ts'

export interface RunFile {
  readonly pid: number
  /** Absent while the app starts. */
  readonly uiUrl?: string
  /** Where commands on this host ask; absent while the app starts. */
  readonly control?: ControlAddress
}

/** Where several servers share a store each has a file of its own. */
const fileOf = (labPath: string, shared?: number): string =>
  join(labPath, shared === undefined ? 'run.json' : `run-${shared}.json`)

/** All processes that run the lab. */
export async function readRunFiles(labPath: string): Promise<RunFile[]> {
  const names = (await readdir(labPath)).filter((name) => /^run(-\d+)?\.json$/.test(name))
  const found = await Promise.all(names.map((name) => readRunFileAt(join(labPath, name))))
  return found.filter((one) => one !== undefined)
}

/** The process that runs the lab; undefined when none does. A file that a killed process left counts as none. */
export const readRunFile = (labPath: string): Promise<RunFile | undefined> => readRunFileAt(fileOf(labPath))

async function readRunFileAt(file: string): Promise<RunFile | undefined> {
  let value: Partial<RunFile & { readonly started: string }>
  try {
    value = JSON.parse(await readFile(file, 'utf8')) as typeof value
  } catch {
    // Absent or half written: nobody has finished starting.
    return undefined
  }
  const { pid, uiUrl, control, started } = value
  if (typeof pid !== 'number') return undefined
  // After a restart of the host the number may be another program's, which must be neither waited for nor ended.
  if (!isAlive(pid) || startOf(pid) !== started) return undefined
  return { pid, ...(typeof uiUrl === 'string' ? { uiUrl } : {}), ...(control === undefined ? {} : { control }) }
}

/** Owner-readable only: the address holds the session's token. */
export async function writeRunFile(labPath: string, content: RunFile, shared?: number): Promise<void> {
  await writeFile(fileOf(labPath, shared), JSON.stringify({ ...content, started: startOf(content.pid) }), {
    mode: 0o600,
  })
}

export async function removeRunFile(labPath: string, shared?: number): Promise<void> {
  await rm(fileOf(labPath, shared), { force: true })
}

/** The token of the interface's first visit: 192 random bits. */
export const newToken = (): string => randomBytes(24).toString('base64url')

/** Whether the process runs. One that has ended and was not collected by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return statOf(pid)?.[0] !== 'Z'
}

/** What no other process has had: the boot of the host and the time in it. Undefined where only the number is known. */
function startOf(pid: number): string | undefined {
  const time = statOf(pid)?.[19]
  if (time === undefined) return undefined
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${time}`
}

/** The words of /proc/PID/stat from the state on; undefined where there are none, as on other systems than Linux. */
function statOf(pid: number): string[] | undefined {
  try {
    // The program's name stands in parentheses, and may hold anything.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')
  } catch {
    return undefined
  }
}
