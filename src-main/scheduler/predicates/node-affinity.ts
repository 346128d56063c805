import { matchesNodeAffinity } from '../../api/meta/node-affinity.ts'
import { fits, unresolvable, type Predicate } from '../framework.ts'

const refusal = unresolvable("node(s) didn't match Pod's node affinity/selector")

/** The node selector and the required node affinity. */
export const nodeAffinity: Predicate = {
  name: 'NodeAffinity',
  prepare(pod) {
    const { nodeSelector, affinity } = pod.spec ?? {}
    const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
    if (nodeSelector === undefined && required === undefined) return undefined
    return ({ node }) => (matchesNodeAffinity(pod, node) ? fits : refusal)
  },
  mayHelp: (event, pod) =>
    (event.type === 'nodeAdded' && matchesNodeAffinity(pod, event.node)) ||
    (event.type === 'nodeUpdated' && !matchesNodeAffinity(pod, event.previous) && matchesNodeAffinity(pod, event.node)),
}
