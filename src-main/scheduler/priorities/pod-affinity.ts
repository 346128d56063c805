import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { matchesTerm, termsOf, type AffinityTerm } from '../affinity-terms.ts'
import { everyNode, type DomainLayout } from '../domain-counts.ts'
import { bestScore, type Priority, type Snapshot } from '../framework.ts'

export interface PodAffinityWeights {
  /** What a required affinity of a pod that is there is worth to one that it would like to have near. */
  readonly required: number
  readonly ignorePreferredOfOthers: boolean
}

const defaultWeights: PodAffinityWeights = { required: 1, ignorePreferredOfOthers: false }

interface Sum {
  readonly layout: DomainLayout
  /** By the number of the domain. */
  readonly points: Float64Array
}

/** By topology key. */
type Sums = Map<string, Sum>

function add(sums: Sums, { topologyKey }: AffinityTerm, layout: DomainLayout, counts: Int32Array, each: number): void {
  if (each === 0 || counts.every((count) => count === 0)) return
  const sum = sums.get(topologyKey) ?? { layout, points: new Float64Array(layout.domains.length) }
  sums.set(topologyKey, sum)
  counts.forEach((count, domain) => (sum.points[domain] = (sum.points[domain] ?? 0) + count * each))
}

function addOwnWishes(sums: Sums, pod: Live<Pod>, snapshot: Snapshot): void {
  const { preferred, preferredAnti } = termsOf(pod)
  const signed = [...preferred, ...preferredAnti.map(({ term, weight }) => ({ term, weight: -weight }))]
  for (const { term, weight } of signed) {
    const layout = snapshot.layoutOf(everyNode(term.topologyKey))
    add(sums, term, layout, snapshot.countTermInDomains(term, layout), weight)
  }
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
    for (const { term, weight, byLayout } of snapshot.termsOfPods(kind)) {
      if (!matchesTerm(term, pod, snapshot.labelsOfNamespace)) continue
      const layout = snapshot.layoutOf(everyNode(term.topologyKey))
      add(sums, term, layout, byLayout.in(layout).take(), pointsOf(weight))
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
        score(node) {
          let score = 0
          for (const { layout, points } of sums.values()) score += points[layout.of(node)] ?? 0
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
