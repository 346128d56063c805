import { expect, it } from 'vitest'
import type { ServicePortRoutes } from '../service-ports.ts'
import { staleFlows } from './stale-flows.ts'

const aPort = (protocol: 'tcp' | 'udp', ...addresses: string[]): ServicePortRoutes => ({
  ...{
    name: 'default/dns',
    protocol,
    port: 53,
    clusterAddress: '10.96.0.9',
    externalAddresses: [],
    nodePort: undefined,
  },
  ...{ affinitySeconds: undefined, internalLocal: false, externalLocal: false },
  endpoints: addresses.map((address) => ({ address, port: 53, local: false })),
})

it('forgets flows to endpoints that are gone', () => {
  expect(staleFlows([aPort('udp', '10.244.0.2', '10.244.0.3')], [aPort('udp', '10.244.0.3')])).toEqual([
    ['conntrack', '-D', '-p', 'udp', '--orig-dst', '10.96.0.9', '--dst-nat', '10.244.0.2'],
  ])
})

it('forgets flows that led nowhere, once there is an endpoint', () => {
  expect(staleFlows([aPort('udp')], [aPort('udp', '10.244.0.2')])).toEqual([
    ['conntrack', '-D', '-p', 'udp', '--orig-dst', '10.96.0.9'],
  ])
})

it('leaves TCP to its own end, and what has not changed as it is', () => {
  expect(staleFlows([aPort('tcp', '10.244.0.2')], [])).toEqual([])
  expect(staleFlows([aPort('udp', '10.244.0.2')], [aPort('udp', '10.244.0.2')])).toEqual([])
})
