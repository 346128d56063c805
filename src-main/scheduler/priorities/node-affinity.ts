import { matchesNodeTerm } from '../../api/meta/node-affinity.ts'
import { scaleToBest, type Priority } from '../framework.ts'

/** The weights of the preferred node affinity terms that a node matches. */
export const nodeAffinityPriority: Priority = {
  name: 'NodeAffinity',
  prepare({ spec }) {
    const preferred = (spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).filter(
      ({ weight }) => weight !== 0,
    )
    if (preferred.length === 0) return undefined
    return {
      score: ({ node }) =>
        preferred.reduce((sum, { preference, weight }) => sum + (matchesNodeTerm(preference, node) ? weight : 0), 0),
      normalise: (scores) => scaleToBest(scores),
    }
  },
}
