import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { IPAddress, ServiceCIDR } from '../../api/types/networking-v1.ts'
import { ago, nowMs } from '../test-objects.ts'
import { finalizer, planRange } from './plan.ts'

const meta = (name: string, more: object = {}) => ({
  ...{ name, uid: name, resourceVersion: '1', creationTimestamp: ago(60) },
  ...more,
})
const aRange = (name: string, cidr: string, more: object = {}): Live<ServiceCIDR> => ({
  metadata: meta(name, more),
  spec: { cidrs: [cidr] },
})
const anAddress = (ip: string): Live<IPAddress> => ({
  metadata: meta(ip),
  spec: { parentRef: { resource: 'services', name: 'web' } },
})
const going = { finalizers: [finalizer], deletionTimestamp: ago(10) }

describe('a ServiceCIDR', () => {
  it('is ready, and is kept, from its first moment', () => {
    const plan = planRange({ range: aRange('a', '10.0.0.0/24'), others: [], addresses: [], nowMs })
    expect(plan).toMatchObject({ finalizers: [finalizer], conditions: [{ type: 'Ready', status: 'True', reason: '' }] })
  })

  it('gives allocators time to see that it goes', () => {
    const range = aRange('a', '10.0.0.0/24', { ...going, deletionTimestamp: ago(4) })
    expect(planRange({ range, others: [], addresses: [], nowMs })).toEqual({ requeueAfterMs: 6000 })
  })

  it('goes only when its addresses are nobody’s, or also another’s', () => {
    const range = aRange('a', '10.0.0.0/24', going)
    const addresses = [anAddress('10.0.0.7')]
    expect(planRange({ range, others: [], addresses, nowMs })).toMatchObject({
      finalizers: undefined,
      conditions: [{ type: 'Ready', status: 'False', reason: 'Terminating' }],
    })
    expect(planRange({ range, others: [], addresses: [anAddress('10.0.1.7')], nowMs }).finalizers).toEqual([])
    expect(planRange({ range, others: [aRange('b', '10.0.0.0/16')], addresses, nowMs }).finalizers).toEqual([])
  })
})
