/** How far a rolling update may go above and below the wanted count. */
import type { Deployment } from '../../api/types/apps-v1.ts'
import type { IntOrString } from '../../api/types/scalars.ts'

export const isRolling = (deployment: Deployment): boolean =>
  (deployment.spec?.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate'

export const wantedReplicas = (deployment: Deployment): number => deployment.spec?.replicas ?? 1

function resolve(value: IntOrString | undefined, total: number, round: (share: number) => number): number {
  if (typeof value === 'number') return value
  const text = value ?? '25%'
  return text.endsWith('%') ? round((Number(text.slice(0, -1)) * total) / 100) : Number(text)
}

export interface RolloutLimits {
  readonly maxSurge: number
  readonly maxUnavailable: number
}

/** Percentages of surge round up, those of unavailability down; both zero would never move, so one pod may go. */
export function rolloutLimits(deployment: Deployment): RolloutLimits {
  if (!isRolling(deployment)) return { maxSurge: 0, maxUnavailable: 0 }
  const wanted = wantedReplicas(deployment)
  const { maxSurge, maxUnavailable } = deployment.spec?.strategy?.rollingUpdate ?? {}
  const surge = resolve(maxSurge, wanted, Math.ceil)
  const unavailable = resolve(maxUnavailable, wanted, Math.floor)
  return {
    maxSurge: surge,
    maxUnavailable: surge === 0 && unavailable === 0 ? Math.min(1, wanted) : Math.min(unavailable, wanted),
  }
}
