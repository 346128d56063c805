/** What a Deployment writes on its ReplicaSets, and reads back from them. */
import type { Deployment, ReplicaSet } from '../../api/types/apps-v1.ts'
import { rolloutLimits, wantedReplicas } from './limits.ts'

export const revisionAnnotation = 'deployment.kubernetes.io/revision'
export const revisionHistoryAnnotation = 'deployment.kubernetes.io/revision-history'
export const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas'
export const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas'

/** Annotations of a Deployment that speak of it alone and are not handed on. */
const ownAnnotations = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  'deprecated.deployment.rollback.to',
])

/** Revisions are 64 bits wide; what is no number counts as none. */
function parseRevision(text: string | undefined): bigint {
  return text !== undefined && /^\d{1,19}$/.test(text) ? BigInt(text) : 0n
}

export const revisionOf = (replicaSet: ReplicaSet | undefined): bigint =>
  parseRevision(replicaSet?.metadata?.annotations?.[revisionAnnotation])

export const olderRevisionFirst = (a: ReplicaSet, b: ReplicaSet): number => {
  const [left, right] = [revisionOf(a), revisionOf(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

export function replicaCountAnnotations(deployment: Deployment): Record<string, string> {
  const wanted = wantedReplicas(deployment)
  return {
    [desiredReplicasAnnotation]: String(wanted),
    [maxReplicasAnnotation]: String(wanted + rolloutLimits(deployment).maxSurge),
  }
}

/** The annotations of the ReplicaSet that carries the current template, when it holds `previous` now. */
export function newReplicaSetAnnotations(
  deployment: Deployment,
  previous: Readonly<Record<string, string>>,
  revision: bigint,
): Record<string, string> {
  const handedOn = Object.entries(deployment.metadata?.annotations ?? {}).filter(([name]) => !ownAnnotations.has(name))
  const annotations: Record<string, string> = { ...previous, ...Object.fromEntries(handedOn) }
  const before = previous[revisionAnnotation]
  if (parseRevision(before) >= revision) return annotations
  annotations[revisionAnnotation] = String(revision)
  if (before !== undefined) {
    const history = previous[revisionHistoryAnnotation]
    annotations[revisionHistoryAnnotation] = history === undefined || history === '' ? before : `${history},${before}`
  }
  return annotations
}
