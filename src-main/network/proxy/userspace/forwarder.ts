import type { Duplex } from 'node:stream'
import type { Clock } from '../../../lib/clock.ts'
import type { Disposable } from '../../../lib/disposable.ts'
import { describeError, type Log } from '../../../lib/log.ts'
import { MachineError, type Machine } from '../../../machines/machine.ts'
import { joinSockets } from '../../join-sockets.ts'
import type { ServiceTarget } from '../service-ports.ts'
import type { Balancer } from './balancer.ts'

/** Since the start of the proxy. */
export interface ForwarderCounters {
  connections: number
  /** Tries of endpoints that did not accept in time. */
  refusals: number
  /** Connections that no endpoint accepted: their clients saw them end at once. */
  unanswered: number
}

/** An endpoint whose node is gone answers nothing at all; the next one is better than a long wait. */
const connectLimitMs = 2_000

/** Leads connections of clients to endpoints, by way of the worker on which they came. */
export class Forwarder implements Disposable {
  readonly counters: ForwarderCounters = { connections: 0, refusals: 0, unanswered: 0 }
  private readonly machine: Machine
  private readonly clock: Clock
  private readonly log: Log
  private readonly clients = new Set<Duplex>()

  constructor({ machine, clock, log }: { machine: Machine; clock: Clock; log: Log }) {
    this.machine = machine
    this.clock = clock
    this.log = log
  }

  /** How many connections there are now. */
  get open(): number {
    return this.clients.size
  }

  /** Takes the connection over; resolves when it has reached an endpoint, or was closed for want of one. */
  async forward(client: Duplex, address: string | undefined, balancer: Balancer): Promise<void> {
    this.counters.connections++
    this.clients.add(client)
    client.once('close', () => this.clients.delete(client))
    for (const target of balancer.order(address)) {
      const endpoint = await this.connect(target)
      if (client.destroyed) {
        endpoint?.destroy()
        return
      }
      if (endpoint === undefined) continue
      balancer.connected(address, target)
      joinSockets(client, endpoint)
      return
    }
    this.counters.unanswered++
    client.destroy()
  }

  /** Ends every connection. */
  dispose(): void {
    for (const client of this.clients) client.destroy()
  }

  private async connect({ address, port }: ServiceTarget): Promise<Duplex | undefined> {
    try {
      return await this.within(connectLimitMs, this.machine.openTcp(address, port))
    } catch (error) {
      this.counters.refusals++
      this.log.debug('an endpoint does not accept a connection', { address, port, cause: describeError(error) })
      return undefined
    }
  }

  private within(limitMs: number, opening: Promise<Duplex>): Promise<Duplex> {
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>()
    let late = false
    const timer = this.clock.after(limitMs, () => {
      late = true
      reject(new MachineError('Timeout', `no answer within ${limitMs} ms`))
    })
    opening.then(
      (socket) => {
        void timer.dispose()
        if (late) socket.destroy()
        else resolve(socket)
      },
      (error: unknown) => {
        void timer.dispose()
        reject(error)
      },
    )
    return promise
  }
}
