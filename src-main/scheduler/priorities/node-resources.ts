import { stableText } from '../../api/meta/pod.ts'
import { bestScore, type Priority } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'
import { requestsOf } from '../resources.ts'

export interface WeightedResource {
  readonly name: string
  readonly weight: number
}

/** A point of the line that turns a used share (percent) into a score (0–10). */
export interface ShapePoint {
  readonly utilization: number
  readonly score: number
}

export type ResourceStrategy =
  | { readonly type: 'LeastAllocated' }
  | { readonly type: 'MostAllocated' }
  | { readonly type: 'RequestedToCapacityRatio'; readonly shape: readonly ShapePoint[] }

export const cpuAndMemory: readonly WeightedResource[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
]

/** Scores of shapes end here. */
const highestOfShape = 10

type Points = (used: number, total: number) => number

function pointsOf(strategy: ResourceStrategy): Points {
  if (strategy.type === 'LeastAllocated')
    return (used, total) => (used > total ? 0 : Math.floor(((total - used) * bestScore) / total))
  if (strategy.type === 'MostAllocated') return (used, total) => Math.floor((Math.min(used, total) * bestScore) / total)
  const { shape } = strategy
  return (used, total) => {
    if (total === 0 || used > total) return onLine(shape, 100)
    return onLine(shape, 100 - Math.floor(((total - used) * 100) / total))
  }
}

/** The score at a used share, on the straight line between the points around it. */
function onLine(shape: readonly ShapePoint[], percent: number): number {
  const scale = bestScore / highestOfShape
  let before: ShapePoint | undefined
  for (const point of shape) {
    if (percent <= point.utilization) {
      if (before === undefined) return point.score * scale
      const rise = (point.score - before.score) * scale
      return (
        before.score * scale +
        Math.trunc((rise * (percent - before.utilization)) / (point.utilization - before.utilization))
      )
    }
    before = point
  }
  return (before?.score ?? 0) * scale
}

/** How much of its resources a node would have left, or used, with the pod on it. */
export function nodeResourcesPriorityWith(
  strategy: ResourceStrategy,
  resources: readonly WeightedResource[] = cpuAndMemory,
): Priority {
  const points = pointsOf(strategy)
  const rounds = strategy.type === 'RequestedToCapacityRatio'
  return {
    name: 'NodeResourcesFit',
    prepare(pod) {
      const { scored } = requestsOf(pod)
      // An extended resource that the pod does not want says nothing.
      const counted = resources.filter(({ name }) => !name.includes('/') || (scored[name] ?? 0) > 0)
      return {
        key: stableText(scored),
        score({ allocatable, scoredRequested }: NodeInfo) {
          let sum = 0
          let weights = 0
          for (const { name, weight } of counted) {
            const total = allocatable[name] ?? 0
            if (total === 0) continue
            const own = points((scoredRequested[name] ?? 0) + (scored[name] ?? 0), total)
            if (rounds && own <= 0) continue
            sum += own * weight
            weights += weight
          }
          if (weights === 0) return 0
          return rounds ? Math.round(sum / weights) : Math.floor(sum / weights)
        },
      }
    },
  }
}
