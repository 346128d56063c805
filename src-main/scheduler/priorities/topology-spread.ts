import { bestScore, type Priority } from '../framework.ts'
import { countDomains, domainOf, hasAllDomains, hostnameLabel, spreadOf } from '../topology-spread.ts'

/** The fewer pods of the same kind a node's domains hold, the better. */
export const topologySpreadPriority: Priority = {
  name: 'PodTopologySpread',
  prepare(pod, snapshot, feasible) {
    const { constraints, explicit } = spreadOf(pod, 'ScheduleAnyway', snapshot)
    if (constraints.length === 0) return undefined
    const counts = (node: (typeof feasible)[number]): boolean => !explicit || hasAllDomains(node, constraints)
    const nodes = snapshot.nodes.filter(counts)
    const counted = constraints.map((constraint) => {
      const perNode = constraint.topologyKey === hostnameLabel
      const sizes = new Set(feasible.filter(counts).map((node) => domainOf(node, constraint.topologyKey)))
      sizes.delete(undefined)
      const own = snapshot.countMatching(pod.metadata.namespace ?? '', constraint.selector)
      const domains = perNode ? undefined : countDomains(constraint, pod, snapshot, nodes)
      // Few large domains must weigh as much as many small ones.
      return { constraint, weight: Math.log((perNode ? feasible.length : sizes.size) + 2), own, domains }
    })
    return {
      score(node) {
        if (!counts(node)) return Number.NaN
        let sum = 0
        for (const { constraint, weight, own, domains } of counted) {
          const domain = domainOf(node, constraint.topologyKey)
          if (domain === undefined) continue
          const pods = domains === undefined ? own(node.name) : (domains.get(domain) ?? 0)
          sum += pods * weight + (constraint.maxSkew - 1)
        }
        return Math.round(sum)
      },
      normalise: turnedAround,
    }
  },
}

/** Fewest pods become 100; nodes that do not count (NaN) become 0. */
function turnedAround(scores: readonly number[]): number[] {
  let least = Infinity
  let most = 0
  for (const score of scores) {
    if (Number.isNaN(score)) continue
    least = Math.min(least, score)
    most = Math.max(most, score)
  }
  return scores.map((score) => {
    if (Number.isNaN(score)) return 0
    return most === 0 ? bestScore : Math.floor((bestScore * (most + least - score)) / most)
  })
}
