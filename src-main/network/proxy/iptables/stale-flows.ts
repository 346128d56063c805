import type { ServicePortRoutes } from '../service-ports.ts'

/**
 * The commands that make the kernel forget flows which rules no longer stand for: UDP has no end that it would notice,
 * so a client would go on talking to an endpoint that is gone, or to none where there is one now. Pure.
 */
export function staleFlows(before: readonly ServicePortRoutes[], after: readonly ServicePortRoutes[]): string[][] {
  const next = new Map(after.map((port) => [keyOf(port), port]))
  return before
    .filter(({ protocol }) => protocol === 'udp')
    .flatMap((port) => {
      const now = next.get(keyOf(port))
      const left = new Set((now?.endpoints ?? []).map(({ address }) => address))
      const gone = [...new Set(port.endpoints.map(({ address }) => address))].filter((address) => !left.has(address))
      const addresses = [port.clusterAddress, ...port.externalAddresses]
      const forgotten = gone.flatMap((endpoint) =>
        addresses.map((address) => [...forget(address), '--dst-nat', endpoint]),
      )
      const appeared = port.endpoints.length === 0 && left.size > 0
      return appeared ? [...forgotten, ...addresses.map(forget)] : forgotten
    })
}

const keyOf = ({ name, protocol, clusterAddress }: ServicePortRoutes): string => `${name} ${protocol} ${clusterAddress}`

const forget = (address: string): string[] => ['conntrack', '-D', '-p', 'udp', '--orig-dst', address]
