/** What a worker offers to the app: a way to run commands, reach sockets and move files. Nothing of ours runs on it. */
import type { Duplex, Readable, Writable } from 'node:stream'
import type { Disposable } from '../lib/disposable.ts'

export interface ExecOptions {
  readonly stdin?: string | Uint8Array
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export interface ExecResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface MachineProcess extends Disposable {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves with the exit code; rejects when the connection is lost. */
  readonly exited: Promise<number>
  resize(columns: number, rows: number): void
}

/** Every method rejects with a MachineError; a lost connection is re-made behind it, with backoff. */
export interface Machine extends Disposable {
  readonly name: string
  /** The worker's IPv4 address on the lab's network. */
  readonly address: string
  /** Runs `command` (an argv: quoting is the machine's business) to its end. A non-zero code is a result, not an error. */
  exec(command: readonly string[], options?: ExecOptions): Promise<ExecResult>
  /** Starts `command` with streams, and with a terminal when `terminal` is given. */
  spawn(command: readonly string[], terminal?: { columns: number; rows: number }): Promise<MachineProcess>
  openUnix(path: string): Promise<Duplex>
  openTcp(host: string, port: number): Promise<Duplex>
  /**
   * Listens on the worker's loopback; port 0 picks one. Survives a reconnect with the same port. `source` is the address
   * of who connects, where it is known.
   */
  listenTcp(
    port: number,
    accept: (socket: Duplex, source?: string) => void,
  ): Promise<{ readonly port: number } & Disposable>
  readFile(path: string): Promise<Uint8Array>
  /** Replaces the file in one step; `mode` is octal, 0o644 by default. */
  writeFile(path: string, content: string | Uint8Array, mode?: number): Promise<void>
  /** Tells when the connection is lost and when it is back. */
  onConnection(listener: (connected: boolean) => void): Disposable
}

export type MachineErrorCode =
  | 'Unreachable'
  | 'AuthenticationFailed'
  /** The worker's key is not the pinned one: it may be another machine. */
  | 'HostKeyMismatch'
  | 'Timeout'
  | 'Disposed'
  | 'Failed'
  | 'NotFound'
  /** This kind of machine cannot do that: a simulated one runs no commands. */
  | 'Unsupported'

export class MachineError extends Error {
  override readonly name = 'MachineError'
  readonly code: MachineErrorCode

  constructor(code: MachineErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/** Runs a command whose non-zero exit is an error: throws `Failed` with the last line of its stderr. */
export async function execOrThrow(
  machine: Machine,
  command: readonly string[],
  options?: ExecOptions,
): Promise<string> {
  const result = await machine.exec(command, options)
  if (result.code === 0) return result.stdout
  const reason = result.stderr.trim().split('\n').at(-1) ?? ''
  throw new MachineError('Failed', `${machine.name}: ${command[0] ?? ''} exited with ${result.code}: ${reason}`)
}
