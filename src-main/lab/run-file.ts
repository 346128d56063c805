/** Says that a process runs this lab, so that a second one can tell the user where the first is. */
import { randomBytes } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface RunFile {
  readonly pid: number
  readonly uiUrl: string
}

const fileOf = (labPath: string): string => join(labPath, 'run.json')

/** The process that runs the lab; undefined when none does. A file that a killed process left counts as none. */
export async function readRunFile(labPath: string): Promise<RunFile | undefined> {
  let value: Partial<RunFile>
  try {
    value = JSON.parse(await readFile(fileOf(labPath), 'utf8')) as Partial<RunFile>
  } catch {
    // Absent or half written: nobody has finished starting.
    return undefined
  }
  const { pid, uiUrl } = value
  if (typeof pid !== 'number' || typeof uiUrl !== 'string') return undefined
  return isAlive(pid) ? { pid, uiUrl } : undefined
}

/** Owner-readable only: the address holds the session's token. */
export async function writeRunFile(labPath: string, content: RunFile): Promise<void> {
  await writeFile(fileOf(labPath), JSON.stringify(content), { mode: 0o600 })
}

export async function removeRunFile(labPath: string): Promise<void> {
  await rm(fileOf(labPath), { force: true })
}

/** The token of the interface's first visit: 192 random bits. */
export const newToken = (): string => randomBytes(24).toString('base64url')

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
