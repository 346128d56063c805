import { podQosClass } from '../kinds/core/pod-qos.ts'
import type { Pod } from '../types/core-v1.ts'
import type { ScopeRequirement } from './evaluator.ts'

/** Whether a pod is one of those that a scope means. */
export function podInScope(pod: Pod, requirement: ScopeRequirement): boolean {
  switch (requirement.scope) {
    case 'Terminating':
      return isTimeLimited(pod)
    case 'NotTerminating':
      return !isTimeLimited(pod)
    case 'BestEffort':
      return podQosClass(pod) === 'BestEffort'
    case 'NotBestEffort':
      return podQosClass(pod) !== 'BestEffort'
    case 'PriorityClass':
      return fitsName(pod.spec?.priorityClassName ?? '', requirement)
    case 'CrossNamespacePodAffinity':
      return looksIntoOtherNamespaces(pod)
    default:
      return false
  }
}

const isTimeLimited = ({ spec }: Pod): boolean => (spec?.activeDeadlineSeconds ?? -1) >= 0

/** Whether the name of a class, or its absence, is what the requirement wants. */
export function fitsName(name: string, { operator, values }: ScopeRequirement): boolean {
  switch (operator) {
    case 'Exists':
      return name !== ''
    case 'DoesNotExist':
      return name === ''
    case 'In':
      return values.includes(name)
    default:
      return !values.includes(name)
  }
}

function looksIntoOtherNamespaces({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {}
  const terms = [podAffinity, podAntiAffinity].flatMap((affinity) => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ])
  return terms.some((term) => (term?.namespaces ?? []).length > 0 || term?.namespaceSelector !== undefined)
}
