/** What a Job's failure policy says of a pod that failed. */
import { keyOf, type Live } from '../../api/meta/object.ts'
import type { Job, PodFailurePolicyRule } from '../../api/types/batch-v1.ts'
import type { Pod } from '../../api/types/core-v1.ts'

export type FailureVerdict =
  { readonly action: 'Count' | 'Ignore' | 'FailIndex' } | { readonly action: 'FailJob'; readonly message: string }

const counted: FailureVerdict = { action: 'Count' }

/** The first rule that matches decides; without one the failure counts. */
export function failureVerdict({ spec }: Job, pod: Live<Pod>): FailureVerdict {
  const rules = spec?.podFailurePolicy?.rules ?? []
  for (const [position, rule] of rules.entries()) {
    const match = matchOf(rule, pod)
    if (match === undefined) continue
    if (rule.action === 'Ignore' || rule.action === 'FailIndex') return { action: rule.action }
    if (rule.action !== 'FailJob') return counted
    return { action: 'FailJob', message: `${match} matching FailJob rule at index ${position}` }
  }
  return counted
}

/** What of the pod matches, as the start of a sentence. */
function matchOf({ onExitCodes, onPodConditions }: PodFailurePolicyRule, pod: Live<Pod>): string | undefined {
  if (onExitCodes !== undefined) {
    const { containerName, operator, values } = onExitCodes
    const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]
    const match = statuses.find(({ name, state }) => {
      const code = state?.terminated?.exitCode ?? 0
      if (code === 0 || (containerName !== undefined && containerName !== name)) return false
      return operator === 'In' ? values.includes(code) : !values.includes(code)
    })
    if (match === undefined) return undefined
    return `Container ${match.name} for pod ${keyOf(pod)} failed with exit code ${match.state?.terminated?.exitCode}`
  }
  const match = (pod.status?.conditions ?? []).find((condition) =>
    onPodConditions?.some(({ type, status = 'True' }) => condition.type === type && condition.status === status),
  )
  return match === undefined ? undefined : `Pod ${keyOf(pod)} has condition ${match.type}`
}
