import type { ContainerState, ContainerStateTerminated, ContainerStatus } from '../api/types/core-v1.ts'
import { timestamp } from '../lib/clock.ts'
import type { StartFailure } from './actions.ts'
import { isPullReason } from './config-error.ts'
import {
  attemptsBefore,
  attemptsOf,
  containerEntries,
  podLabel,
  restarts,
  statusOf,
  type ContainerEntry,
} from './pod-containers.ts'
import { crashesAfter, restartAt, restartDelayMs } from './restart-delay.ts'
import type { ObservedContainer } from './runtime/runtime.ts'
import type { StatusInput } from './status.ts'

/** The status of one container. `waitsFor` says what a container without any attempt waits for. */
export function containerStatus(input: StatusInput, entry: ContainerEntry, waitsFor: string): ContainerStatus {
  const { name, image = '' } = entry.container
  const [latest, before] = attemptsOf(input.observed, name)
  if (latest === undefined) return withoutAttempt(input, entry, waitsFor)
  const waiting =
    latest.state === 'exited'
      ? waitingAfterEnd(input, entry, latest)
      : isStarting(input, entry, latest)
        ? { waiting: { reason: waitsFor } }
        : undefined
  const last = waiting === undefined || latest.state !== 'exited' ? before : latest
  const started = !isStarting(input, entry, latest) && hasStarted(input, entry, latest)
  return {
    name,
    state: waiting ?? stateOf(input, latest, waitsFor),
    lastState: last?.state === 'exited' ? { terminated: terminated(input, last) } : {},
    ready: isReady(input, entry, latest, started),
    restartCount: latest.identity.attempt,
    image: latest.image === '' ? image : latest.image,
    imageID: `docker://${latest.imageId}`,
    containerID: containerId(latest),
    started,
    ...resourcesOf(input, entry, latest),
  }
}

/** What the node has promised a container, and what it runs with; of one that is being resized, what it had before. */
function resourcesOf(input: StatusInput, { container }: ContainerEntry, latest: ObservedContainer): Given {
  const { requests, limits } = container.resources ?? {}
  if (latest.state !== 'running' || (requests === undefined && limits === undefined)) return {}
  const { differing, pending } = input.resize
  const before = statusOf(input.pod, container.name)
  const waits = differing.has(container.name)
  const allocated = waits && pending !== undefined ? before?.allocatedResources : requests
  const now = { ...(limits === undefined ? {} : { limits }), ...(requests === undefined ? {} : { requests }) }
  const resources = waits ? before?.resources : now
  return {
    ...(allocated === undefined ? {} : { allocatedResources: allocated }),
    ...(resources === undefined ? {} : { resources }),
  }
}

type Given = Pick<ContainerStatus, 'allocatedResources' | 'resources'>

const containerId = ({ id }: ObservedContainer): string => `docker://${id}`

/** What is to be done after its start is not done yet: nobody is told before that it runs. */
function isStarting(input: StatusInput, { container }: ContainerEntry, latest: ObservedContainer): boolean {
  const { name, lifecycle } = container
  if (latest.state !== 'running' || lifecycle?.postStart === undefined || !input.busy.has(name)) return false
  const before = statusOf(input.pod, name)
  // It may be busy with its end as well.
  return before?.state?.running === undefined || before.containerID !== containerId(latest)
}

function withoutAttempt(input: StatusInput, entry: ContainerEntry, waitsFor: string): ContainerStatus {
  const { name, image = '' } = entry.container
  const previous = statusOf(input.pod, name)
  const wasThere = previous?.containerID !== undefined && previous.containerID !== ''
  if (previous !== undefined && wasThere && input.ending) return lost(previous)
  const failure = input.startFailures.get(name) ?? volumePullFailure(input)
  const reason = failure?.reason ?? waitsFor
  return {
    name,
    state: { waiting: failure === undefined ? { reason } : { reason, message: failure.message } },
    lastState:
      previous?.state?.running === undefined ? (previous?.lastState ?? {}) : { terminated: unknownEnd(usedToRun) },
    ready: false,
    restartCount: attemptsBefore(input.pod, name),
    image,
    imageID: '',
    started: false,
  }
}

