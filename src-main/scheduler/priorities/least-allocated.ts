import { bestScore, type Priority } from '../framework.ts'
import { requestsOf } from '../resources.ts'

const scoredResources = ['cpu', 'memory'] as const

/** The more of its cpu and memory a node has left with the pod on it, the better. */
export const leastAllocated: Priority = {
  name: 'NodeResourcesFit',
  prepare(pod) {
    const { scored } = requestsOf(pod)
    return {
      score({ allocatable, scoredRequested }) {
        let sum = 0
        let counted = 0
        for (const name of scoredResources) {
          const total = allocatable[name] ?? 0
          if (total === 0) continue
          const left = total - (scoredRequested[name] ?? 0) - (scored[name] ?? 0)
          sum += left < 0 ? 0 : Math.floor((left * bestScore) / total)
          counted++
        }
        return counted === 0 ? 0 : Math.floor(sum / counted)
      },
    }
  },
}
