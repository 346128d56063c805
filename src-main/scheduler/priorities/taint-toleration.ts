import { stableText } from '../../api/meta/pod.ts'
import { isTolerated } from '../../api/meta/tolerations.ts'
import { scaleToBest, type Priority } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'

/** The fewer taints of the kind "better not" a pod has to put up with, the better. */
export const taintTolerationPriority: Priority = {
  name: 'TaintToleration',
  prepare({ spec }) {
    const unwelcome = ({ taints }: NodeInfo): number => {
      let count = 0
      for (const taint of taints)
        if (taint.effect === 'PreferNoSchedule' && !isTolerated(spec?.tolerations, taint)) count++
      return count
    }
    return {
      key: stableText(spec?.tolerations),
      score: unwelcome,
      normalise: (scores) => scaleToBest(scores, true),
    }
  },
}
