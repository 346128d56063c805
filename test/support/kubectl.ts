import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The real kubectl binaries on this machine: version (`1.33`) → path. A dispatcher keeps them beside its own file. */
export function kubectlVersions(): Map<string, string> {
  const found = new Map<string, string>()
  let dispatcher: string
  try {
    dispatcher = realpathSync(execFileSync('sh', ['-c', 'command -v kubectl'], { encoding: 'utf8' }).trim())
  } catch {
    return found
  }
  const folder = dirname(dispatcher)
  for (const name of readdirSync(folder)) {
    const version = /^kubectl\.(\d+\.\d+)$/.exec(name)?.[1]
    if (version !== undefined) found.set(version, join(folder, name))
  }
  if (found.size === 0 && existsSync(dispatcher)) found.set('unknown', dispatcher)
  return found
}

/** Why no test with kubectl can run here; undefined when one can. */
export const kubectlMissing = (): string | undefined =>
  kubectlVersions().size === 0 ? 'no kubectl on this machine' : undefined

export interface KubectlResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Kubectl {
  /** Runs to the end; a non-zero code is a result. */
  try(args: readonly string[], stdin?: string): Promise<KubectlResult>
  /** Runs to the end and returns stdout; throws when kubectl fails. */
  run(args: readonly string[], stdin?: string): Promise<string>
  /** Starts a long-running kubectl, whose output is collected line by line. */
  follow(args: readonly string[]): Followed
}

export interface Followed {
  readonly lines: readonly string[]
  /** Resolves with the first line, past or future, that matches. */
  line(pattern: RegExp): Promise<string>
  stop(): void
}

/** A kubectl for one kubeconfig; the newest version unless another is asked for. */
export function createKubectl(kubeconfig: string, version?: string): Kubectl {
  const versions = kubectlVersions()
  const binary = version === undefined ? [...versions.values()].at(-1) : versions.get(version)
  if (binary === undefined) throw new Error(`no kubectl ${version ?? ''} here`)
  const start = (args: readonly string[]): ChildProcess =>
    spawn(binary, ['--kubeconfig', kubeconfig, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })

  const runToEnd = (args: readonly string[], stdin = ''): Promise<KubectlResult> =>
    new Promise((resolve, reject) => {
      const child = start(args)
      let stdout = ''
      let stderr = ''
      child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
      child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
      child.on('error', reject)
      child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }))
      // kubectl may end before it has read everything; its exit code tells why.
      child.stdin?.on('error', () => undefined)
      child.stdin?.end(stdin)
    })

  return {
    try: runToEnd,
    async run(args, stdin) {
      const result = await runToEnd(args, stdin)
      if (result.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${result.stderr}${result.stdout}`)
      return result.stdout
    },
    follow: (args) => followLines(start(args)),
  }
}

function followLines(child: ChildProcess): Followed {
  const lines: string[] = []
  const waiting = new Set<(line: string) => void>()
  let rest = ''
  const take = (chunk: Buffer): void => {
    const parts = (rest + chunk.toString()).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) {
      lines.push(line)
      for (const look of waiting) look(line)
    }
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  return {
    lines,
    line: (pattern) => {
      const found = lines.find((line) => pattern.test(line))
      if (found !== undefined) return Promise.resolve(found)
      return new Promise((resolve) => {
        const look = (line: string): void => {
          if (!pattern.test(line)) return
          waiting.delete(look)
          resolve(line)
        }
        waiting.add(look)
      })
    },
    stop: () => void child.kill('SIGKILL'),
  }
}
