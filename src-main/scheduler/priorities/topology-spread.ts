import { bestScore, type Priority } from '../framework.ts'
import {
  countDomains,
  domainOf,
  hasAllDomains,
  hostnameLabel,
  spreadOf,
  systemDefaults,
  type SpreadDefaults,
} from '../topology-spread.ts'

/** The fewer pods of the same kind a node's domains hold, the better. */
export function topologySpreadPriorityWith(defaults: SpreadDefaults = systemDefaults): Priority {
  return {
    name: 'PodTopologySpread',
    prepare(pod, snapshot, feasible) {
      const { constraints, strict } = spreadOf(pod, 'ScheduleAnyway', snapshot, defaults)
      if (constraints.length === 0) return undefined
      const required = strict ? constraints : []
      const counts = (node: (typeof feasible)[number]): boolean => hasAllDomains(node, required)
      const scored = strict ? feasible.filter(counts) : feasible
      const counted = constraints.map((constraint) => {
        const { topologyKey, selector } = constraint
        const perNode = topologyKey === hostnameLabel
        const sizes = new Set(perNode ? [] : scored.map((node) => domainOf(node, topologyKey)))
        sizes.delete(undefined)
        const own = snapshot.countMatching(pod.metadata.namespace ?? '', selector)
        const counts = perNode ? undefined : countDomains(constraint, required, pod, snapshot)
        const domains = counts === undefined ? undefined : { layout: counts.layout, counts: counts.take() }
        // Few large domains must weigh as much as many small ones.
        return { constraint, weight: Math.log((perNode ? scored.length : sizes.size) + 2), own, domains }
      })
      return {
        score(node) {
          if (strict && !counts(node)) return Number.NaN
          let sum = 0
          for (const { constraint, weight, own, domains } of counted) {
            const domain = domainOf(node, constraint.topologyKey)
            if (domain === undefined) continue
            const pods =
              domains === undefined ? (own.get(node.name) ?? 0) : (domains.counts[domains.layout.of(node)] ?? 0)
            sum += pods * weight + (constraint.maxSkew - 1)
          }
          return Math.round(sum)
        },
        normalise: turnedAround,
      }
    },
  }
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
