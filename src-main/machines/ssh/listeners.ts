import type { Duplex } from 'node:stream'
import type { ClientChannel, TcpConnectionDetails } from 'ssh2'
import { Backoff } from '../../lib/backoff.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { describeError, type Log } from '../../lib/log.ts'
import type { Random } from '../../lib/random.ts'
import { MachineError } from '../machine.ts'
import { ChannelSocket } from './channel-socket.ts'
import type { Session } from './session.ts'

type Accept = (socket: Duplex, source?: string) => void

/** sshd binds the loopback only, whatever it is asked for. */
const listenHost = '127.0.0.1'
const restoreBackoff = { initialMs: 200, maximumMs: 2_000 }

export interface ListenersOptions {
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** Ports on the worker's loopback whose connections come to the app, kept across sessions. */
export class Listeners {
  private readonly accepts = new Map<number, Accept>()
  private readonly options: ListenersOptions
  /** The session of the moment, for closing a port that an earlier one opened. */
  private readonly current: () => Session | undefined

  constructor(options: ListenersOptions, current: () => Session | undefined) {
    this.options = options
    this.current = current
  }

  /** Hands the connections of a session to those who listen; called once a session, before any port is opened on it. */
  attach(session: Session): void {
    session.client.on('tcp connection', (details: TcpConnectionDetails, accept, reject) => {
      const listener = this.accepts.get(details.destPort)
      if (listener === undefined) reject()
      else listener(new ChannelSocket((accept as () => ClientChannel)(), session), details.srcIP)
    })
  }

  /** Opens all ports again on a new session. sshd may hold one for a while until it notices that the old one is dead. */
  async restore(session: Session): Promise<void> {
    this.attach(session)
    await Promise.all([...this.accepts.keys()].map((port) => this.reopen(session, port)))
  }

  async listen(session: Session, port: number, accept: Accept): Promise<{ readonly port: number } & Disposable> {
    if (this.accepts.has(port)) throw this.taken(port)
    if (port !== 0) this.accepts.set(port, accept)
    let bound: number
    try {
      bound = await forwardIn(session, port)
    } catch (error) {
      this.accepts.delete(port)
      throw this.taken(port, error)
    }
    this.accepts.set(bound, accept)
    return { port: bound, dispose: () => this.close(bound, accept) }
  }

  private async close(port: number, accept: Accept): Promise<void> {
    if (this.accepts.get(port) !== accept) return
    this.accepts.delete(port)
    const session = this.current()
    if (session === undefined) return
    await new Promise<void>((resolve) => {
      const lost = session.onLost(() => resolve())
      session.client.unforwardIn(listenHost, port, (error) => {
        void lost.dispose()
        if (error !== undefined)
          this.options.log.warn('a port stays open', { machine: this.options.name, port, cause: describeError(error) })
        resolve()
      })
    })
  }

  /** Resolves after the first try; further ones go on until the port is open, closed for good, or the session is lost. */
  private async reopen(session: Session, port: number): Promise<void> {
    const { name, clock, random, log } = this.options
    const backoff = new Backoff(restoreBackoff, random)
    let lost = false
    const losing = session.onLost(() => (lost = true))
    const attempt = async (): Promise<boolean> => {
      if (lost || !this.accepts.has(port)) return true
      try {
        await forwardIn(session, port)
        return true
      } catch (error) {
        log.warn('a port cannot be opened again yet', { machine: name, port, cause: describeError(error) })
        return false
      }
    }
    const retry = (): void => {
      clock.after(backoff.next(), () => {
        void attempt().then((done) => (done ? losing.dispose() : retry()))
      })
    }
    if (await attempt()) void losing.dispose()
    else retry()
  }

  private taken(port: number, cause?: unknown): MachineError {
    return new MachineError('Failed', `${this.options.name}: port ${port} cannot be listened on`, cause)
  }
}

function forwardIn(session: Session, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const lost = session.onLost(reject)
    session.client.forwardIn(listenHost, port, (error, bound) => {
      void lost.dispose()
      if (error === undefined) resolve(port === 0 ? bound : port)
      else reject(error)
    })
  })
}
