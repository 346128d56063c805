/** The next step of a StatefulSet: pods in their order, one version after the other. */
import type { Live } from '../../api/meta/object.ts'
import { isPodAvailable, isPodReady, isTerminated, isTerminating } from '../../api/meta/pod.ts'
import type { StatefulSet, StatefulSetStatus } from '../../api/types/apps-v1.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { availableInMs } from '../pod-readiness.ts'
import { resolveShare } from '../share.ts'
import { firstOrdinal, ordinalOf, versionOf, wantedReplicas, type Version } from './identity.ts'

export interface StatefulSetObserved {
  readonly set: Live<StatefulSet>
  /** The pods that the set controls. */
  readonly pods: readonly Live<Pod>[]
  /** The version that is being left, and the one that is wanted; the same when no update is under way. */
  readonly current: Version
  readonly update: Version
  readonly nowMs: number
}

export interface StatefulSetPlan {
  readonly create: readonly { readonly ordinal: number; readonly version: Version }[]
  readonly remove: readonly Live<Pod>[]
  readonly status: StatefulSetStatus
  readonly requeueAfterMs: number | undefined
}

interface Members {
  /** In the order of their ordinals; undefined where there is none. */
  readonly replicas: readonly { readonly ordinal: number; readonly pod: Live<Pod> | undefined }[]
  /** Beyond the wanted ordinals, highest first. */
  readonly condemned: readonly Live<Pod>[]
}

function membersOf({ set, pods }: StatefulSetObserved): Members {
  const first = firstOrdinal(set)
  const wanted = wantedReplicas(set)
  const byOrdinal = new Map<number, Live<Pod>>()
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod)
    if (ordinal !== undefined) byOrdinal.set(ordinal, pod)
  }
  const isWanted = (ordinal: number): boolean => ordinal >= first && ordinal < first + wanted
  return {
    replicas: Array.from({ length: wanted }, (_, index) => ({
      ordinal: first + index,
      pod: byOrdinal.get(first + index),
    })),
    condemned: [...byOrdinal]
      .filter(([ordinal]) => !isWanted(ordinal))
      .sort(([a], [b]) => b - a)
      .map(([, pod]) => pod),
  }
}

const isRolling = ({ spec }: StatefulSet): boolean =>
  (spec?.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate'
const isOrdered = ({ spec }: StatefulSet): boolean => (spec?.podManagementPolicy ?? 'OrderedReady') === 'OrderedReady'
const partitionOf = ({ spec }: StatefulSet): number => spec?.updateStrategy?.rollingUpdate?.partition ?? 0

/** Running and ready, and staying so. */
const isHealthy = (pod: Live<Pod>): boolean => pod.status?.phase === 'Running' && isPodReady(pod) && !isTerminating(pod)
const isAvailable = ({ set, nowMs }: StatefulSetObserved, pod: Live<Pod>): boolean =>
  isHealthy(pod) && isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs)

export function planStatefulSet(observed: StatefulSetObserved): StatefulSetPlan {
  const members = membersOf(observed)
  const waits = observed.pods
    .map((pod) => availableInMs(pod, observed.set.spec?.minReadySeconds ?? 0, observed.nowMs) ?? 0)
    .filter((wait) => wait > 0)
  return {
    ...nextStep(observed, members),
    status: statusOf(observed, members),
    requeueAfterMs: waits.length === 0 ? undefined : Math.min(...waits),
  }
}

type Step = Pick<StatefulSetPlan, 'create' | 'remove'>
const wait: Step = { create: [], remove: [] }

function nextStep(observed: StatefulSetObserved, members: Members): Step {
  const { set } = observed
  if (set.metadata.deletionTimestamp !== undefined) return wait
  return isOrdered(set)
    ? (fillInOrder(observed, members) ?? scaleDownInOrder(observed, members) ?? rollOut(observed, members))
    : atOnce(observed, members)
}

