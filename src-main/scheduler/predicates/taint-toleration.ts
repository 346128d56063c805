import { untoleratedTaint } from '../../api/meta/tolerations.ts'
import { fits, unresolvable, type Predicate } from '../framework.ts'

const effects = ['NoSchedule', 'NoExecute']
const refusal = unresolvable('node(s) had untolerated taint(s)')

/** Tainted nodes take only pods that tolerate every taint that forbids scheduling. */
export const taintToleration: Predicate = {
  name: 'TaintToleration',
  prepare({ spec }) {
    return ({ node }) =>
      untoleratedTaint(node.spec?.taints, spec?.tolerations, effects) === undefined ? fits : refusal
  },
  mayHelp: (event, { spec }) =>
    (event.type === 'nodeAdded' || event.type === 'nodeUpdated') &&
    untoleratedTaint(event.node.spec?.taints, spec?.tolerations, effects) === undefined,
}
