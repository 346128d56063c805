/** The next step of a Deployment, decided from it, its ReplicaSets and whether old pods still run. */
import type { Live } from '../../api/meta/object.ts'
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../api/types/apps-v1.ts'
import {
  newReplicaSetAnnotations,
  olderRevisionFirst,
  replicaCountAnnotations,
  revisionAnnotation,
  revisionOf,
} from './annotations.ts'
import { isRolling, wantedReplicas } from './limits.ts'
import { newReplicaSet } from './new-replica-set.ts'
import { sameTemplate } from './pod-template.ts'
import { isScalingEvent, newReplicaSetSize, oldestFirst, scaleAll, shrinkOld, sizeOf, type Sizes } from './rollout.ts'
import { conditionOf, deadlineInMs, deploymentStatus, isComplete, type StatusInput } from './status.ts'

const isTerminating = ({ metadata }: Live<Deployment | ReplicaSet>): boolean => metadata.deletionTimestamp !== undefined

export interface DeploymentObserved {
  readonly deployment: Live<Deployment>
  /** The ReplicaSets that the Deployment controls. */
  readonly replicaSets: readonly Live<ReplicaSet>[]
  /** Whether a pod that has not ended runs an old template. Only asked for the Recreate strategy. */
  readonly oldPodsRun: boolean
  readonly nowMs: number
}

/** A change of one ReplicaSet; with `resize` it is announced by an event. */
export interface ReplicaSetChange {
  readonly replicaSet: Live<ReplicaSet>
  readonly resize?: { readonly from: number; readonly to: number }
  readonly annotations?: Readonly<Record<string, string>>
  readonly minReadySeconds?: number
}

export interface DeploymentPlan {
  /** A ReplicaSet for a template that none carries yet. */
  readonly create: ReplicaSet | undefined
  readonly changes: readonly ReplicaSetChange[]
  readonly remove: readonly Live<ReplicaSet>[]
  /** The revision annotation that the Deployment itself should carry, when it has another. */
  readonly revision: string | undefined
  readonly status: DeploymentStatus
  /** When a rollout without progress is to be declared failed. */
  readonly requeueAfterMs: number | undefined
}

interface Observed extends DeploymentObserved {
  readonly newest: Live<ReplicaSet> | undefined
  readonly old: readonly Live<ReplicaSet>[]
}

export function planDeployment(observed: DeploymentObserved): DeploymentPlan {
  const { deployment, replicaSets } = observed
  const newest = [...replicaSets]
    .sort(oldestFirst)
    .find((replicaSet) => sameTemplate(replicaSet.spec?.template, deployment.spec?.template))
  const old = replicaSets.filter((replicaSet) => replicaSet !== newest)
  const all = { ...observed, newest, old }
  if (isTerminating(deployment)) return result(all, {})
  if (deployment.spec?.paused === true)
    return result(all, { changes: resized(all, scaleAll(deployment, newest, old)), remove: superfluous(all) })
  if (isScalingEvent(deployment, replicaSets))
    return result(all, { changes: resized(all, scaleAll(deployment, newest, old)) })
  return isRolling(deployment) ? rollingUpdate(all) : recreate(all)
}

function rollingUpdate(observed: Observed): DeploymentPlan {
  const { deployment, newest, old, replicaSets } = observed
  if (newest === undefined) return createNewest(observed)
  const wanted = wantedReplicas(deployment)
  const current = sizeOf(newest)
  const size = current > wanted ? wanted : newReplicaSetSize(deployment, replicaSets, current)
  if (size !== current) return result(observed, { changes: resized(observed, new Map([[newest.metadata.name, size]])) })
  const shrunk = resized(observed, shrinkOld(deployment, newest, old))
  return result(observed, { changes: shrunk, remove: shrunk.length === 0 ? superfluous(observed) : [] })
}

function recreate(observed: Observed): DeploymentPlan {
  const { deployment, newest, old, oldPodsRun } = observed
  const running = old.filter((replicaSet) => sizeOf(replicaSet) > 0)
  if (running.length > 0)
    return result(observed, { changes: resized(observed, new Map(running.map((one) => [one.metadata.name, 0]))) })
  if (oldPodsRun) return result(observed, {})
  if (newest === undefined) return createNewest(observed)
  const sizes = new Map([[newest.metadata.name, wantedReplicas(deployment)]])
  return result(observed, { changes: resized(observed, sizes), remove: superfluous(observed) })
}

const nextRevision = (old: readonly ReplicaSet[]): bigint =>
  old.map(revisionOf).reduce((most, one) => (one > most ? one : most), 0n) + 1n

