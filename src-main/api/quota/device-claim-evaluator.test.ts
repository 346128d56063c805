import { describe, expect, it } from 'vitest'
import { formatQuantity } from '../meta/quantity.ts'
import { deviceClaimEvaluator } from './device-claim-evaluator.ts'

const wish = (deviceClassName: string, count: number) => ({ deviceClassName, allocationMode: 'ExactCount', count })
const suffix = '.deviceclass.resource.k8s.io/devices'

describe('what a claim for devices uses', () => {
  it.each<[string, object, Record<string, string>]>([
    ['v1', { name: 'a', exactly: wish('gpu', 2) }, { gpu: '2' }],
    ['v1beta1', { name: 'a', ...wish('gpu', 2) }, { gpu: '2' }],
    ['v1', { name: 'a', firstAvailable: [wish('gpu', 1), wish('gpu', 3), wish('nic', 1)] }, { gpu: '3', nic: '1' }],
    ['v1', { name: 'a', exactly: { deviceClassName: 'gpu', allocationMode: 'All' } }, { gpu: '32' }],
  ])('%s %j → %j', (version, request, devices) => {
    const apiVersion = `resource.k8s.io/${version}`
    const usage = deviceClaimEvaluator.usage({ apiVersion, spec: { devices: { requests: [request] } } } as never, 0)
    const counted = Object.entries(devices).map(([name, amount]): [string, string] => [name + suffix, amount])
    expect(Object.fromEntries([...usage].map(([name, amount]) => [name, formatQuantity(amount)]))).toEqual({
      'count/resourceclaims.resource.k8s.io': '1',
      ...Object.fromEntries(counted),
    })
  })
})