/** One pod after the other: each waits until all before it are available. Undefined when all are there. */
function fillInOrder(observed: StatefulSetObserved, { replicas }: Members): Step | undefined {
  for (const { ordinal, pod } of replicas) {
    if (pod === undefined) return { ...wait, create: [{ ordinal, version: versionFor(observed, ordinal) }] }
    if (isTerminating(pod)) return wait
    if (isTerminated(pod)) return { ...wait, remove: [pod] }
    // A pod of an old version that cannot become healthy may still be replaced by the rollout.
    if (!isAvailable(observed, pod)) return isOutdated(observed, ordinal, pod) ? undefined : wait
  }
  return undefined
}

const isOutdated = ({ set, update }: StatefulSetObserved, ordinal: number, pod: Live<Pod>): boolean =>
  isRolling(set) && ordinal - firstOrdinal(set) >= partitionOf(set) && versionOf(pod) !== update.name

function scaleDownInOrder(observed: StatefulSetObserved, { replicas, condemned }: Members): Step | undefined {
  const [last] = condemned
  if (last === undefined) return undefined
  if (isTerminating(last)) return wait
  const sick = [...replicas.map(({ pod }) => pod), ...[...condemned].reverse()].find(
    (pod) => pod !== undefined && !isAvailable(observed, pod),
  )
  // A sick pod goes only when it is the first of the sick: whatever ails the others must not be made worse.
  return isAvailable(observed, last) || sick === last ? { ...wait, remove: [last] } : wait
}

/** Ordered only by their names: all that is missing comes, and all that is too much goes, at once. */
function atOnce(observed: StatefulSetObserved, members: Members): Step {
  const { replicas, condemned } = members
  const create = replicas.flatMap(({ ordinal, pod }) =>
    pod === undefined ? [{ ordinal, version: versionFor(observed, ordinal) }] : [],
  )
  const ended = replicas.flatMap(({ pod }) =>
    pod !== undefined && isTerminated(pod) && !isTerminating(pod) ? [pod] : [],
  )
  const remove = [...ended, ...condemned.filter((pod) => !isTerminating(pod))]
  return create.length + remove.length > 0 ? { create, remove } : rollOut(observed, members)
}

/** Pods below the partition come back in the version that they had. */
function versionFor({ set, current, update }: StatefulSetObserved, ordinal: number): Version {
  return isRolling(set) && ordinal - firstOrdinal(set) < partitionOf(set) ? current : update
}

/** From the highest ordinal down to the partition, as many at a time as may be unavailable; broken pods first. */
function rollOut(observed: StatefulSetObserved, { replicas }: Members): Step {
  const { set } = observed
  if (!isRolling(set)) return wait
  const { maxUnavailable } = set.spec?.updateStrategy?.rollingUpdate ?? {}
  const limit = Math.max(1, resolveShare(maxUnavailable, 1, wantedReplicas(set), Math.floor))
  const outdated = [...replicas]
    .reverse()
    .flatMap(({ ordinal, pod }) => (pod !== undefined && isOutdated(observed, ordinal, pod) ? [pod] : []))
    .filter((pod) => !isTerminating(pod))
  const broken = outdated.filter((pod) => !isAvailable(observed, pod))
  if (broken.length > 0) return { ...wait, remove: broken.slice(0, limit) }
  const unavailable = replicas.filter(({ pod }) => pod === undefined || !isAvailable(observed, pod)).length
  return { ...wait, remove: outdated.slice(0, Math.max(0, limit - unavailable)) }
}

function statusOf(observed: StatefulSetObserved, { replicas }: Members): StatefulSetStatus {
  const { set, pods, current, update } = observed
  const alive = pods.filter((pod) => !isTerminating(pod))
  const ofVersion = ({ name }: Version): number => alive.filter((pod) => versionOf(pod) === name).length
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod)).length
  const updatedReplicas = ofVersion(update)
  const done =
    isRolling(set) &&
    replicas.every(({ pod }) => pod !== undefined && versionOf(pod) === update.name && isHealthy(pod)) &&
    pods.length === replicas.length
  const { collisionCount, conditions } = set.status ?? {}
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: pods.filter((pod) => isAvailable(observed, pod)).length,
    currentReplicas: done ? updatedReplicas : ofVersion(current),
    updatedReplicas,
    currentRevision: done ? update.name : current.name,
    updateRevision: update.name,
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions === undefined ? {} : { conditions }),
  }
}
