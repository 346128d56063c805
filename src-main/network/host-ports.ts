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

/** Connections that came by a host port, and need their answer back through the node. */
export const hostPortMark = '0x2000/0x2000'
const chain = 'ORRERY-HOSTPORTS'

/** Input for `iptables-restore --noflush`: pure. */
export function hostPortText(ports: readonly HostPort[]): string {
  const rules = ports.flatMap(({ pod, protocol, port, hostAddress, target }) => {
    const to = hostAddress === undefined ? '' : ` -d ${hostAddress}/32`
    const at = `-A ${chain} -m comment --comment "${pod} host port" -m ${protocol} -p ${protocol}${to} --dport ${port}`
    return [
      // The node itself and the pod itself must not be seen as the source: the answer would take another way.
      `${at} -s ${target.address}/32 -j MARK --set-xmark ${hostPortMark}`,
      `${at} -m addrtype --src-type LOCAL -j MARK --set-xmark ${hostPortMark}`,
      `${at} -j DNAT --to-destination ${target.address}:${target.port}`,
    ]
  })
  return ['*nat', `:${chain} - [0:0]`, ...rules, 'COMMIT', ''].join('\n')
}
