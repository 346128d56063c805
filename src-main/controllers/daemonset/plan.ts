/** Which nodes need a pod of a DaemonSet, which pods go, and how an update moves from node to node. */
import type { Live } from '../../api/meta/object.ts'
import { isPodAvailable, isPodReady, isTerminating } from '../../api/meta/pod.ts'
import type { DaemonSet, DaemonSetStatus } from '../../api/types/apps-v1.ts'
import type { Node, Pod } from '../../api/types/core-v1.ts'
import { availableInMs } from '../pod-readiness.ts'
import { revisionHashLabel } from '../revisions.ts'
import { resolveShare } from '../share.ts'
import { fitnessOf, nodeOfDaemonPod, type NodeFitness } from './daemon-pod.ts'

/** At most so many pods are created or deleted in one go. */
const burst = 250

export interface DaemonSetObserved {
  readonly daemonSet: Live<DaemonSet>
  readonly nodes: readonly Live<Node>[]
  /** The pods that the set controls. */
  readonly pods: readonly Live<Pod>[]
  /** The hash of the current template. */
  readonly hash: string
  /** Milliseconds that a pod that ended has to lie there before it is replaced: longer when it ends again and again. */
  readonly pauseMs: (nodeName: string) => number
  readonly nowMs: number
}

export interface DaemonSetPlan {
  /** Names of nodes. */
  readonly create: readonly string[]
  readonly remove: readonly Live<Pod>[]
  /** Pods among `remove` that ended by themselves, which is worth an event. */
  readonly ended: readonly { readonly pod: Live<Pod>; readonly nodeName: string }[]
  readonly requeueAfterMs: number | undefined
}

interface Place {
  readonly name: string
  readonly fitness: NodeFitness
  readonly pods: readonly Live<Pod>[]
}

const nowhere: NodeFitness = { shouldRun: false, mayStay: false }
const createdAt = ({ metadata }: Live<Pod>): number => Date.parse(metadata.creationTimestamp)
const oldestFirst = (a: Live<Pod>, b: Live<Pod>): number =>
  createdAt(a) - createdAt(b) || (a.metadata.name < b.metadata.name ? -1 : 1)

/** Every node, and every node that a pod names though it is gone. */
function placesOf({ daemonSet, nodes, pods }: DaemonSetObserved): Place[] {
  const byNode = new Map<string, Live<Pod>[]>()
  for (const pod of pods) {
    const name = nodeOfDaemonPod(pod) ?? ''
    byNode.set(name, [...(byNode.get(name) ?? []), pod])
  }
  const known = nodes.map((node): Place => {
    const { name } = node.metadata
    return { name, fitness: fitnessOf(node, daemonSet), pods: (byNode.get(name) ?? []).sort(oldestFirst) }
  })
  const names = new Set(known.map(({ name }) => name))
  const lost = [...byNode].filter(([name]) => !names.has(name))
  return [...known, ...lost.map(([name, itsPods]): Place => ({ name, fitness: nowhere, pods: itsPods }))]
}

interface Limits {
  readonly maxSurge: number
  readonly maxUnavailable: number
}

function limitsOf({ spec }: DaemonSet, wanted: number): Limits | undefined {
  if (spec?.updateStrategy?.type === 'OnDelete') return undefined
  const { maxSurge, maxUnavailable } = spec?.updateStrategy?.rollingUpdate ?? {}
  const surge = resolveShare(maxSurge, 0, wanted, Math.ceil)
  const unavailable = resolveShare(maxUnavailable, 1, wanted, Math.ceil)
  return { maxSurge: surge, maxUnavailable: surge === 0 ? Math.max(1, unavailable) : unavailable }
}

export function planDaemonSet(observed: DaemonSetObserved): DaemonSetPlan {
  if (observed.daemonSet.metadata.deletionTimestamp !== undefined)
    return { create: [], remove: [], ended: [], requeueAfterMs: undefined }
  const places = placesOf(observed)
  const limits = limitsOf(observed.daemonSet, places.filter(({ fitness }) => fitness.shouldRun).length)
  const step = keepPlaces(observed, places, limits)
  const moves = step.create.length + step.remove.length === 0 && limits !== undefined
  const { create, remove } = moves ? update(observed, places, limits) : step
  return {
    create: create.slice(0, burst),
    remove: remove.slice(0, burst),
    ended: step.ended,
    requeueAfterMs: soonest([...step.waits, ...availabilityWaits(observed)]),
  }
}

const soonest = (waits: readonly number[]): number | undefined => {
  const positive = waits.filter((wait) => wait > 0)
  return positive.length === 0 ? undefined : Math.min(...positive)
}

const availabilityWaits = ({ daemonSet, pods, nowMs }: DaemonSetObserved): number[] =>
  pods.map((pod) => availableInMs(pod, daemonSet.spec?.minReadySeconds ?? 0, nowMs) ?? 0)

interface Step {
  readonly create: string[]
  readonly remove: Live<Pod>[]
  readonly ended: { readonly pod: Live<Pod>; readonly nodeName: string }[]
  readonly waits: number[]
}

