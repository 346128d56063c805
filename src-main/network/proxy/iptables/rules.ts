/** The whole ruleset of one node, as kube-proxy's iptables mode would route: pure. */
import type { ServicePortRoutes, ServiceTarget } from '../service-ports.ts'
import { endpointChain, externalChain, localChain, serviceChain } from './chains.ts'

/** A service address whose traffic ends on the node itself, whatever its Service object says: DNS, the API server. */
export interface LocalRoute {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly protocol: 'tcp' | 'udp'
  /** `127.0.0.1:6443` */
  readonly target: string
}

export interface RulesInput {
  readonly ports: readonly ServicePortRoutes[]
  readonly clusterCidr: string
  readonly localRoutes: readonly LocalRoute[]
  /** Chains that lead to a port of the worker's loopback instead of spreading connections over endpoints. */
  readonly redirects?: ReadonlyMap<string, number>
}

/** Chains by name, each a list of rules without their `-A CHAIN`. Order matters within a chain only. */
export type Chains = ReadonlyMap<string, readonly string[]>

export interface Ruleset {
  readonly nat: Chains
  readonly filter: Chains
}

const mark = '0x4000/0x4000'
const toThisNode = '-m addrtype --dst-type LOCAL'

/** Remembers the rules of ports that have not changed: of thousands of services, a change touches one. */
export type RulesCache = WeakMap<ServicePortRoutes, PortRuleset>

interface PortRuleset extends Ruleset {
  /** The chains that spread connections, each with the port that it led to instead when the rules were made. */
  readonly redirects: ReadonlyMap<string, number | undefined>
}

const noRedirects: ReadonlyMap<string, number> = new Map()

export function iptablesRules(
  { ports, clusterCidr, localRoutes, redirects = noRedirects }: RulesInput,
  cache: RulesCache = new WeakMap(),
): Ruleset {
  const { nat, filter } = baseChains()
  nat.get('KUBE-SERVICES')?.push(...localRoutes.map(localRule))
  for (const port of ports) {
    const known = cache.get(port)
    const own = isCurrent(known, redirects) ? known : new PortRules(clusterCidr, port, redirects).build()
    cache.set(port, own)
    merge(nat, own.nat)
    merge(filter, own.filter)
  }
  nat
    .get('KUBE-SERVICES')
    ?.push(`-m comment --comment "node ports; this must be the last rule" ${toThisNode} -j KUBE-NODEPORTS`)
  return { nat, filter }
}

function isCurrent(known: PortRuleset | undefined, redirects: ReadonlyMap<string, number>): known is PortRuleset {
  return known !== undefined && [...known.redirects].every(([chain, port]) => redirects.get(chain) === port)
}

/** Chains that all ports share get more rules; the others are a port's own. */
function merge(table: Map<string, string[] | readonly string[]>, own: Chains): void {
  for (const [chain, rules] of own) {
    const shared = sharedChains.has(chain) ? (table.get(chain) as string[] | undefined) : undefined
    if (shared === undefined) table.set(chain, rules)
    else for (const rule of rules) shared.push(rule)
  }
}

const sharedChains = new Set(['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-EXTERNAL-SERVICES'])

