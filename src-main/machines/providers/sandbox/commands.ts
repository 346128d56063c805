import { execFile } from 'node:child_process'
import { MachineError } from '../../machine.ts'

/** A command on the host, run without a shell. */
export interface HostCommand {
  readonly argv: readonly string[]
  readonly input?: string
  /** For clearing up: what is not there need not be removed. */
  readonly mayFail?: boolean
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** Nothing of the app's environment reaches a worker. */
export const hostEnvironment = { PATH: path, LC_ALL: 'C' }

/** Runs commands one after the other; the first that fails ends the row with `Failed` and what it said. */
export async function runAll(commands: readonly HostCommand[]): Promise<void> {
  for (const command of commands) await run(command)
}

/** Resolves with the command's output. */
export function run({ argv, input, mayFail = false }: HostCommand): Promise<string> {
  const [program = '', ...rest] = argv
  return new Promise((resolve, reject) => {
    const child = execFile(program, rest, { env: hostEnvironment, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null || mayFail) resolve(stdout)
      else reject(new MachineError('Failed', `${argv.join(' ')}: ${stderr.trim() || error.message}`))
    })
    // A command that ends before it has read its input says why by its exit.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}

/** A program's path as the host would find it; undefined when it is not installed. */
export function searchPath(): readonly string[] {
  return path.split(':')
}
