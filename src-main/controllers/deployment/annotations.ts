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

export function revisionOf(replicaSet: ReplicaSet | undefined): number {
  const revision = Number(replicaSet?.metadata?.annotations?.[revisionAnnotation] ?? '0')
  return Number.isInteger(revision) ? revision : 0
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
  revision: number,
): Record<string, string> {
  const handedOn = Object.entries(deployment.metadata?.annotations ?? {}).filter(([name]) => !ownAnnotations.has(name))
  const annotations: Record<string, string> = { ...previous, ...Object.fromEntries(handedOn) }
  const before = previous[revisionAnnotation]
  if (Number(before ?? '0') >= revision) return annotations
  annotations[revisionAnnotation] = String(revision)
  if (before !== undefined) {
    const history = previous[revisionHistoryAnnotation]
    annotations[revisionHistoryAnnotation] = history === undefined || history === '' ? before : `${history},${before}`
  }
  return annotations
}
