import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { Pod, Service, ServiceSpec } from '../../api/types/core-v1.ts'
import type { EndpointSlice } from '../../api/types/discovery-v1.ts'
import { aPod, ago } from '../test-objects.ts'
import { planEndpoints } from '../endpoints/plan.ts'
import { planEndpointSlices } from './plan.ts'

const aService = (spec: ServiceSpec = {}): Live<Service> => ({
  metadata: {
    name: 'web',
    namespace: 'default',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: ago(9),
    labels: { tier: 'front' },
  },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'web' }], ...spec },
})

function served(name: string, ip: string, { port = 8080, ready = true, going = false } = {}): Live<Pod> {
  return aPod(name, {
    ...(ready ? { readyFor: 9 } : {}),
    ...(going ? { metadata: { deletionTimestamp: ago(1) } } : {}),
    spec: { nodeName: 'n', containers: [{ name: 'web', ports: [{ name: 'web', containerPort: port }] }] },
    status: ip === '' ? {} : { podIP: ip, podIPs: [{ ip }] },
  })
}

const plan = (service: Live<Service>, pods: Live<Pod>[], slices: Live<EndpointSlice>[] = []) =>
  planEndpointSlices({ service, pods, slices, zoneOf: () => 'zone-a' })

/** The slices of a plan, as the server would have stored them. */
const stored = (slices: readonly EndpointSlice[]): Live<EndpointSlice>[] =>
  slices.map((slice) => ({
    ...slice,
    metadata: {
      ...slice.metadata,
      name: slice.metadata?.name ?? '',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: ago(1),
    },
  }))

describe('the EndpointSlice plan', () => {
  it('describes each pod with where it runs and how it is', () => {
    const pods = [
      served('a', '10.0.0.1'),
      served('b', '10.0.0.2', { ready: false }),
      served('c', '10.0.0.3', { going: true }),
    ]
    const [slice] = plan(aService(), pods).create
    expect(slice).toMatchObject({
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      metadata: {
        labels: {
          tier: 'front',
          'kubernetes.io/service-name': 'web',
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        },
        ownerReferences: [{ kind: 'Service', name: 'web', uid: 'u', controller: true }],
      },
      endpoints: [
        {
          addresses: ['10.0.0.1'],
          conditions: { ready: true, serving: true, terminating: false },
          nodeName: 'n',
          zone: 'zone-a',
          targetRef: { kind: 'Pod', namespace: 'default', name: 'a', uid: 'uid-a' },
        },
        { conditions: { ready: false, serving: false, terminating: false } },
        { conditions: { ready: false, serving: true, terminating: true } },
      ],
    })
  })

  it('calls pods ready that are not, when the service says so', () => {
    const [slice] = plan(aService({ publishNotReadyAddresses: true }), [
      served('a', '10.0.0.1', { ready: false }),
    ]).create
    expect(slice?.endpoints?.[0]?.conditions).toEqual({ ready: true, serving: false, terminating: false })
  })

  it('gives pods that serve a named port under different numbers different slices', () => {
    const { create } = plan(aService(), [served('a', '10.0.0.1'), served('b', '10.0.0.2', { port: 9090 })])
    expect(create.map(({ ports }) => ports?.[0]?.port)).toEqual([8080, 9090])
  })

  it('leaves out pods without an address and pods that have ended', () => {
    const ended = { ...served('b', '10.0.0.2'), status: { phase: 'Succeeded', podIP: '10.0.0.2' } }
    expect(plan(aService(), [served('a', ''), ended]).create[0]?.endpoints).toEqual([])
  })

  it('holds at most 100 endpoints in a slice', () => {
    const pods = Array.from({ length: 250 }, (_, index) => served(`p${index}`, `10.0.${index >> 8}.${index & 255}`))
    const { create } = plan(aService(), pods)
    expect(create.map(({ endpoints }) => endpoints?.length)).toEqual([100, 100, 50])
    expect(new Set(create.map(({ metadata }) => metadata?.name)).size).toBe(3)
  })

  it('changes one slice for one pod, and none when nothing changed', () => {
    const pods = Array.from({ length: 150 }, (_, index) => served(`p${index}`, `10.0.0.${index}`))
    const slices = stored(plan(aService(), pods).create)
    expect(plan(aService(), pods, slices)).toEqual({ create: [], update: [], remove: [] })
    const more = plan(aService(), [...pods.slice(1), served('new', '10.0.1.1')], slices)
    expect(more.create).toEqual([])
    expect(more.update).toHaveLength(1)
    expect(more.update[0]?.endpoints).toHaveLength(100)
  })

  it('keeps one empty slice for a service without pods', () => {
    const empty = stored(plan(aService(), []).create)
    expect(empty).toHaveLength(1)
    expect(plan(aService(), [], empty)).toEqual({ create: [], update: [], remove: [] })
    const filled = plan(aService(), [served('a', '10.0.0.1')], empty)
    expect(filled.create).toHaveLength(1)
    expect(filled.remove).toEqual(empty)
  })

  it('names the slice the same again when the cache does not show the first one yet', () => {
    const names = () => plan(aService(), [served('a', '10.0.0.1')]).create.map(({ metadata }) => metadata?.name)
    expect(names()).toEqual(names())
  })

  it('labels the slices of headless services and publishes the names of their pods', () => {
    const pod = served('a', '10.0.0.1')
    const named = { ...pod, spec: { containers: [], ...pod.spec, hostname: 'db-0', subdomain: 'web' } }
    const [slice] = plan(aService({ clusterIP: 'None', ports: [] }), [named]).create
    expect(slice?.metadata?.labels).toHaveProperty('service.kubernetes.io/headless')
    expect(slice?.endpoints?.[0]?.hostname).toBe('db-0')
  })
})

describe('who should prefer an endpoint', () => {
  const zones = { forZones: [{ name: 'zone-a' }] }
  it.each([
    [undefined, undefined],
    ['PreferClose', zones],
    ['PreferSameZone', zones],
    ['PreferSameNode', { ...zones, forNodes: [{ name: 'n' }] }],
  ])('with the traffic distribution %s', (trafficDistribution, expected) => {
    const service = aService(trafficDistribution === undefined ? {} : { trafficDistribution })
    const { create } = plan(service, [served('a', '10.0.0.1'), served('b', '10.0.0.2', { ready: false })])
    expect(create[0]?.endpoints?.map(({ hints }) => hints)).toEqual([expected, undefined])
  })
})

describe('the Endpoints plan', () => {
  it('sorts addresses into ready and not ready, by ports', () => {
    const pods = [
      served('a', '10.0.0.1'),
      served('b', '10.0.0.2', { ready: false }),
      served('c', '10.0.0.3', { going: true }),
      served('d', '10.0.0.4', { port: 9090 }),
    ]
    expect(planEndpoints(aService(), pods, undefined).subsets).toMatchObject([
      {
        addresses: [{ ip: '10.0.0.1' }],
        notReadyAddresses: [{ ip: '10.0.0.2' }],
        ports: [{ name: 'http', port: 8080 }],
      },
      { addresses: [{ ip: '10.0.0.4' }], ports: [{ name: 'http', port: 9090 }] },
    ])
  })
})