function baseChains(): { nat: Map<string, string[]>; filter: Map<string, string[]> } {
  return {
    nat: new Map([
      ['KUBE-SERVICES', []],
      ['KUBE-NODEPORTS', []],
      ['KUBE-MARK-MASQ', [`-j MARK --or-mark 0x4000`]],
      [
        'KUBE-POSTROUTING',
        [
          `-m mark ! --mark ${mark} -j RETURN`,
          `-j MARK --xor-mark 0x4000`,
          `-m comment --comment "service traffic requiring SNAT" -j MASQUERADE --random-fully`,
        ],
      ],
    ]),
    filter: new Map([
      ['KUBE-SERVICES', []],
      ['KUBE-EXTERNAL-SERVICES', []],
      [
        'KUBE-FORWARD',
        [
          `-m comment --comment "forwarding rules" -m mark --mark ${mark} -j ACCEPT`,
          `-m comment --comment "forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
        ],
      ],
    ]),
  }
}

function localRule({ name, address, port, protocol, target }: LocalRoute): string {
  const at = `-m comment --comment "${name} on this node" -m ${protocol} -p ${protocol} -d ${address}/32 --dport ${port}`
  return `${at} -j DNAT --to-destination ${target}`
}

/** The chains that spread the connections of a service port, each with the endpoints that may get them: never none. */
export function spreadingChains(
  port: ServicePortRoutes,
): { readonly chain: string; readonly targets: readonly ServiceTarget[] }[] {
  const all = port.endpoints
  const local = all.filter((endpoint) => endpoint.local)
  const reachedFromOutside = port.externalAddresses.length > 0 || port.nodePort !== undefined
  const usesAll = !port.internalLocal || reachedFromOutside
  const usesLocal = port.internalLocal || (port.externalLocal && reachedFromOutside)
  return [
    ...(usesAll ? [{ chain: serviceChain(port.name, port.protocol), targets: all }] : []),
    ...(usesLocal ? [{ chain: localChain(port.name, port.protocol), targets: local }] : []),
  ].filter(({ targets }) => targets.length > 0)
}

/** The rules of one port: its own chains, and what it adds to the shared ones. */
class PortRules {
  private readonly clusterCidr: string
  private readonly port: ServicePortRoutes
  private readonly wantedRedirects: ReadonlyMap<string, number>
  private readonly redirects = new Map<string, number | undefined>()
  private readonly nat = new Map<string, string[]>()
  private readonly filter = new Map<string, string[]>()

  constructor(clusterCidr: string, port: ServicePortRoutes, redirects: ReadonlyMap<string, number>) {
    this.clusterCidr = clusterCidr
    this.port = port
    this.wantedRedirects = redirects
  }

  build(): PortRuleset {
    this.addPort(this.port)
    return { nat: this.nat, filter: this.filter, redirects: this.redirects }
  }

  private addPort(port: ServicePortRoutes): void {
    const all = port.endpoints
    const local = all.filter((endpoint) => endpoint.local)
    const internal = port.internalLocal ? local : all
    const external = port.externalLocal ? local : all
    const { protocol, clusterAddress } = port
    const atCluster = `-m ${protocol} -p ${protocol} -d ${clusterAddress}/32 --dport ${port.port}`
    if (internal.length > 0) {
      const chain = port.internalLocal ? localChain(port.name, protocol) : serviceChain(port.name, protocol)
      this.add(this.nat, 'KUBE-SERVICES', `${comment(port, 'cluster IP')} ${atCluster} -j ${chain}`)
    } else {
      this.refuse('KUBE-SERVICES', port, atCluster, all.length > 0)
    }
    this.addExternal(port, external, all)
    for (const { chain, targets } of spreadingChains(port)) this.addTargets(chain, port, targets)
  }

  private addExternal(port: ServicePortRoutes, usable: readonly ServiceTarget[], all: readonly ServiceTarget[]): void {
    const { protocol, externalAddresses, nodePort } = port
    if (externalAddresses.length === 0 && nodePort === undefined) return
    const chain = externalChain(port.name, protocol)
    for (const address of externalAddresses) {
      const at = `-m ${protocol} -p ${protocol} -d ${address}/32 --dport ${port.port}`
      if (all.length > 0) this.add(this.nat, 'KUBE-SERVICES', `${comment(port, 'external IP')} ${at} -j ${chain}`)
      if (usable.length === 0) this.refuse('KUBE-EXTERNAL-SERVICES', port, at, all.length > 0)
    }
    if (nodePort !== undefined) {
      const at = `-m ${protocol} -p ${protocol} --dport ${nodePort}`
      if (all.length > 0) this.add(this.nat, 'KUBE-NODEPORTS', `${comment(port, '')} ${at} -j ${chain}`)
      if (usable.length === 0)
        this.refuse('KUBE-EXTERNAL-SERVICES', port, `-m addrtype --dst-type LOCAL ${at}`, all.length > 0)
    }
    if (all.length > 0) this.nat.set(chain, this.externalRules(port, usable))
  }

  /** From outside, the answer must come back through this node; with the Local policy, only this node's endpoints answer. */
  private externalRules(port: ServicePortRoutes, usable: readonly ServiceTarget[]): string[] {
    const all = serviceChain(port.name, port.protocol)
    if (!port.externalLocal) return [`${comment(port, 'masquerade')} -j KUBE-MARK-MASQ`, `-j ${all}`]
    const inside = [
      `${comment(port, 'pods may use every endpoint')} -s ${this.clusterCidr} -j ${all}`,
      `${comment(port, 'masquerade what comes from this node')} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
      `${comment(port, 'this node may use every endpoint')} -m addrtype --src-type LOCAL -j ${all}`,
    ]
    return usable.length === 0 ? inside : [...inside, `-j ${localChain(port.name, port.protocol)}`]
  }

  private addTargets(chain: string, port: ServicePortRoutes, targets: readonly ServiceTarget[]): void {
    const redirect = this.wantedRedirects.get(chain)
    this.redirects.set(chain, redirect)
    if (redirect === undefined) {
      this.balance(chain, port, targets)
      for (const target of targets) this.addEndpoint(port, target)
    } else {
      const to = `-m ${port.protocol} -p ${port.protocol} -j DNAT --to-destination 127.0.0.1:${redirect}`
      this.nat.set(chain, [`${comment(port, '-> this node')} ${to}`])
    }
  }

  private balance(chain: string, port: ServicePortRoutes, targets: readonly ServiceTarget[]): void {
    const { protocol, clusterAddress, affinitySeconds } = port
    const rules = [
      `${comment(port, 'cluster IP')} -m ${protocol} -p ${protocol} -d ${clusterAddress}/32 --dport ${port.port} ! -s ${this.clusterCidr} -j KUBE-MARK-MASQ`,
    ]
    const named = targets.map(({ address, port: number }) => {
      const text = `${address}:${number}`
      return { text, chain: endpointChain(port.name, protocol, text) }
    })
    if (affinitySeconds !== undefined) {
      for (const { text, chain: to } of named) {
        rules.push(
          `${comment(port, `-> ${text}`)} -m recent --name ${to} --rcheck --seconds ${affinitySeconds} --reap -j ${to}`,
        )
      }
    }
    named.forEach(({ text, chain: to }, index) => {
      const left = named.length - index
      const chance = left === 1 ? '' : ` -m statistic --mode random --probability ${(1 / left).toFixed(10)}`
      rules.push(`${comment(port, `-> ${text}`)}${chance} -j ${to}`)
    })
    this.nat.set(chain, rules)
  }

  private addEndpoint(port: ServicePortRoutes, { address, port: number }: ServiceTarget): void {
    const target = `${address}:${number}`
    const chain = endpointChain(port.name, port.protocol, target)
    const remember = port.affinitySeconds === undefined ? '' : ` -m recent --name ${chain} --set`
    this.nat.set(chain, [
      // A pod that reaches itself through its service must see another source than its own.
      `${comment(port, '')} -s ${address}/32 -j KUBE-MARK-MASQ`,
      `${comment(port, '')} -m ${port.protocol} -p ${port.protocol}${remember} -j DNAT --to-destination ${target}`,
    ])
  }

  /** Nobody can answer: say so at once, or drop when others could and the policy forbids them. */
  private refuse(chain: string, port: ServicePortRoutes, at: string, elsewhere: boolean): void {
    const why = elsewhere ? 'has no local endpoints' : 'has no endpoints'
    const verdict = elsewhere ? 'DROP' : 'REJECT'
    this.add(this.filter, chain, `${comment(port, why)} ${at} -j ${verdict}`)
  }

  private add(table: Map<string, string[]>, chain: string, rule: string): void {
    const rules = table.get(chain)
    if (rules === undefined) table.set(chain, [rule])
    else rules.push(rule)
  }
}

/** Names of services and ports are DNS labels: they need no quoting beyond this. */
function comment({ name }: ServicePortRoutes, about: string): string {
  return `-m comment --comment "${about === '' ? name : `${name} ${about}`}"`
}
