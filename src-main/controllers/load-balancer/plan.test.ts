import { describe, expect, it } from 'vitest'
import type { Service, ServiceSpec } from '../../api/types/core-v1.ts'
import { finalizer, planBalancer, typeChange } from './plan.ts'

const range = '10.30.255.0/29'
const aService = (spec: ServiceSpec = {}, ...addresses: string[]): Service => ({
  metadata: { name: 'web' },
  spec: { type: 'LoadBalancer', ...spec },
  status: { loadBalancer: { ingress: addresses.map((ip) => ({ ip })) } },
})
const all = ['1', '2', '3', '4', '5', '6'].map((host) => `10.30.255.${host}`)

describe('the address of a load balancer', () => {
  it.each<[string, Service, string[], object]>([
    ['is the first that is free', aService(), all.slice(0, 2), { action: 'assign', address: '10.30.255.3' }],
    ['stays', aService({}, '10.30.255.4'), [], { action: 'none' }],
    [
      'changes when another service has it too',
      aService({}, all[0]!),
      [all[0]!],
      { action: 'assign', address: all[1] },
    ],
    [
      'is the one that the service asks for',
      aService({ loadBalancerIP: all[4]! }),
      [],
      { action: 'assign', address: all[4] },
    ],
    ['is missing when all are taken', aService(), all, { action: 'exhausted' }],
    ['is taken back when the type changes', aService({ type: 'ClusterIP' }, all[0]!), [], { action: 'clear' }],
    [
      'is given back before the service goes',
      { ...aService({}, all[0]!), metadata: { name: 'web', finalizers: [finalizer], deletionTimestamp: 'now' } },
      [],
      { action: 'clear' },
    ],
    ['is not ours with a class', aService({ loadBalancerClass: 'other' }, '1.2.3.4'), [], { action: 'none' }],
  ])('%s', (_what, service, taken, expected) => {
    expect(planBalancer(service, range, new Set(taken))).toEqual(expected)
  })

  it.each([
    ['1.2.3.4', '1.2.3.4 is not in the range 10.30.255.0/29'],
    ['10.30.255.7', '10.30.255.7 is not in the range 10.30.255.0/29'],
    ['10.30.255.1', '10.30.255.1 is the address of another service'],
  ])('is refused for the wish %s', (loadBalancerIP, message) => {
    expect(planBalancer(aService({ loadBalancerIP }), range, new Set(['10.30.255.1']))).toEqual({
      action: 'refused',
      message,
    })
  })
})

it.each<[ServiceSpec, ServiceSpec, string | undefined]>([
  [{ type: 'ClusterIP' }, {}, 'ClusterIP -> LoadBalancer'],
  [{}, { type: 'NodePort' }, 'LoadBalancer -> NodePort'],
  [{}, { loadBalancerIP: '1.2.3.4' }, undefined],
  [{ type: 'ClusterIP' }, { type: 'NodePort' }, undefined],
])('a service that changes from %j to %j says %s', (before, after, words) => {
  expect(typeChange(aService(before), aService(after))).toBe(words)
})
