import type { Pod } from '../api/types/core-v1.ts'

/** A port of the node that leads to a port of one of its pods. */
export interface HostPort {
  /** `default/web`, for whoever reads the rules. */
  readonly pod: string
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly port: number
  /** The only address of the node at which it is open; undefined: all. */
  readonly hostAddress: string | undefined
  readonly target: { readonly address: string; readonly port: number }
}

const anyAddresses = new Set(['', '0.0.0.0'])

/** The host ports of the pods that run on this node: pure. Pods on the host's network have their ports there anyway. */
export function hostPorts(pods: readonly Pod[]): HostPort[] {
  return pods
    .flatMap(({ metadata, spec, status }) => {
      const address = status?.podIP
      const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed'
      if (address === undefined || ended || spec?.hostNetwork === true) return []
      const ports = spec?.containers.flatMap((container) => container.ports ?? []) ?? []
      return ports.flatMap(({ hostPort, hostIP = '', containerPort, protocol = 'TCP' }): HostPort[] => {
        if (hostPort === undefined || hostPort === 0) return []
        return [
          {
            pod: `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`,
            protocol: protocol === 'UDP' ? 'udp' : protocol === 'SCTP' ? 'sctp' : 'tcp',
            port: hostPort,
            hostAddress: anyAddresses.has(hostIP) ? undefined : hostIP,
            target: { address, port: containerPort },
          },
        ]
      })
    })
    .toSorted((left, right) => left.port - right.port || (left.pod < right.pod ? -1 : 1))
}
