import { Backoff } from '../../lib/backoff.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { Emitter } from '../../lib/emitter.ts'
import { describeError, type Log } from '../../lib/log.ts'
import type { Random } from '../../lib/random.ts'
import { MachineError } from '../machine.ts'
import { openSession, type Session, type SessionTarget } from './session.ts'

export interface LinkDependencies {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** How long a call waits for a lost connection to come back before it fails. */
const reconnectPatienceMs = 5_000
const reconnectBackoff = { initialMs: 100, maximumMs: 5_000 }
const firstTryBackoff = { initialMs: 25, maximumMs: 250, factor: 1.5 }

/** Keeps one session to a machine: makes it anew, with backoff, whenever it is lost. */
export class Link implements Disposable {
  private session: Session | undefined
  private readonly target: SessionTarget
  private readonly dependencies: LinkDependencies
  private readonly abort = new AbortController()
  private readonly connections = new Emitter<boolean>()
  /** Runs on every new session before anyone is told of it. */
  private readonly restores: ((session: Session) => Promise<void>)[] = []
  private keeping: Promise<void> = Promise.resolve()

  constructor(target: SessionTarget, dependencies: LinkDependencies) {
    this.target = target
    this.dependencies = dependencies
  }

  /** The first connection: tries again until `patienceMs` is over, as a machine that boots refuses at first. */
  async connect(patienceMs: number, signal?: AbortSignal): Promise<void> {
    const { clock, random } = this.dependencies
    const deadline = clock.monotonic() + patienceMs
    const backoff = new Backoff(firstTryBackoff, random)
    const either = signal === undefined ? this.abort.signal : AbortSignal.any([signal, this.abort.signal])
    for (;;) {
      try {
        const session = await openSession(this.target, either)
        this.keeping = this.keep(session)
        await this.current()
        return
      } catch (error) {
        const hopeless = error instanceof MachineError && error.code !== 'Unreachable' && error.code !== 'Timeout'
        if (hopeless || clock.monotonic() >= deadline || either.aborted) throw error
        await clock.sleep(backoff.next(), either)
      }
    }
  }

  /** The session, or the next one when it was lost. Rejects with `Unreachable` when that takes too long. */
  async current(): Promise<Session> {
    if (this.abort.signal.aborted) throw this.disposed()
    if (this.session !== undefined) return this.session
    const { promise, resolve, reject } = Promise.withResolvers<Session>()
    const unreachable = new MachineError('Unreachable', `${this.target.name}: the SSH connection is lost`)
    const timer = this.dependencies.clock.after(reconnectPatienceMs, () => reject(unreachable))
    const listening = this.connections.on(() => {
      if (this.session !== undefined) resolve(this.session)
      else if (this.abort.signal.aborted) reject(this.disposed())
    })
    return promise.finally(() => {
      void timer.dispose()
      void listening.dispose()
    })
  }

  get connected(): Session | undefined {
    return this.session
  }

  onConnection(listener: (connected: boolean) => void): Disposable {
    return this.connections.on(listener)
  }

  onSession(restore: (session: Session) => Promise<void>): void {
    this.restores.push(restore)
  }

  async dispose(): Promise<void> {
    if (this.abort.signal.aborted) return
    this.abort.abort(this.disposed())
    this.session?.end()
    await this.keeping
    this.connections.emit(false)
  }

  /** Runs until the link is disposed: waits for the loss of a session and replaces it. */
  private async keep(first: Session): Promise<void> {
    for (let session: Session | undefined = first; session !== undefined; session = await this.reconnect()) {
      const lost = new Promise<MachineError>((resolve) => session?.onLost(resolve))
      const isGone = await Promise.race([lost, this.restore(session)])
      if (isGone === undefined) {
        this.session = session
        this.connections.emit(true)
      }
      const error = await lost
      this.session = undefined
      if (this.abort.signal.aborted) return
      this.dependencies.log.warn('the SSH connection is lost', {
        machine: this.target.name,
        cause: describeError(error),
      })
      this.connections.emit(false)
    }
  }

  private async restore(session: Session): Promise<undefined> {
    for (const restore of this.restores) await restore(session)
    return undefined
  }

  /** Undefined when the link was disposed meanwhile. */
  private async reconnect(): Promise<Session | undefined> {
    const { clock, random, log } = this.dependencies
    const { signal } = this.abort
    const backoff = new Backoff(reconnectBackoff, random)
    let told = ''
    for (;;) {
      try {
        const session = await openSession(this.target, signal)
        log.info('the SSH connection is back', { machine: this.target.name })
        return session
      } catch (error) {
        if (signal.aborted) return undefined
        const cause = describeError(error)
        if (cause !== told) log.warn('no SSH connection, trying again', { machine: this.target.name, cause })
        told = cause
        try {
          await clock.sleep(backoff.next(), signal)
        } catch {
          // Only disposal ends the sleep early.
          return undefined
        }
      }
    }
  }

  private disposed(): MachineError {
    return new MachineError('Disposed', `${this.target.name}: the machine's connection was closed by the app`)
  }
}
