/** The commands that connect pods and nodes: pure texts. Values go in as arguments, never into a script's text. */
import { addressNumber } from './cidr.ts'
import { hostPortMark } from './host-ports.ts'

export const bridgeName = 'cni0'
/** Marks the routes that are ours, so that stale ones can be told from those of the worker. */
export const routeProtocol = '186'

/** Arguments: bridge, its address with the prefix length, the pods' network of the cluster. */
const nodeScript = `set -e
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.route_localnet=1
modprobe br_netfilter 2>/dev/null || true
sysctl -qw net.bridge.bridge-nf-call-iptables=1 2>/dev/null || true
ip link show "$1" >/dev/null 2>&1 || ip link add "$1" type bridge
ip addr replace "$2" dev "$1"
ip link set "$1" up
sysctl -qw "net.ipv4.conf.$1.route_localnet=1"
iptables-restore --noflush -w 5 <<RULES
*filter
:ORRERY-FORWARD - [0:0]
-A ORRERY-FORWARD -s $3 -j ACCEPT
-A ORRERY-FORWARD -d $3 -j ACCEPT
COMMIT
*nat
:ORRERY-MASQUERADE - [0:0]
-A ORRERY-MASQUERADE -m mark --mark ${hostPortMark} -j MASQUERADE
-A ORRERY-MASQUERADE -s $3 ! -d $3 -j MASQUERADE
COMMIT
RULES
iptables -w 5 -C FORWARD -j ORRERY-FORWARD 2>/dev/null || iptables -w 5 -A FORWARD -j ORRERY-FORWARD
iptables -w 5 -t nat -N ORRERY-HOSTPORTS 2>/dev/null || true
for from in PREROUTING OUTPUT; do
  set -- "$from" -m addrtype --dst-type LOCAL -j ORRERY-HOSTPORTS
  iptables -w 5 -t nat -C "$@" 2>/dev/null || iptables -w 5 -t nat -A "$@"
done
iptables -w 5 -t nat -C POSTROUTING -j ORRERY-MASQUERADE 2>/dev/null || iptables -w 5 -t nat -A POSTROUTING -j ORRERY-MASQUERADE
`

export function nodeCommand(bridgeAddress: string, clusterCidr: string): string[] {
  return ['sh', '-c', nodeScript, 'sh', bridgeName, bridgeAddress, clusterCidr]
}

/** Arguments: link, process, address with prefix length, link-layer address, gateway, bridge. */
const podScript = `set -e
ip link del "$1" 2>/dev/null || true
ip -b - <<HOST
link add $1 type veth peer name eth0 address $4 netns $2
link set $1 master $6 up
link set $1 type bridge_slave hairpin on
HOST
nsenter -t "$2" -n ip -b - <<POD
link set lo up
addr add $3 dev eth0
link set eth0 up
route add default via $5
POD
`

export interface PodLink {
  readonly link: string
  readonly pid: number
  readonly address: string
  readonly prefixBits: number
  readonly gateway: string
}

export function podCommand({ link, pid, address, prefixBits, gateway }: PodLink): string[] {
  const arguments_ = [link, String(pid), `${address}/${prefixBits}`, hardwareAddress(address), gateway, bridgeName]
  return ['sh', '-c', podScript, 'sh', ...arguments_]
}

/** An address on the wire that follows from the IP address: a pod that gets an old address is found at once. */
export function hardwareAddress(address: string): string {
  const value = addressNumber(address) ?? 0
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256)
  return ['0a', '58', ...bytes.map((byte) => byte.toString(16).padStart(2, '0'))].join(':')
}

export interface Route {
  readonly network: string
  readonly via: string
}

/** Input for `ip -b -`: what is missing is added, what is not wanted any more goes. Undefined: nothing to do. */
export function routeBatch(wanted: readonly Route[], present: readonly Route[]): string | undefined {
  const text = ({ network, via }: Route): string => `${network} via ${via}`
  const has = new Set(present.map(text))
  const networks = new Set(wanted.map(({ network }) => network))
  const lines = [
    ...present
      .filter(({ network }) => !networks.has(network))
      .map(({ network }) => `route del ${network} proto ${routeProtocol}`),
    ...wanted
      .filter((route) => !has.has(text(route)))
      .map((route) => `route replace ${text(route)} proto ${routeProtocol}`),
  ]
  return lines.length === 0 ? undefined : `${lines.join('\n')}\n`
}