/** No container starts before the image of a volume is there; all wait with its reason. */
function volumePullFailure({ startFailures }: StatusInput): StartFailure | undefined {
  const failure = startFailures.get('')
  return failure !== undefined && isPullReason(failure.reason) ? failure : undefined
}

/** A container that was there and is not any more, of a pod that will not start it again. */
function lost(previous: ContainerStatus): ContainerStatus {
  if (previous.state?.running === undefined) return previous
  return { ...previous, state: { terminated: unknownEnd(notLocated) }, ready: false, started: false }
}

const notLocated = 'The container could not be located when the pod was deleted'
/** Of one that is started again. */
const usedToRun = `${notLocated}.  The container used to be Running`

const unknownEnd = (message: string): ContainerStateTerminated => ({
  ...{ exitCode: 137, reason: 'ContainerStatusUnknown', message },
})

function waitingAfterEnd(
  input: StatusInput,
  entry: ContainerEntry,
  latest: ObservedContainer,
): ContainerState | undefined {
  if (input.ending || !restarts(entry, input.pod.spec, latest.exitCode)) return undefined
  const failure = input.startFailures.get(entry.container.name)
  if (failure !== undefined) return { waiting: { reason: failure.reason, message: failure.message } }
  if (restartAt(latest) <= input.now) return undefined
  const delay = durationText(restartDelayMs(crashesAfter(latest)))
  const message = `back-off ${delay} restarting failed container=${entry.container.name} pod=${podLabel(input.pod)}`
  return { waiting: { reason: 'CrashLoopBackOff', message } }
}

/** `10s`, `2m40s`: as durations are written in messages. */
export function durationText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}

function stateOf(input: StatusInput, container: ObservedContainer, waitsFor: string): ContainerState {
  if (container.state === 'created') return { waiting: { reason: waitsFor } }
  if (container.state === 'exited') return { terminated: terminated(input, container) }
  return { running: { startedAt: timestamp(container.startedAt ?? container.createdAt) } }
}

/** What all messages of a pod may take; its containers share it equally. */
const messagesBytes = 12 * 1024

function terminated(input: StatusInput, container: ObservedContainer): ContainerStateTerminated {
  const message = (container.error === '' ? input.terminationMessages.get(container.id) : container.error) ?? ''
  const share = Math.floor(messagesBytes / Math.max(1, containerEntries(input.pod.spec).length))
  return {
    exitCode: container.exitCode,
    reason: endReason(container),
    ...(message === '' ? {} : { message: Buffer.from(message).subarray(0, share).toString() }),
    startedAt: timestamp(container.startedAt ?? container.createdAt),
    finishedAt: timestamp(container.finishedAt ?? container.createdAt),
    containerID: containerId(container),
  }
}

function endReason({ exitCode, outOfMemory, error }: ObservedContainer): string {
  if (error !== '') return 'StartError'
  if (outOfMemory) return 'OOMKilled'
  return exitCode === 0 ? 'Completed' : 'Error'
}

export function hasStarted({ probes }: StatusInput, { container }: ContainerEntry, latest: ObservedContainer): boolean {
  if (latest.state !== 'running') return false
  return container.startupProbe === undefined || probes.get(latest.id)?.started === true
}

function isReady(input: StatusInput, entry: ContainerEntry, latest: ObservedContainer, started: boolean): boolean {
  if (entry.role === 'init' && !entry.sidecar) return latest.state === 'exited' && latest.exitCode === 0
  if (!started || entry.role === 'ephemeral') return false
  return entry.container.readinessProbe === undefined || input.probes.get(latest.id)?.ready === true
}
