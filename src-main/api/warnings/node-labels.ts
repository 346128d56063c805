/** Labels of nodes that have gone out of use, and what selectors by them are warned with. */
import type { NodeSelectorTerm } from '../types/core-v1.ts'

const deprecated: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
}

/** What there is to say of a label; undefined of those in use. */
export const nodeLabelWarning = (label: string): string | undefined =>
  Object.hasOwn(deprecated, label) ? deprecated[label] : undefined

export function selectorTermWarnings({ matchExpressions = [] }: NodeSelectorTerm, path: string): string[] {
  return matchExpressions.flatMap(({ key }, index) => {
    const text = nodeLabelWarning(key)
    return text === undefined ? [] : [`${path}.matchExpressions[${index}].key: ${key} is ${text}`]
  })
}
