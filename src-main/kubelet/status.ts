/** The status of a pod, from what the runtime and the probes show: pure. */
import { withCondition, withoutCondition } from '../api/meta/conditions.ts'
import { stableText } from '../api/meta/pod.ts'
import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../api/types/core-v1.ts'
import { timestamp } from '../lib/clock.ts'
import type { ProbeState, StartFailure } from './actions.ts'
import { containerStatus } from './container-status.ts'
import { initialized, pastDeadline } from './plan.ts'
import type { Refusal } from './refusal.ts'
import type { ResizeState } from './resize.ts'
import { podPhaseOf } from './pod-phase.ts'
import { containerEntries, note, runningSandbox, type ContainerEntry, type PodContainers } from './pod-containers.ts'

export interface StatusInput {
  readonly pod: Pod
  readonly observed: PodContainers
  readonly now: number
  readonly hostAddress: string
  /** Names of containers that an action is working on. */
  readonly busy: ReadonlySet<string>
  readonly startFailures: ReadonlyMap<string, StartFailure>
  readonly probes: ReadonlyMap<string, ProbeState>
  readonly resize: ResizeState
  /** What ended containers left as their last words; by container id. */
  readonly terminationMessages: ReadonlyMap<string, string>
  /** Why the node does not take the pod. */
  readonly refusal: Refusal | undefined
  /** Nothing of the pod starts any more. */
  readonly ending: boolean
}

export interface EntryStatus {
  readonly entry: ContainerEntry
  readonly status: ContainerStatus
}

export function podStatus(input: StatusInput): PodStatus {
  const { pod, now, hostAddress } = input
  const previous = pod.status ?? {}
  if (input.refusal !== undefined) return refused(pod, input.refusal, now)
  const statuses = entryStatuses(input)
  const { phase, ...why } = phaseOf(input, statuses)
  const address = addressOf(input)
  return {
    ...previous,
    ...(pod.metadata?.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase,
    ...why,
    conditions: conditions(input, phase, statuses),
    hostIP: hostAddress,
    hostIPs: [{ ip: hostAddress }],
    ...(address === undefined ? {} : { podIP: address, podIPs: [{ ip: address }] }),
    startTime: previous.startTime ?? timestamp(now),
    ...listOf('initContainerStatuses', statuses, 'init'),
    ...listOf('containerStatuses', statuses, 'app'),
    ...listOf('ephemeralContainerStatuses', statuses, 'ephemeral'),
  }
}

/** A pod that the node does not take never had containers here, nor an address. */
function refused({ metadata, status }: Pod, { reason, message }: Refusal, now: number): PodStatus {
  const { generation } = metadata ?? {}
  return {
    ...status,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase: 'Failed',
    reason,
    message: `Pod was rejected: ${message}`,
    startTime: status?.startTime ?? timestamp(now),
  }
}

type Outcome = Pick<PodStatus, 'reason' | 'message'> & { readonly phase: string }

export const deadlineExceeded = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
}

/** What the pod has come to, whatever of it still runs. */
function outcomeOf(input: StatusInput, statuses: readonly EntryStatus[]): Outcome {
  const { pod, now } = input
  if (pastDeadline(pod, now) && pod.status?.phase !== 'Succeeded') return { phase: 'Failed', ...deadlineExceeded }
  const { refusal } = input
  return refusal === undefined ? { phase: podPhaseOf(input, statuses) } : { phase: 'Failed', ...refusal }
}

/** Nobody is told of the end before nothing of the pod runs any more: what it holds is taken to be free then. */
function phaseOf(input: StatusInput, statuses: readonly EntryStatus[]): Outcome {
  const before = input.pod.status?.phase ?? 'Pending'
  const outcome = outcomeOf(input, statuses)
  const runs = input.observed.containers.some(({ state }) => state === 'running')
  return runs && isTerminal(outcome.phase) && !isTerminal(before) ? { phase: before } : outcome
}

const isTerminal = (phase: string): boolean => phase === 'Succeeded' || phase === 'Failed'

/** To what the pod's work has come for good, though something of it may still run, such as its sidecars. */
export function podOutcome(input: StatusInput): Outcome | undefined {
  const outcome = outcomeOf(input, entryStatuses(input))
  return isTerminal(outcome.phase) ? outcome : undefined
}

/** Whether two statuses say the same. */
export function sameStatus(left: PodStatus | undefined, right: PodStatus | undefined): boolean {
  return stableText(left ?? {}) === stableText(right ?? {})
}

