import type { Clock } from '../../../lib/clock.ts'
import type { Disposable } from '../../../lib/disposable.ts'
import type { Log } from '../../../lib/log.ts'
import type { Machine } from '../../../machines/machine.ts'
import { Balancer } from './balancer.ts'
import { Forwarder } from './forwarder.ts'
import type { WantedListener } from './rules.ts'

interface OpenListener extends Disposable {
  readonly port: number
  readonly balancer: Balancer
}

/**
 * Keeps the ports by which a worker's connections to services come to the app. They are the app's: while it does not
 * run, nobody answers at them, and the next run opens others and leads the rules there.
 */
export class UserspaceApplier implements Disposable {
  private readonly machine: Machine
  private readonly clock: Clock
  private readonly forwarder: Forwarder
  private readonly listeners = new Map<string, OpenListener>()

  constructor(options: { machine: Machine; clock: Clock; log: Log }) {
    this.machine = options.machine
    this.clock = options.clock
    this.forwarder = new Forwarder(options)
  }

  /** For the record of what the proxy does. */
  get facts(): Readonly<Record<string, number>> {
    return { listeners: this.listeners.size, 'connections.open': this.forwarder.open, ...this.forwarder.counters }
  }

  /**
   * Opens the ports that are missing, has the rules written with them (by chain), and closes the ports to which no rule
   * leads any more: at no time does a rule lead nowhere. Connections that stand go on to their own end.
   * A chain whose port cannot be opened is left to the iptables mode, and the call rejects when all the rest is done.
   */
  async apply<T>(
    wanted: readonly WantedListener[],
    writeRules: (redirects: ReadonlyMap<string, number>) => Promise<T>,
  ): Promise<T> {
    const opened = await Promise.allSettled(wanted.map((listener) => this.open(listener)))
    const redirects = new Map<string, number>()
    for (const { chain } of wanted) {
      const port = this.listeners.get(chain)?.port
      if (port !== undefined) redirects.set(chain, port)
    }
    const written = await writeRules(redirects)
    await this.close([...this.listeners.keys()].filter((chain) => !redirects.has(chain)))
    const failures = opened.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []))
    if (failures.length > 0) throw new AggregateError(failures, `ports that could not be opened: ${failures.length}`)
    return written
  }

  /** Ends all connections as well. */
  async dispose(): Promise<void> {
    this.forwarder.dispose()
    await this.close([...this.listeners.keys()])
  }

  private async open({ chain, targets, affinitySeconds }: WantedListener): Promise<void> {
    const known = this.listeners.get(chain)
    const balancer = known?.balancer ?? new Balancer(() => this.clock.monotonic())
    balancer.update(targets, affinitySeconds)
    if (known !== undefined) return
    const listener = await this.machine.listenTcp(0, (socket, source) => {
      void this.forwarder.forward(socket, source, balancer)
    })
    this.listeners.set(chain, { port: listener.port, balancer, dispose: () => listener.dispose() })
  }

  private async close(chains: readonly string[]): Promise<void> {
    await Promise.all(
      chains.map(async (chain) => {
        const listener = this.listeners.get(chain)
        this.listeners.delete(chain)
        await listener?.dispose()
      }),
    )
  }
}
