import { bestScore, type Priority } from '../framework.ts'
import { requestsOf } from '../resources.ts'

/** The closer the used shares of cpu and memory are to each other, the better: neither is left stranded. */
export const balancedAllocation: Priority = {
  name: 'NodeResourcesBalancedAllocation',
  prepare(pod) {
    const { requests } = requestsOf(pod)
    if (Object.keys(requests).length === 0) return undefined
    const share = (total: number | undefined, used: number): number | undefined =>
      total === undefined || total === 0 ? undefined : Math.min(1, used / total)
    return {
      score({ allocatable, requested }) {
        const used = (name: string): number => (requested[name] ?? 0) + (requests[name] ?? 0)
        const cpu = share(allocatable['cpu'], used('cpu'))
        const memory = share(allocatable['memory'], used('memory'))
        const deviation = cpu === undefined || memory === undefined ? 0 : Math.abs(cpu - memory) / 2
        return Math.floor((1 - deviation) * bestScore)
      },
    }
  },
}
