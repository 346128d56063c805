import { compareQuantities, parseQuantity, type ExactQuantity } from '../../meta/quantity.ts'
import type { Pod, ResourceRequirements } from '../../types/core-v1.ts'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

const counted = ['cpu', 'memory'] as const

/**
 * How a pod is treated when a node runs out: Guaranteed when everything is limited and requests equal limits,
 * BestEffort when nothing is asked for. Resources of the pod itself (KEP-2837) go before those of its containers.
 */
export function podQosClass(pod: Pod): QosClass {
  const { containers = [], initContainers = [], resources } = pod.spec ?? { containers: [] }
  const parts = asks(resources) ? [resources] : [...containers, ...initContainers].map((one) => one.resources)
  if (!parts.some(asks)) return 'BestEffort'
  return parts.every(isExact) ? 'Guaranteed' : 'Burstable'
}

function amount(resources: ResourceRequirements | undefined, from: 'requests' | 'limits', name: string): ExactQuantity {
  return parseQuantity(resources?.[from]?.[name] ?? '0')
}

function asks(resources: ResourceRequirements | undefined): boolean {
  return counted.some(
    (name) => amount(resources, 'requests', name).nano > 0n || amount(resources, 'limits', name).nano > 0n,
  )
}

function isExact(resources: ResourceRequirements | undefined): boolean {
  return counted.every((name) => {
    const limit = amount(resources, 'limits', name)
    const request = resources?.requests?.[name] === undefined ? limit : amount(resources, 'requests', name)
    return limit.nano > 0n && compareQuantities(limit, request) === 0
  })
}
