import { describe, expect, it } from 'vitest'
import type { Service, ServiceSpec } from '../../types/core-v1.ts'
import { service } from './service.ts'

function aService(spec: Partial<ServiceSpec> = {}): Service {
  const draft: Service = { metadata: { name: 'web' }, spec: { ports: [{ port: 80 }], ...spec } }
  service.defaults?.(draft)
  return draft
}

const errorsOf = (spec: Partial<ServiceSpec>): string[] =>
  (service.validate?.(aService(spec)) ?? []).map(({ path, type }) => `${type.replace('FieldValue', '')} ${path}`)

function cellsOf(object: Service): Record<string, unknown> {
  return Object.fromEntries((service.columns ?? []).map((column) => [column.name, column.cell(object, 0)]))
}

describe('defaults of services', () => {
  it('completes a service that other pods reach', () => {
    expect(aService().spec).toEqual({
      internalTrafficPolicy: 'Cluster',
      ipFamilyPolicy: 'SingleStack',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      sessionAffinity: 'None',
      type: 'ClusterIP',
    })
  })

  it('adds what services for the outside need', () => {
    expect(aService({ type: 'NodePort' }).spec).toMatchObject({ externalTrafficPolicy: 'Cluster' })
    expect(aService({ type: 'LoadBalancer' }).spec).toMatchObject({ allocateLoadBalancerNodePorts: true })
  })

  it('gives a name of another place no families', () => {
    expect(aService({ type: 'ExternalName', externalName: 'a.b' }).spec).not.toHaveProperty('ipFamilyPolicy')
  })

  it('remembers clients for three hours', () => {
    const spec = aService({ sessionAffinity: 'ClientIP' }).spec
    expect(spec?.sessionAffinityConfig).toEqual({ clientIP: { timeoutSeconds: 10_800 } })
  })
})

