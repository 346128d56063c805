import { stableText } from '../../api/meta/pod.ts'
import { bestScore, type Priority } from '../framework.ts'
import { requestsOf } from '../resources.ts'
import { cpuAndMemory, type WeightedResource } from './node-resources.ts'

/** How far the shares are from each other: their standard deviation. */
function deviation(shares: readonly number[]): number {
  const [first = 0, second = 0] = shares
  if (shares.length < 2) return 0
  if (shares.length === 2) return Math.abs(first - second) / 2
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
  return Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length)
}

/** The closer the used shares of the resources are to each other, the better: none is left stranded. */
export function balancedAllocationOf(resources: readonly WeightedResource[] = cpuAndMemory): Priority {
  return {
    name: 'NodeResourcesBalancedAllocation',
    prepare(pod) {
      const { requests } = requestsOf(pod)
      if (Object.keys(requests).length === 0) return undefined
      const names = resources.map(({ name }) => name).filter((name) => !name.includes('/') || (requests[name] ?? 0) > 0)
      return {
        key: stableText(requests),
        score({ allocatable, requested }) {
          const shares: number[] = []
          for (const name of names) {
            const total = allocatable[name] ?? 0
            if (total > 0) shares.push(Math.min(1, ((requested[name] ?? 0) + (requests[name] ?? 0)) / total))
          }
          return Math.floor((1 - deviation(shares)) * bestScore)
        },
      }
    },
  }
}
