/** What the conditions of a namespace say while it is being deleted. */
import type { Kind } from '../../api/define-kind.ts'
import { isConditionTrue, withCondition } from '../../api/meta/conditions.ts'
import type { Live } from '../../api/meta/object.ts'
import { isTerminated } from '../../api/meta/pod.ts'
import type { APIService } from '../../api/types/apiregistration-v1.ts'
import type { Namespace, NamespaceCondition, Pod } from '../../api/types/core-v1.ts'
import { timestamp } from '../../lib/clock.ts'

/** What is left of one resource. */
export interface Remainder {
  /** `pods.`, `deployments.apps`: plural and group. */
  readonly resource: string
  readonly count: number
  /** How many of them wait for each finalizer. */
  readonly finalizers: Readonly<Record<string, number>>
}

export interface DeletionProgress {
  readonly remainders: readonly Remainder[]
  /** Messages of lists and deletions that failed. */
  readonly failures: readonly string[]
  /** Groups and versions of which nobody can tell now what they hold: `metrics.k8s.io/v1beta1`. */
  readonly undiscovered: readonly string[]
}

/** Whether the namespace may go: nothing is left, and nothing is unknown. */
export const isEmptied = ({ remainders, failures, undiscovered }: DeletionProgress): boolean =>
  remainders.length + failures.length + undiscovered.length === 0

/** What other servers serve, but not at present. */
export const undiscoveredVersions = (services: readonly APIService[]): string[] =>
  services
    .filter(({ spec, status }) => spec?.service !== undefined && !isConditionTrue(status?.conditions, 'Available'))
    .map(({ spec }) => `${spec?.group ?? ''}/${spec?.version ?? ''}`)
    .toSorted()

/** For how many seconds from its deletion the pods of a namespace may take their time. */
export const podGraceSeconds = (pods: readonly Pod[]): number =>
  Math.max(0, ...pods.filter((pod) => !isTerminated(pod)).map(({ spec }) => spec?.terminationGracePeriodSeconds ?? 0))

/**
 * Why it is wrong that objects are left: nothing holds them up, yet they were deleted and their time is over.
 * Undefined: it is not.
 */
export function complaintOf(
  { group, version, plural }: Pick<Kind, 'group' | 'version' | 'plural'>,
  { count, finalizers }: Remainder,
  { name, graceEnded }: { readonly name: string; readonly graceEnded: boolean },
): string | undefined {
  if (count === 0 || !graceEnded || Object.keys(finalizers).length > 0) return undefined
  return `unexpected items still remain in namespace: ${name} for gvr: ${group}/${version}, Resource=${plural}`
}

export function deletionConditions(
  namespace: Live<Namespace>,
  { remainders, failures, undiscovered }: DeletionProgress,
  nowMs: number,
): NamespaceCondition[] {
  const left = remainders.map(({ resource, count }) => `${resource} has ${count} resource instances`).toSorted()
  const finalizers = new Map<string, number>()
  for (const remainder of remainders)
    for (const [name, count] of Object.entries(remainder.finalizers))
      finalizers.set(name, (finalizers.get(name) ?? 0) + count)
  const waiting = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`).toSorted()
  const stale = undiscovered.map((version) => `${version}: stale GroupVersion discovery: ${version}`)
  const hidden = `Discovery failed for some groups, ${stale.length} failing`
  const unable = `${hidden}: unable to retrieve the complete list of server APIs`
  const failed = `Failed to delete all resource types, ${failures.length} remaining`
  const conditions: Omit<NamespaceCondition, 'lastTransitionTime'>[] = [
    condition('NamespaceDeletionDiscoveryFailure', sentence(unable, stale), 'DiscoveryFailed', {
      reason: 'ResourcesDiscovered',
      message: 'All resources successfully discovered',
    }),
    condition('NamespaceDeletionGroupVersionParsingFailure', [], 'GroupVersionParsingFailed', {
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    }),
    condition('NamespaceDeletionContentFailure', sentence(failed, failures.toSorted()), 'ContentDeletionFailed', {
      reason: 'ContentDeleted',
      message: 'All content successfully deleted, may be waiting on finalization',
    }),
    condition('NamespaceContentRemaining', sentence('Some resources are remaining', left), 'SomeResourcesRemain', {
      reason: 'ContentRemoved',
      message: 'All content successfully removed',
    }),
    condition(
      'NamespaceFinalizersRemaining',
      sentence('Some content in the namespace has finalizers remaining', waiting),
      'SomeFinalizersRemain',
      { reason: 'ContentHasNoFinalizers', message: 'All content-preserving finalizers finished' },
    ),
  ]
  return conditions.reduce<NamespaceCondition[]>(
    (all, next) => withCondition(all, next, timestamp(nowMs)).conditions,
    namespace.status?.conditions ?? [],
  )
}

const sentence = (start: string, parts: readonly string[]): string[] =>
  parts.length === 0 ? [] : [`${start}: ${parts.join(', ')}`]

function condition(
  type: string,
  problems: readonly string[],
  reason: string,
  fine: { reason: string; message: string },
): Omit<NamespaceCondition, 'lastTransitionTime'> {
  return problems.length === 0
    ? { type, status: 'False', ...fine }
    : { type, status: 'True', reason, message: problems.join('; ') }
}