function createNewest(observed: Observed): DeploymentPlan {
  const { deployment, old } = observed
  const create = newReplicaSet(deployment, newReplicaSetSize(deployment, old, 0), nextRevision(old))
  const progress = { reason: 'NewReplicaSetCreated', name: create.metadata?.name ?? '' } as const
  return result(observed, { create, progress })
}

/** Changes for the sizes that differ, with the counts that a later scaling in mid-rollout needs. */
function resized({ deployment, replicaSets }: Observed, sizes: Sizes): ReplicaSetChange[] {
  const counts = replicaCountAnnotations(deployment)
  return replicaSets.flatMap((replicaSet) => {
    const from = sizeOf(replicaSet)
    const to = sizes.get(replicaSet.metadata.name)
    if (to === undefined) return []
    const annotations = { ...replicaSet.metadata.annotations, ...counts }
    if (to !== from) return [{ replicaSet, resize: { from, to }, annotations }]
    return hasAll(replicaSet, counts) || from === 0 ? [] : [{ replicaSet, annotations }]
  })
}

const hasAll = (replicaSet: ReplicaSet, annotations: Readonly<Record<string, string>>): boolean =>
  Object.entries(annotations).every(([name, value]) => replicaSet.metadata?.annotations?.[name] === value)

/** Old ReplicaSets beyond the history limit, once the rollout is complete or paused. */
function superfluous({ deployment, old, newest, replicaSets, nowMs }: Observed): Live<ReplicaSet>[] {
  const limit = deployment.spec?.revisionHistoryLimit
  if (limit === undefined) return []
  const paused = deployment.spec?.paused === true
  if (!paused && !isComplete(deployment, deploymentStatus({ deployment, newest, all: replicaSets, nowMs }))) return []
  const alive = old.filter((replicaSet) => !isTerminating(replicaSet)).sort(olderRevisionFirst)
  return alive
    .slice(0, Math.max(0, alive.length - limit))
    .filter(
      ({ spec, status, metadata }) =>
        (spec?.replicas ?? 1) === 0 &&
        (status?.replicas ?? 0) === 0 &&
        (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0),
    )
}

interface Step {
  readonly create?: ReplicaSet
  readonly changes?: readonly ReplicaSetChange[]
  readonly remove?: readonly Live<ReplicaSet>[]
  readonly progress?: StatusInput['progress']
}

/** Completes a step with what every round does: the newest ReplicaSet's annotations, revision and status. */
function result(observed: Observed, step: Step): DeploymentPlan {
  const { deployment, newest, old, nowMs } = observed
  const changes = new Map((step.changes ?? []).map((change) => [change.replicaSet.metadata.name, change]))
  const revision = step.create ?? upToDate(observed, changes)
  const found =
    newest !== undefined && conditionOf(deployment.status, 'Progressing') === undefined
      ? ({ reason: 'FoundNewReplicaSet', name: newest.metadata.name } as const)
      : undefined
  const progress = step.progress ?? found
  const status = deploymentStatus({
    deployment,
    newest,
    all: [...old, ...(newest === undefined ? [] : [newest])],
    nowMs,
    ...(progress === undefined ? {} : { progress }),
  })
  const wantedRevision = revision?.metadata?.annotations?.[revisionAnnotation]
  const differs =
    wantedRevision !== undefined && wantedRevision !== deployment.metadata.annotations?.[revisionAnnotation]
  const waitMs = deadlineInMs({ ...deployment, status }, nowMs)
  return {
    create: step.create,
    changes: [...changes.values()],
    remove: step.remove ?? [],
    revision: differs ? wantedRevision : undefined,
    status,
    requeueAfterMs: waitMs === undefined || waitMs === 0 ? undefined : waitMs,
  }
}

/** Adds to `changes` what the newest ReplicaSet lacks, and returns it as it will be. */
function upToDate(observed: Observed, changes: Map<string, ReplicaSetChange>): ReplicaSet | undefined {
  const { deployment, newest, old } = observed
  if (newest === undefined || isTerminating(deployment)) return newest
  const planned = changes.get(newest.metadata.name)
  const annotations = newReplicaSetAnnotations(
    deployment,
    planned?.annotations ?? newest.metadata.annotations ?? {},
    nextRevision(old),
  )
  const minReadySeconds = deployment.spec?.minReadySeconds ?? 0
  const sameWait = (newest.spec?.minReadySeconds ?? 0) === minReadySeconds
  if (hasAll(newest, annotations) && sameWait && planned === undefined) return newest
  changes.set(newest.metadata.name, {
    ...planned,
    replicaSet: newest,
    annotations,
    ...(sameWait ? {} : { minReadySeconds }),
  })
  return { ...newest, metadata: { ...newest.metadata, annotations } }
}
