import { describe, expect, it } from 'vitest'
import type { Service } from '../../api/types/core-v1.ts'
import type { Endpoint, EndpointSlice } from '../../api/types/discovery-v1.ts'
import { servicePorts, ServicePortsCache } from './service-ports.ts'

const service: Service = {
  metadata: { name: 'web', namespace: 'default' },
  spec: { clusterIP: '10.96.0.9', ports: [{ port: 80 }] },
}
const at = (address: string, nodeName: string, hints?: Endpoint['hints']): Endpoint => ({
  addresses: [address],
  conditions: { ready: true },
  nodeName,
  ...(hints === undefined ? {} : { hints }),
})
const slice = (...endpoints: Endpoint[]): EndpointSlice => ({
  metadata: { namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  endpoints,
})
const inZone = (zone: string, node?: string): Endpoint['hints'] => ({
  forZones: [{ name: zone }],
  ...(node === undefined ? {} : { forNodes: [{ name: node }] }),
})

function targets(endpoints: Endpoint[], zone?: string): string[] {
  const cache = new ServicePortsCache('one')
  cache.setZone(zone)
  return servicePorts([service], [slice(...endpoints)], cache).flatMap((port) =>
    port.endpoints.map((one) => one.address),
  )
}

describe('the endpoints that a node uses', () => {
  const near = at('10.0.0.1', 'one', inZone('a'))
  const far = at('10.0.0.2', 'two', inZone('b'))
  const own = at('10.0.0.3', 'one', inZone('a', 'one'))
  const other = at('10.0.0.4', 'two', inZone('a', 'two'))
  const plain = at('10.0.0.5', 'two')
  it.each([
    ['all, without hints', [plain, at('10.0.0.6', 'one')], 'a', ['10.0.0.5', '10.0.0.6']],
    ['those of its zone', [near, far], 'a', ['10.0.0.1']],
    ['all, when it does not know its zone', [near, far], undefined, ['10.0.0.1', '10.0.0.2']],
    ['all, when its zone has none', [near, far], 'c', ['10.0.0.1', '10.0.0.2']],
    ['all, when one of them has no hint', [near, far, plain], 'a', ['10.0.0.1', '10.0.0.2', '10.0.0.5']],
    ['those of the node itself', [own, other], 'a', ['10.0.0.3']],
    [
      'those of its zone, when the node itself has none',
      [other, at('10.0.0.7', 'three', inZone('b', 'three'))],
      'a',
      ['10.0.0.4'],
    ],
  ])('are %s', (_which, endpoints, zone, expected) => {
    expect(targets(endpoints, zone)).toEqual(expected)
  })

  it('are found anew when the zone of the node changes', () => {
    const cache = new ServicePortsCache('one')
    const find = () => servicePorts([service], [slice(near, far)], cache)[0]?.endpoints.length
    expect([find(), cache.setZone('b'), cache.setZone('b'), find()]).toEqual([2, true, false, 1])
  })
})
