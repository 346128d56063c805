import { describe, expect, it } from 'vitest'
import { created, creationCauses, updateCauses, type Changes } from '../../../../test/support/validation.ts'
import type { Ingress, IngressClass, NetworkPolicy } from '../../types/networking-v1.ts'
import { ingressClass } from './ingress-class.ts'
import { ingress } from './ingress.ts'
import { networkPolicy } from './network-policy.ts'

const backend = { service: { name: 'web', port: { number: 80 } } }
const anIngress: Ingress = {
  metadata: { name: 'web' },
  spec: { rules: [{ host: 'a.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
}
const path = 'spec.rules[0].http.paths[0]'
const at = 'spec.rules.0.http.paths.0'

describe('an Ingress', () => {
  it.each<[Changes, string[]]>([
    [{}, []],
    [{ 'spec.rules': undefined }, ['spec: Invalid value: []: either `defaultBackend` or `rules` must be specified']],
    [
      { 'spec.rules.0.host': '10.0.0.1' },
      ['spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
    ],
    [{ 'spec.rules.0.host': '*.example.com' }, []],
    [{ [`${at}.pathType`]: undefined }, [`${path}.pathType: Required value: pathType must be specified`]],
    [
      { [`${at}.pathType`]: 'Odd' },
      [`${path}.pathType: Unsupported value: "Odd": supported values: "Exact", "ImplementationSpecific", "Prefix"`],
    ],
    [{ [`${at}.path`]: 'a' }, [`${path}.path: Invalid value: "a": must be an absolute path`]],
    [
      { [`${at}.path`]: '/a//b/..' },
      [
        `${path}.path: Invalid value: "/a//b/..": must not contain '//'`,
        `${path}.path: Invalid value: "/a//b/..": cannot end with '/..'`,
      ],
    ],
    [{ [`${at}.pathType`]: 'ImplementationSpecific', [`${at}.path`]: undefined }, []],
    [{ 'spec.rules.0.http.paths': [] }, ['spec.rules[0].http.paths: Required value']],
    [{ [`${at}.backend`]: {} }, [`${path}.backend: Invalid value: "": resource or service backend is required`]],
    [
      { [`${at}.backend.service`]: { name: 'A' } },
      [
        `${path}.backend.service.name: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
        `${path}.backend: Required value: port name or number is required`,
      ],
    ],
    [
      { [`${at}.backend.service.port`]: { name: 'http', number: 80 } },
      [`${path}.backend: Invalid value: "": cannot set both port name & port number`],
    ],
    [
      { [`${at}.backend`]: { ...backend, resource: { kind: 'A', name: 'a' } } },
      [`${path}.backend: Invalid value: "": cannot set both resource and service backends`],
    ],
    [
      { [`${at}.backend`]: { resource: { apiGroup: 'example.com', kind: '', name: 'a' } } },
      [`${path}.backend.resource.kind: Required value`],
    ],
    [
      { 'metadata.annotations.[kubernetes.io/ingress.class]': 'a', 'spec.ingressClassName': 'b' },
      [
        'annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified',
      ],
    ],
  ])('with %j', (changes, causes) => expect(creationCauses(ingress, anIngress, changes)).toEqual(causes))

  it('has a certificate for hosts', () => {
    const [cause] = creationCauses(ingress, anIngress, { 'spec.tls': [{ hosts: ['a.*'], secretName: 'a' }] })
    expect(cause).toMatch(/^spec.tls\[0\].hosts\[0\]: Invalid value: "a.\*": a wildcard DNS-1123 subdomain must start/)
  })

  it('is reached at addresses and names', () => {
    const status = { loadBalancer: { ingress: [{ ip: 'x' }, { hostname: '10.0.0.1' }] } }
    expect(updateCauses(ingress, anIngress, { status }, 'status')).toEqual([
      'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'status.loadBalancer.ingress[1].hostname: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
    ])
  })
})

describe('an IngressClass', () => {
  const base: IngressClass = { metadata: { name: 'a' }, spec: { controller: 'example.com/ingress' } }
  const parameters = { kind: 'Config', name: 'a' }
  it.each<[Changes, string[]]>([
    [{}, []],
    [{ 'spec.controller': '' }, ['spec.controller: Required value']],
    [
      { 'spec.controller': 'a' },
      ['spec.controller: Invalid value: "a": must be a domain-prefixed path (such as "acme.io/foo")'],
    ],
    [
      { 'spec.parameters': { ...parameters, scope: 'Odd' } },
      ['spec.parameters.scope: Unsupported value: "Odd": supported values: "Cluster", "Namespace"'],
    ],
    [
      { 'spec.parameters': { ...parameters, scope: 'Namespace' } },
      ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
    ],
    [
      { 'spec.parameters': { ...parameters, namespace: 'a' } },
      ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
    ],
  ])('with %j', (changes, causes) => expect(creationCauses(ingressClass, base, changes)).toEqual(causes))

  it('takes parameters of the cluster unless told otherwise, and keeps its controller', () => {
    expect(created(ingressClass, { ...base, spec: { ...base.spec, parameters } }).spec?.parameters?.scope).toBe(
      'Cluster',
    )
    expect(updateCauses(ingressClass, base, { 'spec.controller': 'example.com/other' })).toEqual([
      'spec.controller: Invalid value: "example.com/other": field is immutable',
    ])
  })
})

describe('a NetworkPolicy', () => {
  const base: NetworkPolicy = {
    metadata: { name: 'a' },
    spec: { podSelector: {}, ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 80 }] }] },
  }
  const peer = 'spec.ingress[0].from[0]'
  const port = 'spec.ingress[0].ports[0]'
  const block = (value: object): Changes => ({ 'spec.ingress.0.from': [{ ipBlock: value }] })
  const ports = (value: object): Changes => ({ 'spec.ingress.0.ports': [value] })
  it.each<[Changes, string[]]>([
    [{}, []],
    [{ 'spec.ingress.0.from': [{}] }, [`${peer}: Required value: must specify a peer`]],
    [
      { 'spec.ingress.0.from.0.ipBlock': { cidr: '10.0.0.0/8' } },
      [`${peer}: Forbidden: may not specify both ipBlock and another peer`],
    ],
    [block({}), [`${peer}.ipBlock.cidr: Required value`]],
    [
      block({ cidr: '10.0.0.0' }),
      [
        `${peer}.ipBlock.cidr: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
      ],
    ],
    [
      block({ cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '11.0.0.0/16', '10.0.0.0/8'] }),
      [
        `${peer}.ipBlock.except[1]: Invalid value: "11.0.0.0/16": must be a strict subset of \`cidr\``,
        `${peer}.ipBlock.except[2]: Invalid value: "10.0.0.0/8": must be a strict subset of \`cidr\``,
      ],
    ],
    [block({ cidr: '2001:db8::/32', except: ['2001:db8:1::/48'] }), []],
    [
      ports({ port: 80, endPort: 79 }),
      [`${port}.endPort: Invalid value: 79: must be greater than or equal to \`port\``],
    ],
    [
      ports({ port: 'web', endPort: 80 }),
      [`${port}.endPort: Invalid value: 80: may not be specified when \`port\` is non-numeric`],
    ],
    [
      ports({ endPort: 80 }),
      [`${port}.endPort: Invalid value: 80: may not be specified when \`port\` is not specified`],
    ],
    [
      ports({ protocol: 'ICMP' }),
      [`${port}.protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"`],
    ],
    [
      { 'spec.policyTypes': ['Odd'] },
      ['spec.policyTypes[0]: Unsupported value: "Odd": supported values: "Ingress", "Egress"'],
    ],
    [
      { 'spec.policyTypes': ['Ingress', 'Egress', 'Ingress'] },
      ['spec.policyTypes: Invalid value: ["Ingress","Egress","Ingress"]: may not specify more than two policyTypes'],
    ],
  ])('with %j', (changes, causes) => expect(creationCauses(networkPolicy, base, changes)).toEqual(causes))

  it('without a spec selects every pod, for what comes in', () => {
    expect(created(networkPolicy, { metadata: { name: 'all' } }).spec).toEqual({ policyTypes: ['Ingress'] })
  })
})
