/** How far a rolling update may go above and below the wanted count. */
import type { Deployment } from '../../api/types/apps-v1.ts'
import { resolveShare } from '../share.ts'

export const isRolling = (deployment: Deployment): boolean =>
  (deployment.spec?.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate'

export const wantedReplicas = (deployment: Deployment): number => deployment.spec?.replicas ?? 1

export interface RolloutLimits {
  readonly maxSurge: number
  readonly maxUnavailable: number
}

/** Percentages of surge round up, those of unavailability down; both zero would never move, so one pod may go. */
export function rolloutLimits(deployment: Deployment): RolloutLimits {
  if (!isRolling(deployment)) return { maxSurge: 0, maxUnavailable: 0 }
  const wanted = wantedReplicas(deployment)
  const { maxSurge, maxUnavailable } = deployment.spec?.strategy?.rollingUpdate ?? {}
  const surge = resolveShare(maxSurge, '25%', wanted, Math.ceil)
  const unavailable = resolveShare(maxUnavailable, '25%', wanted, Math.floor)
  return {
    maxSurge: surge,
    maxUnavailable: surge === 0 && unavailable === 0 ? Math.min(1, wanted) : Math.min(unavailable, wanted),
  }
}
