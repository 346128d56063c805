import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import type { Clock } from '../../lib/clock.ts'
import { MachineError, type ExecOptions } from '../machine.ts'
import { FirstLine } from './first-line.ts'
import { announcedCommandLine, commandLine } from './quote.ts'
import type { Session } from './session.ts'

export interface ExecBytes {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** A command that runs on a session channel. */
export interface RunningCommand {
  readonly channel: ClientChannel
  readonly stderr: Readable
  /** Resolves with the exit code; rejects when the connection goes first. */
  readonly exited: Promise<number>
  /** Ends the command and all of its process group. */
  kill(): void
}

export interface Terminal {
  readonly columns: number
  readonly rows: number
}

/** Starts a command, in a terminal when one is given. */
export async function startCommand(
  session: Session,
  name: string,
  command: readonly string[],
  clock: Clock,
  terminal?: Terminal,
): Promise<RunningCommand> {
  const line = terminal === undefined ? announcedCommandLine(command) : commandLine(command)
  const open = (): Promise<OpenChannel> => openChannel(session, name, command[0] ?? '', line, terminal)
  const { channel, exited } = await patiently(open, clock)
  // Closing a terminal hangs up on all that runs in it.
  if (terminal !== undefined) return { channel, stderr: channel.stderr, exited, kill: () => channel.close() }
  const announced = new FirstLine()
  channel.stderr.pipe(announced)
  const kill = (): void => {
    void announced.line.then((processId) => killGroup(session, processId, channel))
  }
  return { channel, stderr: announced, exited, kill }
}

/** Runs a command to its end. On timeout or abort the command is killed, and the call rejects. */
export async function runExec(
  session: Session,
  name: string,
  command: readonly string[],
  { stdin, signal, timeoutMs }: ExecOptions,
  clock: Clock,
): Promise<ExecBytes> {
  const { channel, stderr, exited, kill } = await startCommand(session, name, command, clock)
  const output: Buffer[] = []
  const errors: Buffer[] = []
  channel.on('data', (chunk: Buffer) => output.push(chunk))
  const errorsRead = new Promise<void>((resolve) => stderr.once('close', resolve))
  stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  channel.end(stdin)

  const { promise: given, reject: giveUp } = Promise.withResolvers<never>()
  const end = (error: unknown): void => {
    kill()
    giveUp(error)
  }
  const onAbort = (): void => end(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted === true) onAbort()
  const late = new MachineError('Timeout', `${name}: ${command[0] ?? ''} took longer than ${timeoutMs ?? 0} ms`)
  const timer = timeoutMs === undefined ? undefined : clock.after(timeoutMs, () => end(late))
  try {
    const code = await Promise.race([exited, given])
    await errorsRead
    return { code, stdout: Buffer.concat(output), stderr: Buffer.concat(errors) }
  } finally {
    void timer?.dispose()
    signal?.removeEventListener('abort', onAbort)
  }
}

type OpenChannel = Pick<RunningCommand, 'channel' | 'exited'>

const patienceMs = 5_000
const [firstPauseMs, longestPauseMs] = [5, 100]

/**
 * sshd counts a channel for a moment after both sides have closed it, and refuses one beyond its limit. Nothing was
 * started then, so it is safe to ask again.
 */
async function patiently(open: () => Promise<OpenChannel>, clock: Clock): Promise<OpenChannel> {
  const deadline = clock.monotonic() + patienceMs
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await open()
    } catch (error) {
      if (!isRefusedChannel(error) || clock.monotonic() > deadline) throw error
      await clock.sleep(pauseMs)
    }
  }
}

/** By the reasons of RFC 4254 (5.1): connect failed, which is what sshd says, and resource shortage. */
function isRefusedChannel(error: unknown): boolean {
  const cause = error instanceof MachineError ? error.cause : undefined
  return cause instanceof Error && 'reason' in cause && (cause.reason === 2 || cause.reason === 4)
}

function openChannel(
  session: Session,
  name: string,
  program: string,
  line: string,
  terminal: Terminal | undefined,
): Promise<OpenChannel> {
  return new Promise((resolve, reject) => {
    const pty = terminal && { term: 'xterm-256color', cols: terminal.columns, rows: terminal.rows }
    const lost = session.onLost(reject)
    const fail = (error: unknown): void => {
      void lost.dispose()
      reject(new MachineError('Failed', `${name}: ${program} could not be started`, error))
    }
    try {
      session.client.exec(line, pty === undefined ? {} : { pty }, (error, channel) => {
        if (error !== undefined) {
          fail(error)
          return
        }
        void lost.dispose()
        // A command that does not read its input closes it early; its exit code tells the rest.
        channel.on('error', () => undefined)
        // Now, as the exit code may be the next thing in the packet that opened the channel.
        const exited = exitOf(channel, session, name)
        // Who does not ask for the code must not be ended by a lost connection.
        exited.catch(() => undefined)
        resolve({ channel, exited })
      })
    } catch (error) {
      fail(error)
    }
  })
}

function exitOf(channel: ClientChannel, session: Session, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let code: number | undefined
    const lost = session.onLost(reject)
    channel.once('exit', (exitCode: number | null, signal?: string) => (code = exitCode ?? signalCode(signal)))
    channel.once('close', () => {
      void lost.dispose()
      if (code === undefined) reject(new MachineError('Unreachable', `${name}: the command ended without an exit code`))
      else resolve(code)
    })
  })
}

/** Kills a process group by a command of its own, then drops what output is left, so that the channel can close. */
function killGroup(session: Session, processId: string, channel: ClientChannel): void {
  channel.resume()
  channel.stderr.resume()
  if (!/^\d+$/.test(processId)) {
    channel.close()
    return
  }
  try {
    session.client.exec(commandLine(['kill', '-KILL', '--', `-${processId}`]), (error, killing) => {
      // The group may be gone already, or the connection, which ends the wait as well.
      if (error === undefined) killing.resume().stderr.resume()
      else channel.close()
    })
  } catch {
    channel.close()
  }
}

/** As a shell reports a death by signal. */
function signalCode(signal: string | undefined): number {
  const numbers: Readonly<Record<string, number>> = constants.signals
  return 128 + (numbers[signal ?? ''] ?? 0)
}
