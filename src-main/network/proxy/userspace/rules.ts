/**
 * What the userspace mode adds to the rules of a node: pure. A chain that would spread the connections of a TCP port
 * over endpoints leads to a port of the worker's loopback instead, and the app behind it spreads them. Everything else
 * is as in the iptables mode, also UDP and SCTP, which no SSH connection can forward.
 */
import { spreadingChains } from '../iptables/rules.ts'
import type { ServicePortRoutes, ServiceTarget } from '../service-ports.ts'

/** One port to listen on, named by the chain that leads to it. */
export interface WantedListener {
  readonly chain: string
  readonly targets: readonly ServiceTarget[]
  /** For how long a client stays with its endpoint; undefined: not at all. */
  readonly affinitySeconds: number | undefined
}

/** Remembers the listeners of ports that have not changed. */
export type ListenersCache = WeakMap<ServicePortRoutes, readonly WantedListener[]>

/** A port with traffic policies that differ has two listeners: for all endpoints, and for those of this node. */
export function wantedListeners(
  ports: readonly ServicePortRoutes[],
  cache: ListenersCache = new WeakMap(),
): WantedListener[] {
  return ports.flatMap((port) => {
    const known = cache.get(port) ?? listenersOf(port)
    cache.set(port, known)
    return known
  })
}

function listenersOf(port: ServicePortRoutes): WantedListener[] {
  if (port.protocol !== 'tcp') return []
  return spreadingChains(port).map((chain) => ({ ...chain, affinitySeconds: port.affinitySeconds }))
}
