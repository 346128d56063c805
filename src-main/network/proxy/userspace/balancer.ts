import type { ServiceTarget } from '../service-ports.ts'

interface Affinity {
  readonly target: ServiceTarget
  readonly untilMs: number
}

/** Says which endpoints a connection should try, and in which order: in turn, or a client's own first. */
export class Balancer {
  private readonly monotonic: () => number
  private targets: readonly ServiceTarget[] = []
  private affinitySeconds: number | undefined
  private turn = 0
  /** By the client's address; those whose time is over first. */
  private readonly affinities = new Map<string, Affinity>()

  constructor(monotonic: () => number) {
    this.monotonic = monotonic
  }

  update(targets: readonly ServiceTarget[], affinitySeconds: number | undefined): void {
    // Another timeout breaks the order of the affinities: each client is simply met anew.
    if (affinitySeconds !== this.affinitySeconds) this.affinities.clear()
    this.targets = targets
    this.affinitySeconds = affinitySeconds
  }

  /** Every endpoint once. `client` is the address of who connects, when it is known. */
  order(client?: string): readonly ServiceTarget[] {
    const own = client === undefined ? undefined : this.ownTarget(client)
    const start = this.targets.length === 0 ? 0 : this.turn % this.targets.length
    const round = [...this.targets.slice(start), ...this.targets.slice(0, start)]
    if (own !== undefined) return [own, ...round.filter((target) => target !== own)]
    this.turn = start + 1
    return round
  }

  /** The client is connected to this endpoint: with session affinity, its next connections try it first. */
  connected(client: string | undefined, target: ServiceTarget): void {
    if (client === undefined || this.affinitySeconds === undefined) return
    const now = this.monotonic()
    this.affinities.delete(client)
    this.affinities.set(client, { target, untilMs: now + this.affinitySeconds * 1000 })
    for (const [address, { untilMs }] of this.affinities) {
      if (untilMs > now) break
      this.affinities.delete(address)
    }
  }

  private ownTarget(client: string): ServiceTarget | undefined {
    const affinity = this.affinities.get(client)
    if (affinity === undefined || affinity.untilMs <= this.monotonic()) return undefined
    const { address, port } = affinity.target
    return this.targets.find((target) => target.address === address && target.port === port)
  }
}
