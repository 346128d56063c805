/** What a Deployment's status says of its rollout; `kubectl rollout status` reads it. */
import type { Live } from '../../api/meta/object.ts'
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../../api/types/apps-v1.ts'
import { timestamp } from '../../lib/clock.ts'
import { rolloutLimits, wantedReplicas } from './limits.ts'
import { sizeOf } from './rollout.ts'

/** The API's way to write "never". */
const noDeadlineSeconds = 2_147_483_647

export type ProgressReason =
  | 'NewReplicaSetCreated'
  | 'FoundNewReplicaSet'
  | 'ReplicaSetUpdated'
  | 'NewReplicaSetAvailable'
  | 'ProgressDeadlineExceeded'
  | 'DeploymentPaused'
  | 'DeploymentResumed'

export interface StatusInput {
  readonly deployment: Live<Deployment>
  readonly newest: ReplicaSet | undefined
  readonly all: readonly ReplicaSet[]
  /** Set when this round created the new ReplicaSet or found one that fits the template. */
  readonly progress?: { readonly reason: 'NewReplicaSetCreated' | 'FoundNewReplicaSet'; readonly name: string }
  readonly nowMs: number
}

const sum = (all: readonly ReplicaSet[], count: (one: ReplicaSet) => number | undefined): number =>
  all.reduce((total, one) => total + (count(one) ?? 0), 0)

export function deadlineSeconds(deployment: Deployment): number | undefined {
  const seconds = deployment.spec?.progressDeadlineSeconds
  return seconds === undefined || seconds >= noDeadlineSeconds ? undefined : seconds
}

export const conditionOf = (status: DeploymentStatus | undefined, type: string): DeploymentCondition | undefined =>
  status?.conditions?.find((condition) => condition.type === type)

/** Whether every replica runs the current template and is available. */
export function isComplete(deployment: Live<Deployment>, status: DeploymentStatus): boolean {
  const wanted = wantedReplicas(deployment)
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  )
}

export function deploymentStatus(input: StatusInput): DeploymentStatus {
  const { deployment, newest, all, nowMs } = input
  const available = sum(all, (one) => one.status?.availableReplicas)
  const counts: DeploymentStatus = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: sum(all, (one) => one.status?.replicas),
    updatedReplicas: newest?.status?.replicas ?? 0,
    readyReplicas: sum(all, (one) => one.status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sum(all, sizeOf) - available),
    terminatingReplicas: sum(all, (one) => one.status?.terminatingReplicas),
    ...(deployment.status?.collisionCount === undefined ? {} : { collisionCount: deployment.status.collisionCount }),
  }
  const conditions = new Map((deployment.status?.conditions ?? []).map((one) => [one.type, one]))
  set(conditions, availability(deployment, available), nowMs)
  const progress = progressing(input, counts)
  if (progress === 'none') conditions.delete('Progressing')
  else if (progress !== 'unchanged') set(conditions, progress, nowMs, progress.reason === 'ReplicaSetUpdated')
  const newestFirst = newest === undefined ? all : [newest, ...all]
  const failure = newestFirst
    .flatMap((one) => one.status?.conditions ?? [])
    .find((one) => one.type === 'ReplicaFailure')
  if (failure === undefined) conditions.delete('ReplicaFailure')
  else set(conditions, failure, nowMs)
  return { ...counts, conditions: [...conditions.values()] }
}

/** The status of a Deployment whose new ReplicaSet was refused. */
export function refusedStatus(deployment: Live<Deployment>, message: string, nowMs: number): DeploymentStatus {
  const conditions = new Map((deployment.status?.conditions ?? []).map((one) => [one.type, one]))
  if (deadlineSeconds(deployment) !== undefined)
    set(conditions, { type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message }, nowMs)
  return { ...deployment.status, ...(conditions.size === 0 ? {} : { conditions: [...conditions.values()] }) }
}

type NewCondition = Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>

/** Keeps the times of a condition that says the same; `refresh` makes the update time new all the same. */
function set(
  conditions: Map<string, DeploymentCondition>,
  { type, status, reason, message }: NewCondition,
  nowMs: number,
  refresh = false,
): void {
  const known = conditions.get(type)
  if (known?.status === status && known.reason === reason && !refresh) return
  const now = timestamp(nowMs)
  const lastTransitionTime = known?.status === status ? (known.lastTransitionTime ?? now) : now
  conditions.set(type, { type, status, lastUpdateTime: now, lastTransitionTime, reason, message })
}

function availability(deployment: Deployment, available: number): NewCondition {
  const enough = available >= wantedReplicas(deployment) - rolloutLimits(deployment).maxUnavailable
  return enough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }
}

function progressing(input: StatusInput, counts: DeploymentStatus): NewCondition | 'none' | 'unchanged' {
  const { deployment, newest, nowMs } = input
  const known = conditionOf(deployment.status, 'Progressing')
  const say = (status: string, reason: ProgressReason, message: string): NewCondition => ({
    type: 'Progressing',
    status,
    reason,
    message,
  })
  if (deadlineSeconds(deployment) === undefined) return 'none'
  if (deployment.spec?.paused === true)
    return known?.reason === 'ProgressDeadlineExceeded'
      ? 'unchanged'
      : say('Unknown', 'DeploymentPaused', 'Deployment is paused')
  if (known?.reason === 'DeploymentPaused') return say('Unknown', 'DeploymentResumed', 'Deployment is resumed')
  if (
    known?.reason === 'NewReplicaSetAvailable' &&
    input.progress === undefined &&
    counts.replicas === counts.updatedReplicas
  )
    return 'unchanged'
  const subject =
    newest?.metadata?.name === undefined
      ? `Deployment ${JSON.stringify(deployment.metadata.name)}`
      : `ReplicaSet ${JSON.stringify(newest.metadata.name)}`
  if (isComplete(deployment, counts))
    return say('True', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`)
  if (input.progress !== undefined) {
    const { reason, name } = input.progress
    const verb = reason === 'NewReplicaSetCreated' ? 'Created' : 'Found'
    return say('True', reason, `${verb} new replica set ${JSON.stringify(name)}`)
  }
  if (hasProgressed(deployment.status, counts)) return say('True', 'ReplicaSetUpdated', `${subject} is progressing.`)
  if (deadlineInMs(deployment, nowMs) === 0)
    return say('False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`)
  return 'unchanged'
}

function hasProgressed(before: DeploymentStatus | undefined, now: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus | undefined): number => (status?.replicas ?? 0) - (status?.updatedReplicas ?? 0)
  return (
    (now.updatedReplicas ?? 0) > (before?.updatedReplicas ?? 0) ||
    old(now) < old(before) ||
    (now.readyReplicas ?? 0) > (before?.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before?.availableReplicas ?? 0)
  )
}

/** Milliseconds until a rollout without progress counts as failed; undefined when none is under way. */
export function deadlineInMs(deployment: Deployment, nowMs: number): number | undefined {
  const seconds = deadlineSeconds(deployment)
  const known = conditionOf(deployment.status, 'Progressing')
  if (seconds === undefined || known?.lastUpdateTime === undefined) return undefined
  if (known.reason === 'NewReplicaSetAvailable') return undefined
  if (known.reason === 'DeploymentPaused') return undefined
  if (known.reason === 'ProgressDeadlineExceeded') return 0
  return Math.max(0, Date.parse(known.lastUpdateTime) + seconds * 1000 - nowMs)
}
