import { humanAge } from '../../meta/duration.ts'
import { findCondition, isConditionTrue } from '../../meta/conditions.ts'
import { isTerminated } from '../../meta/pod.ts'
import type { Container, ContainerStatus, Pod } from '../../types/core-v1.ts'

/** What `kubectl get pods` says of a pod. */
export interface PodSummary {
  readonly ready: string
  readonly status: string
  readonly restarts: string
}

/** An init container that runs on beside the others (KEP-753). */
export const isSidecar = (container: Container | undefined): boolean => container?.restartPolicy === 'Always'

interface Restarts {
  readonly count: number
  readonly lastAt: string | undefined
}

function restartsOf(statuses: readonly ContainerStatus[]): Restarts {
  const ends = statuses.map((status) => status.lastState?.terminated?.finishedAt).filter((end) => end !== undefined)
  return {
    count: statuses.reduce((sum, status) => sum + status.restartCount, 0),
    lastAt: ends.toSorted((left, right) => Date.parse(left) - Date.parse(right)).at(-1),
  }
}

export function summarizePod(pod: Pod, nowUnixMs: number): PodSummary {
  const sidecarNames = new Set((pod.spec?.initContainers ?? []).filter(isSidecar).map(({ name }) => name))
  const initStatuses = pod.status?.initContainerStatuses ?? []
  const initializing = initProgress(pod, initStatuses, sidecarNames)
  const statuses = pod.status?.containerStatuses ?? []
  const sidecars = initStatuses.filter(({ name }) => sidecarNames.has(name))
  const started = initializing.status === undefined || isConditionTrue(pod.status?.conditions, 'Initialized')
  const running = started ? statuses.filter((status) => status.ready && status.state?.running !== undefined) : []
  const { count, lastAt } = started ? restartsOf([...sidecars, ...statuses]) : restartsOf(initializing.reached)
  const total = (pod.spec?.containers ?? []).length + sidecarNames.size
  return {
    ready: `${initializing.readySidecars + running.length}/${total}`,
    status: deletionText(pod) ?? statusText(pod, initializing.status, started, running.length > 0),
    restarts: count > 0 && lastAt !== undefined ? `${count} (${humanAge(lastAt, nowUnixMs)} ago)` : String(count),
  }
}

function deletionText(pod: Pod): string | undefined {
  if (pod.metadata?.deletionTimestamp === undefined) return undefined
  if (pod.status?.reason === 'NodeLost') return 'Unknown'
  return isTerminated(pod) ? undefined : 'Terminating'
}

interface InitProgress {
  /** Absent when all init containers are done. */
  readonly status: string | undefined
  readonly reached: readonly ContainerStatus[]
  readonly readySidecars: number
}

/** Init containers run one by one: the first that is neither done nor a started sidecar tells how far the pod is. */
function initProgress(pod: Pod, statuses: readonly ContainerStatus[], sidecars: ReadonlySet<string>): InitProgress {
  let readySidecars = 0
  for (const [index, status] of statuses.entries()) {
    const { terminated, waiting } = status.state ?? {}
    if (terminated?.exitCode === 0) continue
    if (sidecars.has(status.name) && status.started === true) {
      if (status.ready) readySidecars++
      continue
    }
    const reached = statuses.slice(0, index + 1)
    if (terminated !== undefined) return { status: `Init:${endText(terminated)}`, reached, readySidecars }
    const reason = waiting?.reason ?? ''
    if (reason !== '' && reason !== 'PodInitializing') return { status: `Init:${reason}`, reached, readySidecars }
    const total = (pod.spec?.initContainers ?? []).length
    return { status: `Init:${index}/${total}`, reached, readySidecars }
  }
  return { status: undefined, reached: statuses, readySidecars }
}

type Terminated = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>

function endText({ reason = '', signal = 0, exitCode }: Terminated): string {
  if (reason !== '') return reason
  return signal === 0 ? `ExitCode:${exitCode}` : `Signal:${signal}`
}

function statusText(pod: Pod, initText: string | undefined, started: boolean, running: boolean): string {
  const { phase = '', reason = '', containerStatuses = [], conditions } = pod.status ?? {}
  const gated = findCondition(conditions, 'PodScheduled')?.reason === 'SchedulingGated'
  let text = initText ?? (gated ? 'SchedulingGated' : reason === '' ? phase : reason)
  if (!started) return text
  // The first container that waits or has ended speaks for the pod.
  for (const { state } of containerStatuses.toReversed()) {
    const waiting = state?.waiting?.reason ?? ''
    if (waiting !== '') text = waiting
    else if (state?.terminated !== undefined) text = endText(state.terminated)
  }
  if (text !== 'Completed' || !running) return text
  return isConditionTrue(conditions, 'Ready') ? 'Running' : 'NotReady'
}
