import { describe, expect, it } from 'vitest'
import type { Live } from '../../src-main/api/meta/object.ts'
import type { Service } from '../../src-main/api/types/core-v1.ts'
import type { Endpoint, EndpointSlice } from '../../src-main/api/types/discovery-v1.ts'
import { dnsNames, nodePorts, pathsByService, portText } from './service-paths.ts'

const metadata = (name: string, more: object = {}) => ({
  ...{ name, namespace: 'shop', uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
  ...more,
})
const aSlice = (name: string, service: string, endpoints: Endpoint[]): Live<EndpointSlice> => ({
  metadata: metadata(name, { labels: { 'kubernetes.io/service-name': service } }),
  addressType: 'IPv4',
  endpoints,
})
const aService = (spec: Service['spec']): Live<Service> => ({
  metadata: metadata('web'),
  ...(spec === undefined ? {} : { spec }),
})

describe('the path of a service', () => {
  it('leads over all its slices to pods and machines', () => {
    const paths = pathsByService([
      aSlice('web-1', 'web', [
        { addresses: ['10.244.1.3'], nodeName: 'worker-1', targetRef: { kind: 'Pod', name: 'web-b' } },
        {
          addresses: ['10.244.2.3'],
          nodeName: 'worker-2',
          targetRef: { kind: 'Pod', name: 'web-a' },
          conditions: { ready: false },
        },
      ]),
      aSlice('web-2', 'web', [{ addresses: ['192.0.2.1'] }]),
      aSlice('other', 'db', []),
    ])
    expect(paths.get('shop/web')?.slices).toHaveLength(2)
    expect(paths.get('shop/web')?.endpoints).toEqual([
      { address: '192.0.2.1', ready: true, pod: undefined, node: undefined },
      { address: '10.244.2.3', ready: false, pod: 'web-a', node: 'worker-2' },
      { address: '10.244.1.3', ready: true, pod: 'web-b', node: 'worker-1' },
    ])
    expect(paths.get('shop/db')?.endpoints).toEqual([])
  })

  it.each([
    [{ ports: [] }, ['web.shop', 'web.shop.svc.cluster.local']],
    [{ type: 'ExternalName', externalName: 'example.org' }, ['web.shop.svc.cluster.local → example.org']],
  ])('has the names that DNS gives %o', (spec, names) => expect(dnsNames(aService(spec))).toEqual(names))

  it.each([
    [{ port: 80 }, '80/TCP'],
    [{ port: 80, targetPort: 8080, name: 'http' }, 'http 80→8080/TCP'],
    [{ port: 53, targetPort: 53, protocol: 'UDP' }, '53/UDP'],
    [{ port: 80, targetPort: 'web' }, '80→web/TCP'],
  ])('writes the port %o as %s', (port, text) => expect(portText(port)).toBe(text))

  it('has the node ports that were given', () => {
    expect(nodePorts(aService({ ports: [{ port: 80, nodePort: 30080 }, { port: 81 }] }))).toEqual([30080])
  })
})
