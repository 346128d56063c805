import { matchesNodeTerm } from '../../api/meta/node-affinity.ts'
import { stableText } from '../../api/meta/pod.ts'
import type { NodeAffinity, PreferredSchedulingTerm } from '../../api/types/core-v1.ts'
import { scaleToBest, type Priority } from '../framework.ts'

/** The weights of the preferred node affinity terms that a node matches, and of those of the profile. */
export function nodeAffinityPriorityWith(added?: NodeAffinity): Priority {
  const termsIn = (affinity: NodeAffinity | undefined): readonly PreferredSchedulingTerm[] =>
    (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).filter(({ weight }) => weight !== 0)
  return {
    name: 'NodeAffinity',
    prepare({ spec }) {
      const preferred = [...termsIn(added), ...termsIn(spec?.affinity?.nodeAffinity)]
      if (preferred.length === 0) return undefined
      return {
        key: stableText(preferred),
        score: ({ node }) =>
          preferred.reduce((sum, { preference, weight }) => sum + (matchesNodeTerm(preference, node) ? weight : 0), 0),
        normalise: (scores) => scaleToBest(scores),
      }
    },
  }
}
