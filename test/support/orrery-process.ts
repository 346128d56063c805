/** Runs the built headless app as a process of its own, as `npm start -- --headless --output json` does. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

/** Only there to end a broken run with what it said. */
const readyLimitMs = 120_000

const root = join(import.meta.dirname, '../..')

export interface Ready {
  readonly kubeconfig: string
  readonly ui: string
}

export interface StartOptions {
  /** False: no port is asked for, as when a user starts it. */
  readonly anyPort?: boolean
  /** The user and group that it runs as. */
  readonly user?: number
}

export interface OrreryProcess {
  readonly pid: number
  /** Every JSON line so far. */
  readonly lines: readonly Record<string, unknown>[]
  readonly ready: Promise<Ready>
  readonly exited: Promise<number | null>
  /** Resolves with the first line, past or future, that is what is looked for. */
  line(look: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>
  signal(name: NodeJS.Signals): void
  /** Ctrl-C, and its end. */
  stop(): Promise<number | null>
}

export function startOrrery(
  home: string,
  args: readonly string[] = [],
  { anyPort = true, user }: StartOptions = {},
): OrreryProcess {
  const ports = anyPort ? ['--port', '0', '--ui-port', '0'] : []
  const child: ChildProcess = spawn(
    process.execPath,
    [join(root, 'out/main/serve.js'), '--headless', '--output', 'json', ...ports, ...args],
    {
      env: { ...process.env, ORRERY_HOME: home, ORRERY_LOG: 'warn' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(user === undefined ? {} : { uid: user, gid: user }),
    },
  )
  const lines: Record<string, unknown>[] = []
  const waiting = new Set<() => void>()
  const ready = Promise.withResolvers<Ready>()
  let rest = ''
  let errors = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const line = JSON.parse(part) as Record<string, unknown>
      lines.push(line)
      if (line['ready'] === true) ready.resolve({ kubeconfig: String(line['kubeconfig']), ui: String(line['ui']) })
    }
    for (const look of [...waiting]) look()
  })
  child.stderr?.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4000)))
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  void exited.then((code) => {
    ready.reject(new Error(`ended with ${code} before it was ready\n${JSON.stringify(lines.slice(-8))}\n${errors}`))
  })
  const limit = setTimeout(() => {
    ready.reject(new Error(`not ready within ${readyLimitMs} ms\n${JSON.stringify(lines.slice(-12))}\n${errors}`))
  }, readyLimitMs)
  void ready.promise.catch(() => undefined).finally(() => clearTimeout(limit))
  // A test that never asks for readiness must not fail for it.
  ready.promise.catch(() => undefined)
  return {
    pid: child.pid ?? -1,
    lines,
    ready: ready.promise,
    exited,
    line: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find(wanted)
          if (found === undefined) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
        void exited.then((code) => {
          look()
          if (waiting.delete(look))
            reject(new Error(`ended with ${code} before it said so: ${JSON.stringify(lines.slice(-8))}`))
        })
      }),
    signal: (name) => void child.kill(name),
    stop: () => {
      child.kill('SIGINT')
      return exited
    },
  }
}

/** `npm run down`: throws when it fails. */
export function removeLab(home: string): void {
  const { status, stderr, stdout } = spawnSync(process.execPath, [join(root, 'out/main/cli.js'), 'down'], {
    env: { ...process.env, ORRERY_HOME: home },
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`down ended with ${status}: ${stdout}${stderr}`)
}
