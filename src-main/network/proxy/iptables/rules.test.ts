import { describe, expect, it } from 'vitest'
import type { EndpointSlice } from '../../../api/types/discovery-v1.ts'
import type { Service, ServiceSpec } from '../../../api/types/core-v1.ts'
import { servicePorts, ServicePortsCache } from '../service-ports.ts'
import { nothingApplied, restoreText } from './restore-text.ts'
import { iptablesRules, type Ruleset } from './rules.ts'

const clusterCidr = '10.244.0.0/16'

function aService(spec: Partial<ServiceSpec> = {}): Service {
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: { clusterIP: '10.96.0.5', ports: [{ name: 'http', port: 80, protocol: 'TCP' }], ...spec },
  }
}

const endpoint = (
  address: string,
  nodeName: string,
  conditions = {},
): NonNullable<EndpointSlice['endpoints']>[number] => ({
  addresses: [address],
  nodeName,
  conditions: { ready: true, ...conditions },
})

function aSlice(...endpoints: NonNullable<EndpointSlice['endpoints']>): EndpointSlice {
  return {
    metadata: { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints,
  }
}

const two = aSlice(endpoint('10.244.1.2', 'one'), endpoint('10.244.2.2', 'two'))

function rulesFor(service: Service, slice?: EndpointSlice): Ruleset {
  const ports = servicePorts([service], slice === undefined ? [] : [slice], new ServicePortsCache('one'))
  return iptablesRules({ ports, clusterCidr, localRoutes: [] })
}

/** The rules of a table, one a line, comments left out and hashes of chains replaced by their order. */
function shown(chains: Ruleset['nat']): string[] {
  const names = new Map<string, string>()
  const short = (text: string): string =>
    text
      .replace(/ ?-m comment --comment "[^"]*" ?/g, ' ')
      .replace(/KUBE-(SVC|SVL|EXT|SEP)-[A-Z2-7]{16}/g, (name, kind: string) => {
        const known =
          names.get(name) ?? `${kind}${[...names.values()].filter((one) => one.startsWith(kind)).length + 1}`
        names.set(name, known)
        return known
      })
      .trim()
  const fixed = new Set(['KUBE-MARK-MASQ', 'KUBE-POSTROUTING', 'KUBE-FORWARD'])
  return [...chains]
    .filter(([chain]) => !fixed.has(chain))
    .flatMap(([chain, rules]) => rules.map((rule) => short(`${chain}: ${rule}`)))
}

const nodePorts = 'KUBE-SERVICES: -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS'

describe('rules of a service', () => {
  it('balance its cluster address over the endpoints', () => {
    expect(shown(rulesFor(aService(), two).nat)).toEqual([
      'KUBE-SERVICES: -m tcp -p tcp -d 10.96.0.5/32 --dport 80 -j SVC1',
      nodePorts,
      'SVC1: -m tcp -p tcp -d 10.96.0.5/32 --dport 80 ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ',
      'SVC1: -m statistic --mode random --probability 0.5000000000 -j SEP1',
      'SVC1: -j SEP2',
      'SEP1: -s 10.244.1.2/32 -j KUBE-MARK-MASQ',
      'SEP1: -m tcp -p tcp -j DNAT --to-destination 10.244.1.2:8080',
      'SEP2: -s 10.244.2.2/32 -j KUBE-MARK-MASQ',
      'SEP2: -m tcp -p tcp -j DNAT --to-destination 10.244.2.2:8080',
    ])
  })

  it('refuse at once when nobody can answer', () => {
    const { nat, filter } = rulesFor(
      aService({ type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort: 30080 }] }),
    )
    expect(shown(nat)).toEqual([nodePorts])
    expect(shown(filter)).toEqual([
      'KUBE-SERVICES: -m tcp -p tcp -d 10.96.0.5/32 --dport 80 -j REJECT',
      'KUBE-EXTERNAL-SERVICES: -m addrtype --dst-type LOCAL -m tcp -p tcp --dport 30080 -j REJECT',
    ])
  })

  it('lead node ports and external addresses in, with the answer back through this node', () => {
    const service = aService({ externalIPs: ['192.0.2.1'], ports: [{ name: 'http', port: 80, nodePort: 30080 }] })
    const rules = shown(rulesFor(service, two).nat)
    expect(rules).toContain('KUBE-SERVICES: -m tcp -p tcp -d 192.0.2.1/32 --dport 80 -j EXT1')
    expect(rules).toContain('KUBE-NODEPORTS: -m tcp -p tcp --dport 30080 -j EXT1')
    expect(rules.filter((rule) => rule.startsWith('EXT1'))).toEqual(['EXT1: -j KUBE-MARK-MASQ', 'EXT1: -j SVC1'])
  })

  it('keep a client with its endpoint when the service wants it', () => {
    const rules = shown(rulesFor(aService({ sessionAffinity: 'ClientIP' }), two).nat)
    expect(rules).toContain('SVC1: -m recent --name SEP1 --rcheck --seconds 10800 --reap -j SEP1')
    expect(rules).toContain('SEP1: -m tcp -p tcp -m recent --name SEP1 --set -j DNAT --to-destination 10.244.1.2:8080')
  })

  it('stay on the node when the internal policy says so, and drop where there is no local endpoint', () => {
    const service = aService({ internalTrafficPolicy: 'Local' })
    expect(shown(rulesFor(service, two).nat)).toContain(
      'KUBE-SERVICES: -m tcp -p tcp -d 10.96.0.5/32 --dport 80 -j SVL1',
    )
    const { filter } = rulesFor(service, aSlice(endpoint('10.244.2.2', 'two')))
    expect(shown(filter)).toEqual(['KUBE-SERVICES: -m tcp -p tcp -d 10.96.0.5/32 --dport 80 -j DROP'])
  })

  it('keep the source of outside clients when the external policy says so', () => {
    const service = aService({ externalTrafficPolicy: 'Local', ports: [{ name: 'http', port: 80, nodePort: 30080 }] })
    expect(shown(rulesFor(service, two).nat).filter((rule) => rule.startsWith('EXT1'))).toEqual([
      'EXT1: -s 10.244.0.0/16 -j SVC1',
      'EXT1: -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ',
      'EXT1: -m addrtype --src-type LOCAL -j SVC1',
      'EXT1: -j SVL1',
    ])
  })

  it('use endpoints that end only while no other is ready', () => {
    const ending = endpoint('10.244.1.3', 'one', { ready: false, serving: true, terminating: true })
    const targets = (slice: EndpointSlice): string[] =>
      servicePorts([aService()], [slice], new ServicePortsCache('one')).flatMap(({ endpoints }) =>
        endpoints.map(({ address }) => address),
      )
    expect(targets(aSlice(ending))).toEqual(['10.244.1.3'])
    expect(targets(aSlice(ending, endpoint('10.244.1.2', 'one')))).toEqual(['10.244.1.2'])
  })

  it.each([{ clusterIP: 'None' }, { clusterIP: '' }, { type: 'ExternalName', externalName: 'example.com' }])(
    'do not exist for %j',
    (spec) => {
      expect(shown(rulesFor(aService(spec), two).nat)).toEqual([nodePorts])
    },
  )

  it('put addresses that end on the node before all services', () => {
    const dns = {
      name: 'cluster DNS',
      address: '10.96.0.10',
      port: 53,
      protocol: 'udp',
      target: '10.30.0.2:10053',
    } as const
    const { nat } = iptablesRules({
      ports: servicePorts([aService()], [two], new ServicePortsCache('one')),
      clusterCidr,
      localRoutes: [dns],
    })
    expect(shown(nat)[0]).toBe(
      'KUBE-SERVICES: -m udp -p udp -d 10.96.0.10/32 --dport 53 -j DNAT --to-destination 10.30.0.2:10053',
    )
  })
})

