import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { matchesTerm, termsOf, type AffinityTerm } from '../affinity-terms.ts'
import { bestScore, type Priority, type Snapshot } from '../framework.ts'

export interface PodAffinityWeights {
  /** What a required affinity of a pod that is there is worth to one that it would like to have near. */
  readonly required: number
  readonly ignorePreferredOfOthers: boolean
}

const defaultWeights: PodAffinityWeights = { required: 1, ignorePreferredOfOthers: false }

/** Sums by topology key and domain. */
type Sums = Map<string, Map<string, number>>

function add(
  sums: Sums,
  { nodeNamed }: Snapshot,
  { topologyKey }: AffinityTerm,
  nodeName: string,
  points: number,
): void {
  const domain = nodeNamed(nodeName)?.node.metadata.labels?.[topologyKey]
  if (domain === undefined || points === 0) return
  const ofKey = sums.get(topologyKey) ?? new Map<string, number>()
  ofKey.set(domain, (ofKey.get(domain) ?? 0) + points)
  sums.set(topologyKey, ofKey)
}

function addOwnWishes(sums: Sums, pod: Live<Pod>, snapshot: Snapshot): void {
  const { preferred, preferredAnti } = termsOf(pod)
  const signed = [...preferred, ...preferredAnti.map(({ term, weight }) => ({ term, weight: -weight }))]
  for (const { term, weight } of signed)
    for (const [name, count] of snapshot.countTerms([term])) add(sums, snapshot, term, name, count * weight)
}

function addOthersWishes(sums: Sums, pod: Live<Pod>, snapshot: Snapshot, weights: PodAffinityWeights): void {
  const wishes = [
    ['preferred', (weight: number) => weight],
    ['preferredAnti', (weight: number) => -weight],
  ] as const
  const signs = [
    ...(weights.ignorePreferredOfOthers ? [] : wishes),
    ...(weights.required === 0 ? [] : [['affinity', () => weights.required] as const]),
  ]
  for (const [kind, pointsOf] of signs) {
    for (const { term, weight, perNode } of snapshot.termsOfPods(kind)) {
      if (!matchesTerm(term, pod, snapshot.labelsOfNamespace)) continue
      for (const [name, count] of perNode) add(sums, snapshot, term, name, count * pointsOf(weight))
    }
  }
}

/** Near the pods that it would like, away from those that it would not, and the same seen from their side. */
export function podAffinityPriorityWith(weights: PodAffinityWeights = defaultWeights): Priority {
  return {
    name: 'InterPodAffinity',
    prepare(pod, snapshot) {
      const sums: Sums = new Map()
      addOwnWishes(sums, pod, snapshot)
      addOthersWishes(sums, pod, snapshot, weights)
      if (sums.size === 0) return undefined
      return {
        score({ node }) {
          let score = 0
          for (const [key, domains] of sums) {
            const domain = node.metadata.labels?.[key]
            if (domain !== undefined) score += domains.get(domain) ?? 0
          }
          return score
        },
        normalise(scores) {
          const least = Math.min(...scores)
          const span = Math.max(...scores) - least
          return scores.map((score) => (span === 0 ? 0 : Math.floor((bestScore * (score - least)) / span)))
        },
      }
    },
  }
}
