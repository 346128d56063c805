/** How many replicas each ReplicaSet of a Deployment should have next. Pure arithmetic on sizes. */
import type { Live } from '../../api/meta/object.ts'
import type { Deployment, ReplicaSet } from '../../api/types/apps-v1.ts'
import { desiredReplicasAnnotation, maxReplicasAnnotation } from './annotations.ts'
import { isRolling, rolloutLimits, wantedReplicas } from './limits.ts'

/** New sizes by the name of the ReplicaSet; those that keep theirs are left out. */
export type Sizes = ReadonlyMap<string, number>

export const sizeOf = (replicaSet: ReplicaSet): number => replicaSet.spec?.replicas ?? 1
/** A status that lags behind a smaller size must not count pods that are already on their way out. */
const availableOf = (replicaSet: ReplicaSet): number =>
  Math.min(sizeOf(replicaSet), replicaSet.status?.availableReplicas ?? 0)
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
const createdAt = ({ metadata }: Live<ReplicaSet>): number => Date.parse(metadata.creationTimestamp)
export const oldestFirst = (a: Live<ReplicaSet>, b: Live<ReplicaSet>): number =>
  createdAt(a) - createdAt(b) || (a.metadata.name < b.metadata.name ? -1 : 1)

function annotated(replicaSet: ReplicaSet, name: string): number | undefined {
  const text = replicaSet.metadata?.annotations?.[name]
  return text === undefined || !Number.isInteger(Number(text)) ? undefined : Number(text)
}

/** The size that a new ReplicaSet may grow to now, given all that exist. */
export function newReplicaSetSize(deployment: Deployment, all: readonly ReplicaSet[], current: number): number {
  const wanted = wantedReplicas(deployment)
  if (!isRolling(deployment)) return wanted
  const room = wanted + rolloutLimits(deployment).maxSurge - total(all.map(sizeOf))
  return room <= 0 ? current : current + Math.min(room, wanted - current)
}

/**
 * Makes the old ReplicaSets smaller as far as minimum availability allows: first replicas that are not available
 * anyway, then available ones that the new ReplicaSet has made superfluous.
 */
export function shrinkOld(deployment: Deployment, newest: ReplicaSet, old: readonly Live<ReplicaSet>[]): Sizes {
  const sizes = new Map<string, number>()
  const minAvailable = wantedReplicas(deployment) - rolloutLimits(deployment).maxUnavailable
  const newUnavailable = sizeOf(newest) - availableOf(newest)
  let mayGo = total(old.map(sizeOf)) + sizeOf(newest) - minAvailable - newUnavailable
  if (mayGo <= 0) return sizes
  const ordered = [...old].sort(oldestFirst)
  for (const replicaSet of ordered) {
    const broken = Math.min(mayGo, Math.max(0, sizeOf(replicaSet) - availableOf(replicaSet)))
    if (broken === 0) continue
    sizes.set(replicaSet.metadata.name, sizeOf(replicaSet) - broken)
    mayGo -= broken
  }
  let surplus = Math.min(mayGo, total([...old, newest].map(availableOf)) - minAvailable)
  for (const replicaSet of ordered) {
    const size = sizes.get(replicaSet.metadata.name) ?? sizeOf(replicaSet)
    const superfluous = Math.min(surplus, size)
    if (superfluous <= 0) continue
    sizes.set(replicaSet.metadata.name, size - superfluous)
    surplus -= superfluous
  }
  return sizes
}

/** Whether the wanted count changed since the sizes were last decided; then sizes change without a rollout step. */
export function isScalingEvent(deployment: Deployment, all: readonly ReplicaSet[]): boolean {
  const wanted = wantedReplicas(deployment)
  return all.some((replicaSet) => {
    const desired = annotated(replicaSet, desiredReplicasAnnotation)
    return sizeOf(replicaSet) > 0 && desired !== undefined && desired !== wanted
  })
}

function activeOrLatest(
  newest: Live<ReplicaSet> | undefined,
  old: readonly Live<ReplicaSet>[],
): Live<ReplicaSet> | undefined {
  const active = [...old, ...(newest === undefined ? [] : [newest])].filter((one) => sizeOf(one) > 0)
  if (active.length === 0) return newest ?? [...old].sort(oldestFirst).at(-1)
  return active.length === 1 ? active[0] : undefined
}

function isSaturated(deployment: Deployment, newest: ReplicaSet | undefined): boolean {
  if (newest === undefined) return false
  const wanted = wantedReplicas(deployment)
  return (
    sizeOf(newest) === wanted &&
    annotated(newest, desiredReplicasAnnotation) === wanted &&
    availableOf(newest) === wanted
  )
}

/** Sizes after the wanted count changed: in the middle of a rollout, every ReplicaSet gets its share. */
export function scaleAll(
  deployment: Deployment,
  newest: Live<ReplicaSet> | undefined,
  old: readonly Live<ReplicaSet>[],
): Sizes {
  const wanted = wantedReplicas(deployment)
  const only = activeOrLatest(newest, old)
  if (only !== undefined) return new Map([[only.metadata.name, wanted]])
  const active = [...old, ...(newest === undefined ? [] : [newest])].filter((one) => sizeOf(one) > 0)
  if (isSaturated(deployment, newest))
    return new Map(active.filter((one) => one !== newest).map((one) => [one.metadata.name, 0]))
  return isRolling(deployment) ? proportionalSizes(deployment, active) : new Map()
}

function proportionalSizes(deployment: Deployment, active: readonly Live<ReplicaSet>[]): Sizes {
  const wanted = wantedReplicas(deployment)
  const allowed = wanted > 0 ? wanted + rolloutLimits(deployment).maxSurge : 0
  const change = allowed - total(active.map(sizeOf))
  const ordered = [...active].sort(
    (a, b) => sizeOf(b) - sizeOf(a) || (change > 0 ? oldestFirst(b, a) : oldestFirst(a, b)),
  )
  let given = 0
  const sizes = new Map<string, number>()
  for (const replicaSet of ordered) {
    const left = change - given
    const fair = left === 0 ? 0 : fairChange(deployment, replicaSet, allowed)
    const step = change > 0 ? Math.min(fair, left) : Math.max(fair, left)
    given += step
    sizes.set(replicaSet.metadata.name, sizeOf(replicaSet) + step)
  }
  const [largest] = ordered
  if (largest !== undefined) {
    const size = sizes.get(largest.metadata.name) ?? 0
    sizes.set(largest.metadata.name, Math.max(0, size + change - given))
  }
  return sizes
}

function fairChange(deployment: Deployment, replicaSet: ReplicaSet, allowed: number): number {
  const size = sizeOf(replicaSet)
  if (wantedReplicas(deployment) === 0) return -size
  const allowedBefore = annotated(replicaSet, maxReplicasAnnotation) ?? deployment.status?.replicas ?? 0
  return allowedBefore === 0 ? 0 : Math.round((size * allowed) / allowedBefore) - size
}
