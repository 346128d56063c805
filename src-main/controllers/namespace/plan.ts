/** What the conditions of a namespace say while it is being deleted. */
import { withCondition } from '../../api/meta/conditions.ts'
import type { Live } from '../../api/meta/object.ts'
import type { Namespace, NamespaceCondition } from '../../api/types/core-v1.ts'
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
}

export function deletionConditions(
  namespace: Live<Namespace>,
  { remainders, failures }: DeletionProgress,
  nowMs: number,
): NamespaceCondition[] {
  const left = remainders.map(({ resource, count }) => `${resource} has ${count} resource instances`)
  const finalizers = new Map<string, number>()
  for (const remainder of remainders)
    for (const [name, count] of Object.entries(remainder.finalizers))
      finalizers.set(name, (finalizers.get(name) ?? 0) + count)
  const waiting = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`)
  const conditions: Omit<NamespaceCondition, 'lastTransitionTime'>[] = [
    condition('NamespaceDeletionDiscoveryFailure', [], 'DiscoveryFailed', {
      reason: 'ResourcesDiscovered',
      message: 'All resources successfully discovered',
    }),
    condition('NamespaceDeletionGroupVersionParsingFailure', [], 'GroupVersionParsingFailed', {
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    }),
    condition('NamespaceDeletionContentFailure', failures, 'ContentDeletionFailed', {
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