/** One pod on each node that should have one, and none elsewhere. */
function keepPlaces(observed: DaemonSetObserved, places: readonly Place[], limits: Limits | undefined): Step {
  const step: Step = { create: [], remove: [], ended: [], waits: [] }
  for (const { name, fitness, pods } of places) {
    if (!fitness.mayStay) step.remove.push(...pods.filter((pod) => !isTerminating(pod)))
    else if (pods.length === 0) {
      if (fitness.shouldRun) step.create.push(name)
    } else {
      const running = pods
        .filter((pod) => !isTerminating(pod))
        .filter((pod) => !replaceEnded(observed, step, name, pod))
      step.remove.push(...surplus(observed, running, (limits?.maxSurge ?? 0) > 0))
    }
  }
  return step
}

/** True when the pod has ended; it is removed as soon as its pause is over. */
function replaceEnded(observed: DaemonSetObserved, step: Step, nodeName: string, pod: Live<Pod>): boolean {
  if (pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded') return false
  const waitMs = observed.pauseMs(nodeName)
  if (waitMs > 0) step.waits.push(waitMs)
  else {
    step.remove.push(pod)
    step.ended.push({ pod, nodeName })
  }
  return true
}

const isCurrent = ({ hash }: DaemonSetObserved, { metadata }: Live<Pod>): boolean =>
  metadata.labels?.[revisionHashLabel] === hash

/** The oldest pod stays; while an update surges, the oldest of each template does, until the new one is available. */
function surplus(observed: DaemonSetObserved, running: readonly Live<Pod>[], surges: boolean): Live<Pod>[] {
  if (!surges) return running.slice(1)
  const [newest, ...moreNew] = running.filter((pod) => isCurrent(observed, pod))
  const [old, ...moreOld] = running.filter((pod) => !isCurrent(observed, pod))
  const done = newest !== undefined && old !== undefined && (!isPodReady(old) || available(observed, newest))
  return [...moreNew, ...moreOld, ...(done ? [old] : [])]
}

const available = ({ daemonSet, nowMs }: DaemonSetObserved, pod: Live<Pod>): boolean =>
  !isTerminating(pod) && isPodAvailable(pod, daemonSet.spec?.minReadySeconds ?? 0, nowMs)

function update(
  observed: DaemonSetObserved,
  places: readonly Place[],
  limits: Limits,
): { create: string[]; remove: Live<Pod>[] } {
  const wanted = places.filter(({ fitness }) => fitness.shouldRun)
  return limits.maxSurge > 0
    ? surge(observed, wanted, limits.maxSurge)
    : replace(observed, wanted, limits.maxUnavailable)
}

/** Old pods that serve nobody go at once, others as far as the limit of unavailable nodes allows. */
function replace(
  observed: DaemonSetObserved,
  places: readonly Place[],
  maxUnavailable: number,
): { create: string[]; remove: Live<Pod>[] } {
  let unavailable = 0
  const broken: Live<Pod>[] = []
  const candidates: Live<Pod>[] = []
  for (const { pods } of places) {
    const [pod] = pods
    if (pod === undefined || pods.length > 1 || isTerminating(pod)) unavailable++
    else if (isCurrent(observed, pod)) unavailable += available(observed, pod) ? 0 : 1
    else if (available(observed, pod)) candidates.push(pod)
    else {
      broken.push(pod)
      unavailable++
    }
  }
  return { create: [], remove: [...broken, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))] }
}

/** New pods come beside the old ones, on so many nodes at a time. */
function surge(
  observed: DaemonSetObserved,
  places: readonly Place[],
  maxSurge: number,
): { create: string[]; remove: Live<Pod>[] } {
  let surging = 0
  const broken: string[] = []
  const candidates: string[] = []
  for (const { name, pods } of places) {
    const old = pods.filter((pod) => !isCurrent(observed, pod))
    if (old.length < pods.length) surging += old.length > 0 ? 1 : 0
    else if (old.some((pod) => available(observed, pod))) candidates.push(name)
    else if (old.length > 0) broken.push(name)
  }
  return { create: [...broken, ...candidates.slice(0, Math.max(0, maxSurge - surging))], remove: [] }
}

export function daemonSetStatus(observed: DaemonSetObserved): DaemonSetStatus {
  const { daemonSet } = observed
  const places = placesOf(observed)
  const wanted = places.filter(({ fitness }) => fitness.shouldRun)
  const filled = wanted.flatMap(({ pods }) => pods.slice(0, 1))
  const misplaced = places.filter(({ fitness, pods }) => !fitness.shouldRun && pods.length > 0)
  const numberAvailable = filled.filter((pod) => available(observed, pod)).length
  const { collisionCount, conditions } = daemonSet.status ?? {}
  return {
    currentNumberScheduled: filled.length,
    numberMisscheduled: misplaced.length,
    desiredNumberScheduled: wanted.length,
    numberReady: filled.filter(isPodReady).length,
    observedGeneration: daemonSet.metadata.generation ?? 0,
    updatedNumberScheduled: filled.filter((pod) => isCurrent(observed, pod)).length,
    numberAvailable,
    numberUnavailable: wanted.length - numberAvailable,
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions === undefined ? {} : { conditions }),
  }
}