describe('validation of services', () => {
  it.each<[string, Partial<ServiceSpec>, string[]]>([
    ['a plain service', {}, []],
    ['no ports', { ports: [] }, ['Required spec.ports']],
    ['no ports of a headless service', { ports: [], clusterIP: 'None' }, []],
    ['a port out of range', { ports: [{ port: 70_000, targetPort: 1 }] }, ['Invalid spec.ports[0].port']],
    [
      'two ports, one without a name',
      { ports: [{ port: 1, name: 'a' }, { port: 2 }] },
      ['Required spec.ports[1].name'],
    ],
    [
      'two ports of one name',
      {
        ports: [
          { port: 1, name: 'a' },
          { port: 2, name: 'a' },
        ],
      },
      ['Duplicate spec.ports[1].name'],
    ],
    [
      'the same port twice',
      {
        ports: [
          { port: 1, name: 'a' },
          { port: 1, name: 'b' },
        ],
      },
      ['Duplicate spec.ports[1]'],
    ],
    ['a protocol of no network', { ports: [{ port: 1, protocol: 'ABC' }] }, ['NotSupported spec.ports[0].protocol']],
    ['a bad target name', { ports: [{ port: 1, targetPort: 'a_b' }] }, ['Invalid spec.ports[0].targetPort']],
    ['an unknown type', { type: 'Magic' }, ['NotSupported spec.type']],
    [
      'a node port of an inner service',
      { ports: [{ port: 1, nodePort: 30_000 }] },
      ['Forbidden spec.ports[0].nodePort'],
    ],
    ['a bad address', { clusterIP: '10.0.0', clusterIPs: ['10.0.0'] }, ['Invalid spec.clusterIPs[0]']],
    ['a list of addresses alone', { clusterIPs: ['10.0.0.2'] }, ['Invalid spec.clusterIPs']],
    [
      'no address among others',
      { clusterIP: 'None', clusterIPs: ['None', '10.0.0.2'], ports: [] },
      ['Invalid spec.clusterIPs'],
    ],
    [
      'an address of another family',
      { clusterIP: 'fd00::1', clusterIPs: ['fd00::1'], ipFamilies: ['IPv4'] },
      ['Invalid spec.clusterIPs[0]'],
    ],
    ['the port of kubelets', { type: 'LoadBalancer', ports: [{ port: 10_250 }] }, ['Invalid spec.ports[0]']],
    [
      'ranges of a balancer',
      { loadBalancerSourceRanges: [' 10.0.0.0/8 ', 'x'] },
      ['Forbidden spec.LoadBalancerSourceRanges', 'Invalid spec.LoadBalancerSourceRanges[1]'],
    ],
    [
      'addresses of a name elsewhere',
      { type: 'ExternalName', externalName: 'a.b.', clusterIPs: ['10.0.0.1'], ipFamilies: ['IPv4'] },
      ['Forbidden spec.clusterIPs', 'Forbidden spec.ipFamilies'],
    ],
    [
      'no time for a client',
      { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } },
      ['Invalid spec.sessionAffinityConfig.clientIP.timeoutSeconds'],
    ],
    [
      'no port where its health is asked for',
      { type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
      ['Required spec.healthCheckNodePort'],
    ],
    ['addresses that differ', { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.2'] }, ['Invalid spec.clusterIPs']],
    ['a name of nowhere', { type: 'ExternalName', ports: [] }, ['Required spec.externalName']],
    ['a headless node port', { type: 'NodePort', clusterIP: 'None' }, ['Invalid spec.clusterIPs[0]']],
    ['a bad selector', { selector: { '-': 'a' } }, ['Invalid spec.selector']],
    ['a policy that does not apply', { externalTrafficPolicy: 'Local' }, ['Invalid spec.externalTrafficPolicy']],
  ])('of %s', (_, spec, errors) => expect(errorsOf(spec)).toEqual(errors))

  it('says the same by both annotations of a topology', () => {
    const draft = aService()
    const prefix = 'service.kubernetes.io/topology'
    draft.metadata = { name: 'web', annotations: { [`${prefix}-aware-hints`]: 'auto', [`${prefix}-mode`]: 'Disabled' } }
    expect(service.validate?.(draft).map(({ path }) => path)).toEqual([`metadata.annotations[${prefix}-mode]`])
  })

  it('may be named with a digit first, but not with a dot', () => {
    expect(service.nameRule?.('1web', false)).toEqual([])
    expect(service.nameRule?.('a.b', false)).toEqual(['must not contain dots'])
  })
})

describe('an update of a service', () => {
  const before = aService({
    clusterIP: '10.0.0.1',
    clusterIPs: ['10.0.0.1'],
    type: 'NodePort',
    ports: [{ port: 80, nodePort: 30_001 }],
  })

  it('keeps the addresses and ports that it leaves out', () => {
    const draft = aService({ type: 'NodePort' })
    service.prepareUpdate?.(draft, before)
    expect(draft.spec).toMatchObject({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ports: [{ nodePort: 30_001 }] })
    expect(service.validateUpdate?.(draft, before)).toEqual([])
  })

  it.each<[string, Partial<ServiceSpec>, string[]]>([
    ['lose its address', { clusterIP: '', clusterIPs: [] }, ['spec.clusterIPs[0]']],
    ['become headless', { clusterIP: 'None', clusterIPs: ['None'] }, ['spec.clusterIPs[0]']],
    ['have an address of a second family', { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', 'fd00::1'] }, []],
  ])('may not %s, unless it adds', (_, spec, paths) => {
    expect(service.validateUpdate?.(aService(spec), before).map(({ path }) => path)).toEqual(paths)
  })

  it('may not move to another address', () => {
    const errors = service.validateUpdate?.(aService({ clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.2'] }), before)
    expect(errors?.map(({ path }) => path)).toEqual(['spec.clusterIPs[0]'])
  })
})

describe('the table of services', () => {
  it.each<[string, Service, object]>([
    [
      'inner',
      aService({ clusterIP: '10.0.0.1' }),
      { 'Cluster-IP': '10.0.0.1', 'External-IP': '<none>', 'Port(s)': '80/TCP' },
    ],
    ['headless', aService({ clusterIP: 'None', ports: [] }), { 'Cluster-IP': 'None', 'Port(s)': '<none>' }],
    [
      'node port',
      aService({ type: 'NodePort', ports: [{ port: 80, nodePort: 30_001 }], selector: { b: 'c', a: 'b' } }),
      { Type: 'NodePort', 'Port(s)': '80:30001/TCP', Selector: 'a=b,b=c' },
    ],
    ['pending', aService({ type: 'LoadBalancer' }), { 'External-IP': '<pending>' }],
    [
      'balanced',
      {
        ...aService({ type: 'LoadBalancer' }),
        status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }, { hostname: 'x' }] } },
      },
      { 'External-IP': '1.2.3.4,x' },
    ],
    [
      'elsewhere',
      aService({ type: 'ExternalName', externalName: 'a.b' }),
      { 'Cluster-IP': '<none>', 'External-IP': 'a.b' },
    ],
  ])('shows a service that is %s', (_, object, cells) => expect(cellsOf(object)).toMatchObject(cells))
})
