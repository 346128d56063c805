import type { Pod } from '../../api/types/core-v1.ts'
import type { Decision } from '../decision.ts'
import { usesResourceClaims } from '../devices/pod-resource-claims.ts'
import type { FilterRun } from '../filter-run.ts'
import { dynamicResourcesName } from '../predicates/dynamic-resources.ts'

/**
 * What DynamicResources says of a pod that fits nowhere, before preemption is tried: its claims could be given back.
 * A pod that was refused as a whole before DynamicResources saw it is `not found`, which ends the search for room.
 * Undefined: the plugin is off.
 */
export function wordsOnClaims(pod: Pod, { unseen }: Pick<Decision, 'unseen'>, run: FilterRun): string | undefined {
  if (!run.predicates.some(({ name }) => name === dynamicResourcesName)) return undefined
  const nothing = 'no new claims to deallocate'
  if (unseen?.wholePod === true) return unseen.predicates.includes(dynamicResourcesName) ? nothing : 'not found'
  return usesResourceClaims(pod) ? 'still not schedulable' : nothing
}
