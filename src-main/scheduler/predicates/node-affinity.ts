import { matchesNodeAffinity, matchesNodeSelector } from '../../api/meta/node-affinity.ts'
import type { Live } from '../../api/meta/object.ts'
import { stableText } from '../../api/meta/pod.ts'
import type { Node, NodeAffinity, NodeSelector, NodeSelectorTerm, Pod } from '../../api/types/core-v1.ts'
import { fits, unresolvable, type Predicate } from '../framework.ts'

const refusal = unresolvable("node(s) didn't match Pod's node affinity/selector")
const contradiction = unresolvable('pod affinity terms conflict')
const refusalOfProfile = unresolvable("node(s) didn't match scheduler-enforced node affinity")

/** The names in the fields of a term; undefined: it holds for nodes of any name. */
function namesIn({ matchFields = [] }: NodeSelectorTerm): readonly string[] | undefined {
  const byName = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In')
  const [first, ...others] = byName.map(({ values = [] }) => values)
  return first?.filter((name) => others.every((names) => names.includes(name)))
}

/** The only nodes that may match, when every term names its nodes, as those of DaemonSets do. */
function onlyNodes(required: NodeSelector | undefined): ReadonlySet<string> | undefined {
  const names = new Set<string>()
  for (const term of required?.nodeSelectorTerms ?? []) {
    const own = namesIn(term)
    if (own === undefined) return undefined
    for (const name of own) names.add(name)
  }
  return required === undefined ? undefined : names
}

/** The node selector and the required node affinity, and what the profile adds to them for all of its pods. */
export function nodeAffinityWith(added?: NodeAffinity): Predicate {
  const enforced = added?.requiredDuringSchedulingIgnoredDuringExecution
  const isEnforced = (node: Node): boolean => enforced === undefined || matchesNodeSelector(enforced, node)
  const matches = (pod: Live<Pod>, node: Node): boolean => isEnforced(node) && matchesNodeAffinity(pod, node)
  return {
    name: 'NodeAffinity',
    prepare(pod) {
      const { nodeSelector, affinity } = pod.spec ?? {}
      const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
      if (nodeSelector === undefined && required === undefined && enforced === undefined) return undefined
      const only = onlyNodes(required)
      if (only?.size === 0) return contradiction
      return {
        ...(only === undefined ? {} : { only }),
        key: stableText([nodeSelector, required]),
        check({ node }) {
          if (!isEnforced(node)) return refusalOfProfile
          return matchesNodeAffinity(pod, node) ? fits : refusal
        },
      }
    },
    mayHelp: (event, pod) =>
      (event.type === 'nodeAdded' && matches(pod, event.node)) ||
      (event.type === 'nodeUpdated' && !matches(pod, event.previous) && matches(pod, event.node)),
  }
}

export const nodeAffinity = nodeAffinityWith()
