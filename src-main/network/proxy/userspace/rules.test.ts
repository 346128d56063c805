import { describe, expect, it } from 'vitest'
import { iptablesRules } from '../iptables/rules.ts'
import type { ServicePortRoutes } from '../service-ports.ts'
import { wantedListeners } from './rules.ts'

function aPort(parts: Partial<ServicePortRoutes> = {}): ServicePortRoutes {
  return {
    name: 'default/web',
    protocol: 'tcp',
    port: 80,
    clusterAddress: '10.96.0.5',
    externalAddresses: [],
    nodePort: undefined,
    affinitySeconds: undefined,
    internalLocal: false,
    externalLocal: false,
    endpoints: [
      { address: '10.244.1.2', port: 8080, local: true },
      { address: '10.244.2.2', port: 8080, local: false },
    ],
    ...parts,
  }
}

const addresses = (port: ServicePortRoutes): string[][] =>
  wantedListeners([port]).map(({ targets }) => targets.map(({ address }) => address))

/** The rules of the nat table with a listener for each chain that wants one: ports count from 40001. */
function rulesOf(...ports: ServicePortRoutes[]): string[] {
  const redirects = new Map(wantedListeners(ports).map(({ chain }, index) => [chain, 40_001 + index]))
  const { nat } = iptablesRules({ ports, clusterCidr: '10.244.0.0/16', localRoutes: [], redirects })
  const fixed = new Set(['KUBE-MARK-MASQ', 'KUBE-POSTROUTING', 'KUBE-FORWARD'])
  return [...nat]
    .filter(([chain]) => !fixed.has(chain))
    .flatMap(([chain, rules]) => rules.map((rule) => `${chain}: ${rule}`))
    .map((rule) => rule.replace(/ ?-m comment --comment "[^"]*" ?/g, ' ').replace(/-[A-Z2-7]{16}/g, ''))
    .map((rule) => rule.replace(/ +/g, ' '))
}

const nodePorts = 'KUBE-SERVICES: -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS'

describe('the listeners of services', () => {
  it('are one for all endpoints of a TCP port', () => {
    expect(addresses(aPort())).toEqual([['10.244.1.2', '10.244.2.2']])
  })

  it('are one more for the endpoints of this node where a policy asks for them', () => {
    expect(addresses(aPort({ externalLocal: true, nodePort: 30080 }))).toEqual([
      ['10.244.1.2', '10.244.2.2'],
      ['10.244.1.2'],
    ])
    expect(addresses(aPort({ internalLocal: true }))).toEqual([['10.244.1.2']])
  })

  it.each<[string, Partial<ServicePortRoutes>]>([
    ['for UDP', { protocol: 'udp' }],
    ['for SCTP', { protocol: 'sctp' }],
    ['without endpoints', { endpoints: [] }],
    ['without endpoints that the policy allows', { internalLocal: true, endpoints: aPort().endpoints.slice(1) }],
  ])('are none %s', (_why, parts) => {
    expect(wantedListeners([aPort(parts)])).toEqual([])
  })

  it('keep their chain, and so their port, when endpoints change', () => {
    const [before] = wantedListeners([aPort()])
    const [after] = wantedListeners([aPort({ endpoints: [{ address: '10.244.2.9', port: 80, local: false }] })])
    expect(after?.chain).toBe(before?.chain)
  })
})

describe('the rules of the userspace mode', () => {
  it('lead cluster address, node port and external address to the listener, with the source kept', () => {
    expect(rulesOf(aPort({ nodePort: 30080, externalAddresses: ['192.0.2.1'] }))).toEqual([
      'KUBE-SERVICES: -m tcp -p tcp -d 10.96.0.5/32 --dport 80 -j KUBE-SVC',
      'KUBE-SERVICES: -m tcp -p tcp -d 192.0.2.1/32 --dport 80 -j KUBE-EXT',
      nodePorts,
      'KUBE-NODEPORTS: -m tcp -p tcp --dport 30080 -j KUBE-EXT',
      'KUBE-EXT: -j KUBE-MARK-MASQ',
      'KUBE-EXT: -j KUBE-SVC',
      'KUBE-SVC: -m tcp -p tcp -j DNAT --to-destination 127.0.0.1:40001',
    ])
  })

  it('lead what must stay on the node to its own listener', () => {
    const rules = rulesOf(aPort({ externalLocal: true, nodePort: 30080 }))
    expect(rules).toContain('KUBE-SVC: -m tcp -p tcp -j DNAT --to-destination 127.0.0.1:40001')
    expect(rules).toContain('KUBE-SVL: -m tcp -p tcp -j DNAT --to-destination 127.0.0.1:40002')
    expect(rules.filter((rule) => rule.startsWith('KUBE-EXT')).at(-1)).toBe('KUBE-EXT: -j KUBE-SVL')
  })

  it('are made anew for a port that has not changed when its listener has', () => {
    const ports = [aPort()]
    const chain = wantedListeners(ports)[0]?.chain ?? ''
    const cache = new WeakMap()
    const leadingTo = (redirects: ReadonlyMap<string, number>): string | undefined =>
      iptablesRules({ ports, clusterCidr: '10.244.0.0/16', localRoutes: [], redirects }, cache)
        .nat.get(chain)
        ?.at(-1)
        ?.replace(/.* /, '')
    expect(leadingTo(new Map([[chain, 40_001]]))).toBe('127.0.0.1:40001')
    expect(leadingTo(new Map())).toMatch(/^KUBE-SEP-/)
    expect(leadingTo(new Map([[chain, 40_002]]))).toBe('127.0.0.1:40002')
  })

  it('are those of the iptables mode for UDP', () => {
    const udp = aPort({ name: 'default/dns', protocol: 'udp', endpoints: aPort().endpoints.slice(0, 1) })
    expect(rulesOf(udp)).toContain('KUBE-SEP: -m udp -p udp -j DNAT --to-destination 10.244.1.2:8080')
  })
})
