import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { Endpoints, EndpointSubset, Service } from '../../api/types/core-v1.ts'
import type { ObjectMeta } from '../../api/types/meta-v1.ts'
import { ago } from '../test-objects.ts'
import { isMirrored, planMirror } from './plan.ts'

const meta = (rest: ObjectMeta = {}): Live<Endpoints>['metadata'] => ({
  name: 'db',
  namespace: 'default',
  uid: 'u',
  resourceVersion: '1',
  creationTimestamp: ago(9),
  ...rest,
})
const someEndpoints = (subsets: EndpointSubset[], rest: ObjectMeta = {}): Live<Endpoints> => ({
  metadata: meta(rest),
  subsets,
})
const aService = (selector?: Record<string, string>): Live<Service> => ({
  metadata: meta(),
  spec: selector === undefined ? {} : { selector },
})

describe('which Endpoints are mirrored', () => {
  it.each([
    ['those of a service without a selector', meta(), aService(), true],
    ['not those that have slices already', meta(), aService({ app: 'db' }), false],
    ['not those without a service', meta(), undefined, false],
    [
      'not those that ask to be left alone',
      meta({ labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }),
      aService(),
      false,
    ],
    ['not locks', meta({ annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }), aService(), false],
  ])('%s', (_which, metadata, service, expected) => {
    expect(isMirrored({ metadata }, service)).toBe(expected)
  })
})

describe('the mirror plan', () => {
  const ports = [{ name: 'sql', port: 5432, protocol: 'TCP' }]

  it('makes a slice for each set of ports and family, with what the Endpoints say', () => {
    const { create } = planMirror(
      someEndpoints(
        [
          { addresses: [{ ip: '10.1.1.1', hostname: 'a' }, { ip: 'fd00::1' }], ports },
          { notReadyAddresses: [{ ip: '10.1.1.2' }], ports },
          { addresses: [{ ip: '10.1.1.1' }], ports: [{ port: 80 }] },
        ],
        {
          labels: { tier: 'data', 'endpoints.kubernetes.io/managed-by': 'me' },
          annotations: { note: 'x', 'endpoints.kubernetes.io/last-change-trigger-time': 'now' },
        },
      ),
      [],
    )
    expect(create.map(({ addressType, ports: [port] = [] }) => [addressType, port?.port])).toEqual([
      ['IPv4', 5432],
      ['IPv6', 5432],
      ['IPv4', 80],
    ])
    expect(create[0]).toMatchObject({
      metadata: {
        annotations: { note: 'x' },
        labels: {
          tier: 'data',
          'kubernetes.io/service-name': 'db',
          'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
        },
        ownerReferences: [{ kind: 'Endpoints', name: 'db', controller: true }],
      },
      endpoints: [
        { addresses: ['10.1.1.1'], hostname: 'a', conditions: { ready: true } },
        { addresses: ['10.1.1.2'], conditions: { ready: false } },
      ],
    })
    expect(create[0]?.metadata?.labels).not.toHaveProperty('endpoints.kubernetes.io/managed-by')
  })

  it('changes what changed, and nothing when nothing did', () => {
    const before = someEndpoints([{ addresses: [{ ip: '10.1.1.1' }], ports }], { annotations: { note: 'x' } })
    const slices = planMirror(before, []).create.map((slice) => ({
      ...slice,
      metadata: { ...meta(slice.metadata), name: slice.metadata?.name ?? '' },
    }))
    expect(planMirror(before, slices)).toEqual({ create: [], update: [], remove: [] })
    const plain = someEndpoints([{ addresses: [{ ip: '10.1.1.9' }], ports }])
    const [update] = planMirror(plain, slices).update
    expect(update?.endpoints?.[0]?.addresses).toEqual(['10.1.1.9'])
    expect(update?.metadata.annotations).toBeUndefined()
    expect(planMirror(someEndpoints([]), slices).remove).toHaveLength(1)
  })

  it('mirrors no more than a thousand addresses of a subset', () => {
    const addresses = Array.from({ length: 1200 }, (_, index) => ({ ip: `10.1.${index >> 8}.${index & 255}` }))
    const { create } = planMirror(someEndpoints([{ addresses, ports }]), [])
    expect(create.map(({ endpoints }) => endpoints?.length)).toEqual([1000])
  })
})