function entryStatuses(input: StatusInput): EntryStatus[] {
  const sandbox = runningSandbox(input.observed)
  const isInitialized = sandbox !== undefined && initialized(input, sandbox)
  const hasInit = (input.pod.spec?.initContainers ?? []).length > 0
  return containerEntries(input.pod.spec).map((entry) => {
    const waitsForInit = hasInit && !isInitialized && entry.role !== 'ephemeral'
    return { entry, status: containerStatus(input, entry, waitsForInit ? 'PodInitializing' : 'ContainerCreating') }
  })
}

function listOf(
  field: 'initContainerStatuses' | 'containerStatuses' | 'ephemeralContainerStatuses',
  statuses: EntryStatus[],
  role: string,
): PodStatus {
  const list = statuses.filter(({ entry }) => entry.role === role).map(({ status }) => status)
  return list.length === 0 ? {} : { [field]: list.toSorted((left, right) => (left.name < right.name ? -1 : 1)) }
}

/** The address stays in the status after the sandbox's end: the pod had it. */
function addressOf({ observed, pod, hostAddress }: StatusInput): string | undefined {
  const sandbox = runningSandbox(observed)
  if (sandbox === undefined) return pod.status?.podIP
  return pod.spec?.hostNetwork === true ? hostAddress : sandbox.notes[note.address]
}

function conditions(input: StatusInput, phase: string, statuses: EntryStatus[]): PodCondition[] {
  const { pod, now, observed } = input
  const containersReady = containersCondition(phase, statuses)
  const own: PodCondition[] = [
    { type: 'PodReadyToStartContainers', status: runningSandbox(observed) === undefined ? 'False' : 'True' },
    initializedCondition(phase, statuses),
    { type: 'Ready', ...readyCondition(pod, containersReady) },
    { type: 'ContainersReady', ...containersReady },
    // Whoever gave the pod its node, a kubelet that sees it says so.
    { type: 'PodScheduled', status: 'True' },
  ]
  let all = pod.status?.conditions ?? []
  for (const condition of own) {
    const { generation } = pod.metadata ?? {}
    const stamped = { ...condition, ...(generation === undefined ? {} : { observedGeneration: generation }) }
    all = withCondition(all, stamped, timestamp(now)).conditions
  }
  return withResize(all, input)
}

/** What a resize waits for, or that it goes on; nothing of it once it is done. */
function withResize(conditions: PodCondition[], { pod, now, resize, ending }: StatusInput): PodCondition[] {
  const { differing, pending } = resize
  const { generation } = pod.metadata ?? {}
  const stamp = generation === undefined ? {} : { observedGeneration: generation }
  const wanted: [type: string, condition: object | undefined][] = [
    ['PodResizePending', ending ? undefined : pending],
    ['PodResizeInProgress', ending || pending !== undefined || differing.size === 0 ? undefined : {}],
  ]
  return wanted.reduce<PodCondition[]>(
    (all, [type, condition]) =>
      condition === undefined
        ? withoutCondition(all, type).conditions
        : withCondition(all, { type, status: 'True', ...condition, ...stamp }, timestamp(now)).conditions,
    conditions,
  )
}

interface Verdict {
  readonly status: string
  readonly reason?: string
  readonly message?: string
}

function initializedCondition(phase: string, statuses: EntryStatus[]): PodCondition {
  const type = 'Initialized'
  if (phase === 'Succeeded') return { type, status: 'True', reason: 'PodCompleted' }
  const incomplete = statuses
    .filter(({ entry, status }) => entry.role === 'init' && !(entry.sidecar ? status.started === true : status.ready))
    .map(({ status }) => status.name)
  const appRan = statuses.some(({ entry, status }) => entry.role === 'app' && status.containerID !== undefined)
  if (incomplete.length === 0 || appRan) return { type, status: 'True' }
  const message = `containers with incomplete status: [${incomplete.join(' ')}]`
  return { type, status: 'False', reason: 'ContainersNotInitialized', message }
}

function containersCondition(phase: string, statuses: EntryStatus[]): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  const unready = statuses
    .filter(({ entry, status }) => (entry.role === 'app' || entry.sidecar) && !status.ready)
    .map(({ status }) => status.name)
  if (unready.length === 0) return { status: 'True' }
  return {
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${unready.join(' ')}]`,
  }
}

function readyCondition(pod: Pod, containersReady: Verdict): Verdict {
  if (containersReady.status !== 'True') return containersReady
  const met = (type: string): boolean =>
    pod.status?.conditions?.some((one) => one.type === type && one.status === 'True') === true
  const missing = (pod.spec?.readinessGates ?? []).filter(({ conditionType }) => !met(conditionType))
  if (missing.length === 0) return { status: 'True' }
  const message = missing
    .map(
      ({ conditionType }) =>
        `corresponding condition of pod readiness gate "${conditionType}" does not exist or is not True.`,
    )
    .join(' ')
  return { status: 'False', reason: 'ReadinessGatesNotReady', message }
}
