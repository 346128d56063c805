import { stableText } from '../../api/meta/pod.ts'
import { untoleratedTaint } from '../../api/meta/tolerations.ts'
import type { Node, Pod } from '../../api/types/core-v1.ts'
import { fits, unresolvable, type Predicate } from '../framework.ts'

const effects = ['NoSchedule', 'NoExecute']
const refusal = unresolvable('node(s) had untolerated taint(s)')

const tolerates = ({ spec }: Pod, node: Node): boolean =>
  untoleratedTaint(node.spec?.taints, spec?.tolerations, effects) === undefined

/** Tainted nodes take only pods that tolerate every taint that forbids scheduling. */
export const taintToleration: Predicate = {
  name: 'TaintToleration',
  prepare: (pod) => ({
    key: stableText(pod.spec?.tolerations),
    check: ({ taints, node }) => (taints.length === 0 || tolerates(pod, node) ? fits : refusal),
  }),
  mayHelp: (event, pod) =>
    (event.type === 'nodeAdded' && tolerates(pod, event.node)) ||
    (event.type === 'nodeUpdated' && !tolerates(pod, event.previous) && tolerates(pod, event.node)),
}
