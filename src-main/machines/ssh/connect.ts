/** A machine over one SSH connection: commands, forwarded sockets and files all share it. */
import type { Duplex } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import { MachineError, type ExecOptions, type ExecResult, type Machine, type MachineProcess } from '../machine.ts'
import { ChannelSocket } from './channel-socket.ts'
import { runExec, startCommand, type ExecBytes } from './exec.ts'
import { notFoundCode, readCommand, writeCommand } from './files.ts'
import { Link, type LinkDependencies } from './link.ts'
import { Listeners } from './listeners.ts'
import { Semaphore } from './semaphore.ts'
import type { Session, SessionTarget } from './session.ts'

export interface ConnectOptions extends SessionTarget, LinkDependencies {
  /** The worker's address on the lab's network, when it is not `host`. */
  readonly address?: string
  /** How long to keep trying while the machine cannot be reached; 0 by default. */
  readonly patienceMs?: number
  /** Ends the wait for the first connection. */
  readonly signal?: AbortSignal
}

/** sshd allows 10 by default; of more at once, some are refused. Forwarded streams do not count. */
const sessionChannels = 8

/** Connects; rejects with a MachineError when the machine cannot be reached, or is not the one whose key is pinned. */
export async function connect(options: ConnectOptions): Promise<Machine> {
  const link = new Link(options, options)
  const machine = new SshMachine(options, link)
  await link.connect(options.patienceMs ?? 0, options.signal)
  return machine
}

class SshMachine implements Machine {
  readonly name: string
  readonly address: string
  private readonly options: ConnectOptions
  private readonly link: Link
  private readonly listeners: Listeners
  private readonly channels = new Semaphore(sessionChannels)

  constructor(options: ConnectOptions, link: Link) {
    this.name = options.name
    this.address = options.address ?? options.host
    this.options = options
    this.link = link
    this.listeners = new Listeners(options, () => link.connected)
    link.onSession((session) => this.listeners.restore(session))
  }

  async exec(command: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const { code, stdout, stderr } = await this.execBytes(command, options)
    return { code, stdout: stdout.toString(), stderr: stderr.toString() }
  }

  async spawn(command: readonly string[], terminal?: { columns: number; rows: number }): Promise<MachineProcess> {
    const release = await this.channels.acquire()
    try {
      const session = await this.link.current()
      const { channel, stderr, exited, kill } = await startCommand(
        session,
        this.name,
        command,
        this.options.clock,
        terminal,
      )
      exited.then(release, release)
      return {
        stdin: channel.stdin,
        stdout: channel.stdout,
        stderr,
        exited,
        resize: (columns, rows) => channel.setWindow(rows, columns, 0, 0),
        dispose: kill,
      }
    } catch (error) {
      release()
      throw error
    }
  }

  openUnix(path: string): Promise<Duplex> {
    return this.open(path, (session, done) => session.client.openssh_forwardOutStreamLocal(path, done))
  }

  openTcp(host: string, port: number): Promise<Duplex> {
    return this.open(`${host}:${port}`, (session, done) => session.client.forwardOut('127.0.0.1', 0, host, port, done))
  }

  async listenTcp(port: number, accept: (socket: Duplex, source?: string) => void): ReturnType<Machine['listenTcp']> {
    return this.listeners.listen(await this.link.current(), port, accept)
  }

  async readFile(path: string): Promise<Uint8Array> {
    const { code, stdout, stderr } = await this.execBytes(readCommand(path), {})
    if (code === 0) return stdout
    if (code === notFoundCode) throw new MachineError('NotFound', `${this.name}: there is no file ${path}`)
    throw new MachineError('Failed', `${this.name}: ${path} cannot be read: ${stderr.toString().trim()}`)
  }

  async writeFile(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
    const bytes = Buffer.from(content)
    const command = writeCommand(path, mode, bytes.length, this.options.random.suffix(8))
    const { code, stderr } = await this.execBytes(command, { stdin: bytes })
    if (code === 0) return
    throw new MachineError('Failed', `${this.name}: ${path} cannot be written: ${stderr.toString().trim()}`)
  }

  onConnection(listener: (connected: boolean) => void): ReturnType<Machine['onConnection']> {
    return this.link.onConnection(listener)
  }

  dispose(): Promise<void> {
    return this.link.dispose()
  }

  private async execBytes(command: readonly string[], options: ExecOptions): Promise<ExecBytes> {
    const release = await this.channels.acquire()
    try {
      options.signal?.throwIfAborted()
      return await runExec(await this.link.current(), this.name, command, options, this.options.clock)
    } finally {
      release()
    }
  }

  private async open(
    target: string,
    start: (session: Session, done: (error: Error | undefined, channel: ClientChannel) => void) => void,
  ): Promise<Duplex> {
    const session = await this.link.current()
    return new Promise((resolve, reject) => {
      const lost = session.onLost(reject)
      const fail = (error: unknown): void => {
        void lost.dispose()
        reject(new MachineError('Failed', `${this.name}: ${target} does not accept connections`, error))
      }
      try {
        start(session, (error, channel) => {
          if (error !== undefined) {
            fail(error)
            return
          }
          void lost.dispose()
          resolve(new ChannelSocket(channel, session))
        })
      } catch (error) {
        fail(error)
      }
    })
  }
}
