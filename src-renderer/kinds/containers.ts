import type { Container, ContainerStatus, Pod } from '../../src-main/api/types/core-v1.ts'
import type { State } from '../components/state.ts'

/** One container as a person reads it. */
export interface ContainerRow {
  readonly name: string
  readonly image: string
  readonly init: boolean
  readonly state: State
  /** `Running`, `CrashLoopBackOff`, `Completed`. */
  readonly text: string
  readonly message: string | undefined
  readonly since: string | undefined
  readonly restarts: number
  readonly ports: string
  /** How its instance before this one ended. */
  readonly lastEnd: string | undefined
}

/** Init containers first, in the order in which they start. */
export function containerRows({ spec, status }: Pod): ContainerRow[] {
  const find = (statuses: readonly ContainerStatus[] | undefined, name: string): ContainerStatus | undefined =>
    statuses?.find((one) => one.name === name)
  return [
    ...(spec?.initContainers ?? []).map((one) => rowOf(one, find(status?.initContainerStatuses, one.name), true)),
    ...(spec?.containers ?? []).map((one) => rowOf(one, find(status?.containerStatuses, one.name), false)),
  ]
}

function rowOf(container: Container, status: ContainerStatus | undefined, init: boolean): ContainerRow {
  const last = status?.lastState?.terminated
  return {
    name: container.name,
    image: container.image ?? '',
    init,
    ...describe(status),
    restarts: status?.restartCount ?? 0,
    ports: (container.ports ?? [])
      .map(({ containerPort, protocol = 'TCP' }) => `${containerPort}/${protocol}`)
      .join(', '),
    lastEnd: last === undefined ? undefined : `${last.reason ?? 'Error'} (${last.exitCode})`,
  }
}

function describe(status: ContainerStatus | undefined): Pick<ContainerRow, 'state' | 'text' | 'message' | 'since'> {
  const { running, terminated, waiting } = status?.state ?? {}
  if (running !== undefined) {
    const isReady = status?.ready === true
    return { state: isReady ? 'running' : 'waiting', text: 'Running', message: undefined, since: running.startedAt }
  }
  if (terminated !== undefined) {
    const { exitCode, reason = exitCode === 0 ? 'Completed' : 'Error', message, finishedAt } = terminated
    return { state: exitCode === 0 ? 'unknown' : 'failed', text: `${reason} (${exitCode})`, message, since: finishedAt }
  }
  const reason = waiting?.reason ?? 'Waiting'
  const isTrouble = /BackOff|Err|Invalid|Error/.test(reason)
  return { state: isTrouble ? 'failed' : 'waiting', text: reason, message: waiting?.message, since: undefined }
}