describe('what is written on a worker', () => {
  const before = rulesFor(aService(), two)
  const applied = { ...before, strangers: [] }

  it('is everything at first, and nothing when nothing differs', () => {
    const text = restoreText(before, nothingApplied)
    expect(text?.match(/^COMMIT$/gm)).toHaveLength(2)
    expect(text).toContain(':KUBE-SERVICES - [0:0]')
    expect(restoreText(before, applied)).toBeUndefined()
  })

  it('is only the chains that changed, and those that are gone are deleted', () => {
    const text = restoreText(rulesFor(aService(), aSlice(endpoint('10.244.1.2', 'one'))), applied)
    const lines = text?.split('\n') ?? []
    expect(lines[0]).toBe('*nat')
    expect(lines.filter((line) => line.startsWith(':'))).toHaveLength(2)
    expect(lines.filter((line) => line.startsWith('-X KUBE-SEP-'))).toHaveLength(1)
    expect(lines.some((line) => line.includes('KUBE-SERVICES'))).toBe(false)
  })

  it('takes away chains that an earlier run left', () => {
    const stranger = 'KUBE-SVC-ABCDEFGHIJKLMNOP'
    expect(restoreText(before, { ...nothingApplied, strangers: [stranger] })).toContain(`-X ${stranger}`)
  })
})
