import { isTolerated } from '../../api/meta/tolerations.ts'
import { fits, unresolvable, type Predicate } from '../framework.ts'

const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }
const refusal = unresolvable('node(s) were unschedulable')

/** Cordoned nodes take only pods that tolerate it. */
export const nodeUnschedulable: Predicate = {
  name: 'NodeUnschedulable',
  prepare: (pod) =>
    isTolerated(pod.spec?.tolerations, taint)
      ? undefined
      : { key: '', check: ({ unschedulable }) => (unschedulable ? refusal : fits) },
  mayHelp: (event) =>
    (event.type === 'nodeAdded' && event.node.spec?.unschedulable !== true) ||
    (event.type === 'nodeUpdated' &&
      event.previous.spec?.unschedulable === true &&
      event.node.spec?.unschedulable !== true),
}
