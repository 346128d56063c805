/**
 * The lab's network: a bridge in a namespace of its own (the switch), a cable to it from each worker and one from the
 * host. In the switch no packet passes the host's iptables, whatever its FORWARD policy is. Pure: commands as data.
 */
import type { MachineSpec, ProviderContext } from '../../provider.ts'
import type { HostCommand } from './commands.ts'
import type { LabLayout } from './layout.ts'

const octets = (address: string): number[] => address.split('.').map(Number)
const hex = (values: readonly number[]): string[] => values.map((value) => value.toString(16).padStart(2, '0'))

export function prefixLength(cidr: string): number {
  return Number(cidr.split('/')[1])
}

/** The host's address on the lab's network: the first one. */
export function hostAddress(cidr: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = octets(cidr.split('/')[0] ?? '')
  return [a, b, c, d + 1].join('.')
}

/** Follows from the address: a new MAC behind an old address is not found for seconds, until ARP forgets the old one. */
export function macOf(address: string): string {
  return ['02', '6f', ...hex(octets(address))].join(':')
}

/** The switch's end of a worker's cable. */
export function portOf(address: string): string {
  return `n${hex(octets(address)).join('')}`
}

/**
 * The routes that keep pod and service addresses from leaving the host have a metric of the lab's own: several labs may
 * block the same networks, and a real route of the host comes first.
 */
export function routeMetric(labId: string): number {
  let hash = 0
  for (const character of labId) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0
  return 1_000_000 + (hash % 1_000_000)
}

const inside = (namespace: string, ...argv: string[]): string[] => ['nsenter', `--net=${namespace}`, ...argv]
const ip = (namespace: string | undefined, lines: readonly string[]): HostCommand => {
  const argv = ['ip', '-batch', '-']
  return { argv: namespace === undefined ? argv : inside(namespace, ...argv), input: `${lines.join('\n')}\n` }
}

/** A namespace that lives as long as its file is mounted. The file must exist. */
export const makeNamespace = (file: string): HostCommand => ({ argv: ['unshare', `--net=${file}`, 'true'] })

/** In the switch, bridged packets pass no iptables at all. */
const bypassIptables = 'for f in /proc/sys/net/bridge/bridge-nf-call-*; do [ ! -e "$f" ] || echo 0 > "$f"; done'

/** Builds the switch and the host's cable to it. The namespace must exist. */
export function switchCommands(context: ProviderContext, lab: LabLayout): HostCommand[] {
  const { machines, pods, services } = context.networks
  const address = hostAddress(machines)
  const metric = routeMetric(context.labId)
  return [
    { argv: inside(lab.switchNamespace, 'sh', '-c', bypassIptables) },
    ip(lab.switchNamespace, [
      `link add ${lab.bridge} type bridge stp_state 0 forward_delay 0`,
      `link set ${lab.bridge} up`,
      'link set lo up',
    ]),
    ip(undefined, [
      `link add ${lab.hostLink} address ${macOf(address)} type veth peer name ${lab.switchLink} netns ${lab.switchNamespace}`,
      `addr add ${address}/${prefixLength(machines)} dev ${lab.hostLink}`,
      `link set ${lab.hostLink} up`,
      `route replace unreachable ${pods} metric ${metric}`,
      `route replace unreachable ${services} metric ${metric}`,
    ]),
    ip(lab.switchNamespace, [`link set ${lab.switchLink} master ${lab.bridge}`, `link set ${lab.switchLink} up`]),
  ]
}

export function removeSwitchCommands(context: ProviderContext, lab: LabLayout): HostCommand[] {
  const metric = String(routeMetric(context.labId))
  const { pods, services } = context.networks
  return [
    ...[pods, services].map((cidr) => ({
      argv: ['ip', 'route', 'del', 'unreachable', cidr, 'metric', metric],
      mayFail: true,
    })),
    { argv: ['ip', 'link', 'del', lab.hostLink], mayFail: true },
    ...removeNamespaceCommands(lab.switchNamespace),
  ]
}

/** Connects a worker. Its namespace and the switch must exist. */
export function cableCommands(
  context: ProviderContext,
  lab: LabLayout,
  namespace: string,
  { address }: Pick<MachineSpec, 'address'>,
): HostCommand[] {
  const { machines } = context.networks
  const port = portOf(address)
  return [
    ip(lab.switchNamespace, [
      `link add ${port} type veth peer name eth0 address ${macOf(address)} netns ${namespace}`,
      `link set ${port} master ${lab.bridge}`,
      `link set ${port} up`,
    ]),
    ip(namespace, [
      'link set lo up',
      `addr add ${address}/${prefixLength(machines)} dev eth0`,
      'link set eth0 up',
      `route add default via ${hostAddress(machines)}`,
    ]),
  ]
}

/** A namespace goes some time after its last use, and its cable with it: the cable is taken away by hand. */
export function removeCableCommands(namespace: string): HostCommand[] {
  return [
    { argv: inside(namespace, 'ip', 'link', 'del', 'eth0'), mayFail: true },
    ...removeNamespaceCommands(namespace),
  ]
}

const removeNamespaceCommands = (file: string): HostCommand[] => [
  { argv: ['umount', file], mayFail: true },
  { argv: ['rm', '-f', file] },
]
