/** One of several that could do a job does it: whoever holds a Lease, as client-go elects leaders. */
import { lease } from '../api/kinds/coordination/lease.ts'
import { isReason } from '../api/errors.ts'
import type { Live } from '../api/meta/object.ts'
import type { Lease, LeaseSpec } from '../api/types/coordination-v1.ts'
import { microTimestamp, type Clock } from '../lib/clock.ts'
import type { Disposable } from '../lib/disposable.ts'
import { describeError, type Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import type { Client } from './client.ts'

export interface LeaderElectionOptions {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The Lease's name, in kube-system. */
  readonly lease: string
  /** Different for each candidate. */
  readonly identity: string
  /** What the leader says of itself in the Lease; absent: nothing. */
  readonly annotations?: () => Readonly<Record<string, string>>
  /** Starts what only the leader runs; it is ended when the lead is lost. */
  readonly lead: () => Disposable
  /** How long a leader that says nothing is still believed; absent: 15. */
  readonly leaseSeconds?: number
  /** A leader that could not renew for so long gives up, before others take over; absent: 10. */
  readonly renewSeconds?: number
  readonly retrySeconds?: number
}

const namespace = 'kube-system'

/** Takes part until disposed; a leader that is disposed hands the lead back at once. */
export function startLeaderElection(options: LeaderElectionOptions): Disposable {
  const candidate = new Candidate(options)
  const running = candidate.run()
  return {
    async dispose() {
      candidate.stop()
      await running
    },
  }
}

class Candidate {
  private readonly options: LeaderElectionOptions
  private readonly stopped = new AbortController()
  private job: Disposable | undefined
  private renewedAt = 0
  /** The newest state of the Lease, and when it was first seen here: other hosts' clocks are not believed. */
  private seen: { readonly version: string; readonly at: number } | undefined

  constructor(options: LeaderElectionOptions) {
    this.options = options
  }

  stop(): void {
    this.stopped.abort()
  }

  async run(): Promise<void> {
    const { clock, random, retrySeconds = 2 } = this.options
    while (!this.stopped.signal.aborted) {
      await this.round()
      // Chance keeps candidates apart that were started together.
      const pauseMs = retrySeconds * 1000 * (1 + random.next() * 0.2)
      // Only stopping ends the pause early.
      await clock.sleep(pauseMs, this.stopped.signal).catch(() => undefined)
    }
    await this.resign(true)
  }

  private async round(): Promise<void> {
    const { clock, log, renewSeconds = 10, lease: name, identity } = this.options
    try {
      if (await this.tryToHold()) {
        this.renewedAt = clock.monotonic()
        if (this.job !== undefined) return
        log.info(`${identity} leads ${name}`)
        this.job = this.options.lead()
      } else await this.resign(false)
    } catch (error) {
      log.warn(`the lease ${name} could not be renewed: ${describeError(error)}`)
      if (clock.monotonic() - this.renewedAt > renewSeconds * 1000) await this.resign(false)
    }
  }

  private async tryToHold(): Promise<boolean> {
    const { client, clock, lease: name, identity, leaseSeconds = 15 } = this.options
    const current = await this.read()
    const now = microTimestamp(clock.now())
    const annotations = this.options.annotations?.() ?? {}
    const mine: LeaseSpec = { holderIdentity: identity, leaseDurationSeconds: leaseSeconds, renewTime: now }
    if (current === undefined)
      return won(
        client.create(lease, {
          metadata: { name, namespace, annotations },
          spec: { ...mine, acquireTime: now, leaseTransitions: 0 },
        }),
      )
    const { spec = {} } = current
    const held = spec.holderIdentity ?? ''
    if (held !== '' && held !== identity && this.believes(current)) return false
    const taken = held === identity ? {} : { acquireTime: now, leaseTransitions: (spec.leaseTransitions ?? 0) + 1 }
    const metadata = { ...current.metadata, annotations: { ...current.metadata.annotations, ...annotations } }
    return won(client.update(lease, { ...current, metadata, spec: { ...spec, ...mine, ...taken } }))
  }

  private async read(): Promise<Live<Lease> | undefined> {
    const { client, lease: name } = this.options
    try {
      return await client.get(lease, { namespace, name })
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined
      throw error
    }
  }

  /** Whether the one who holds the Lease has said something for as long as he promised to. */
  private believes({ metadata, spec }: Live<Lease>): boolean {
    const { clock } = this.options
    const version = metadata.resourceVersion
    if (this.seen?.version !== version) this.seen = { version, at: clock.monotonic() }
    return clock.monotonic() - this.seen.at < (spec?.leaseDurationSeconds ?? 15) * 1000
  }

  private async resign(handBack: boolean): Promise<void> {
    const { job } = this
    if (job === undefined) return
    this.job = undefined
    await job.dispose()
    const { client, log, lease: name, identity } = this.options
    if (!handBack) return log.warn(`${identity} no longer leads ${name}`)
    try {
      const current = await this.read()
      if (current?.spec?.holderIdentity !== identity) return
      await client.update(lease, { ...current, spec: { ...current.spec, holderIdentity: '', leaseDurationSeconds: 1 } })
    } catch (error) {
      // Then the others wait until it has run out.
      log.info(`the lease ${name} could not be handed back: ${describeError(error)}`)
    }
  }
}

/** Losing to another writer is no failure. */
async function won(write: Promise<unknown>): Promise<boolean> {
  try {
    await write
    return true
  } catch (error) {
    if (isReason(error, 'Conflict') || isReason(error, 'AlreadyExists')) return false
    throw error
  }
}
