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

const balanceOf = (shares: readonly number[]): number => Math.floor((1 - deviation(shares)) * bestScore)

/**
 * The more the pod brings the used shares of the resources together, the better: none is left stranded. From 50 to
 * 100; a pod that changes nothing gives 75.
 */
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
          const before: number[] = []
          const after: number[] = []
          for (const name of names) {
            const total = allocatable[name] ?? 0
            if (total <= 0) continue
            const used = requested[name] ?? 0
            before.push(Math.min(1, used / total))
            after.push(Math.min(1, (used + (requests[name] ?? 0)) / total))
          }
          const half = bestScore / 2
          return half + Math.floor((half + balanceOf(after) - balanceOf(before)) / 2)
        },
      }
    },
  }
}
