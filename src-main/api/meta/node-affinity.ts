/** Which nodes a pod's node selector and node affinity allow. */
import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod } from '../types/core-v1.ts'
import { matchesRequirement, type RequirementOperator } from './label-requirement.ts'

const operators: Readonly<Record<string, RequirementOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
}

function allMatch(
  requirements: readonly NodeSelectorRequirement[] | undefined,
  values: Readonly<Record<string, string>>,
): boolean {
  return (requirements ?? []).every(({ key, operator, values: wanted = [] }) => {
    const known = operators[operator]
    return known !== undefined && matchesRequirement({ key, operator: known, values: wanted }, values)
  })
}

/** A term without any requirement matches no node. */
export function matchesNodeTerm({ matchExpressions, matchFields }: NodeSelectorTerm, node: Node): boolean {
  if ((matchExpressions ?? []).length === 0 && (matchFields ?? []).length === 0) return false
  return (
    allMatch(matchExpressions, node.metadata?.labels ?? {}) &&
    allMatch(matchFields, { 'metadata.name': node.metadata?.name ?? '' })
  )
}

/** One matching term is enough. */
export const matchesNodeSelector = ({ nodeSelectorTerms }: NodeSelector, node: Node): boolean =>
  nodeSelectorTerms.some((term) => matchesNodeTerm(term, node))

/** Both `spec.nodeSelector` and the required node affinity. */
export function matchesNodeAffinity({ spec }: Pick<Pod, 'spec'>, node: Node): boolean {
  const labels = node.metadata?.labels ?? {}
  if (Object.entries(spec?.nodeSelector ?? {}).some(([name, value]) => labels[name] !== value)) return false
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return required === undefined || matchesNodeSelector(required, node)
}
