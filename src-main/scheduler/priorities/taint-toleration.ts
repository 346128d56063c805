import { isTolerated } from '../../api/meta/tolerations.ts'
import { scaleToBest, type Priority } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'

/** The fewer taints of the kind "better not" a pod has to put up with, the better. */
export const taintTolerationPriority: Priority = {
  name: 'TaintToleration',
  prepare({ spec }) {
    const unwelcome = ({ node }: NodeInfo): number =>
      (node.spec?.taints ?? []).filter(
        (taint) => taint.effect === 'PreferNoSchedule' && !isTolerated(spec?.tolerations, taint),
      ).length
    return {
      score: unwelcome,
      normalise: (scores) => scaleToBest(scores, true),
    }
  },
}
