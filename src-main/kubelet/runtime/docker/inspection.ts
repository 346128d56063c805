import type { ContainerResources, ContainerState, ObservedContainer } from '../runtime.ts'
import { identityOf, notesOf } from './labels.ts'

/** The part of `GET /containers/{id}/json` that we read. */
export interface Inspection {
  readonly Id: string
  readonly Created: string
  /** The image's id. */
  readonly Image: string
  readonly Config: { readonly Image: string; readonly Labels: Record<string, string> | null; readonly Tty: boolean }
  readonly HostConfig: { readonly CpuShares: number; readonly CpuQuota: number; readonly Memory: number }
  readonly State: {
    readonly Status: string
    readonly Pid: number
    readonly ExitCode: number
    readonly OOMKilled: boolean
    readonly Error: string
    readonly StartedAt: string
    readonly FinishedAt: string
  }
}

/** Undefined when the container is not one of ours. */
export function observe(inspection: Inspection): ObservedContainer | undefined {
  const labels = inspection.Config.Labels ?? {}
  const identity = identityOf(labels)
  if (identity === undefined) return undefined
  const { State: state } = inspection
  return {
    id: inspection.Id,
    identity,
    notes: notesOf(labels),
    image: inspection.Config.Image,
    imageId: inspection.Image,
    state: stateOf(state.Status, state.Error),
    createdAt: Date.parse(inspection.Created),
    startedAt: timeOf(state.StartedAt),
    finishedAt: timeOf(state.FinishedAt),
    exitCode: state.ExitCode,
    outOfMemory: state.OOMKilled,
    error: state.Error,
    pid: state.Pid,
    resources: resourcesOf(inspection.HostConfig),
  }
}

/** The engine writes 0 for what has no limit. */
const resourcesOf = ({ CpuShares, CpuQuota, Memory }: Inspection['HostConfig']): ContainerResources => ({
  ...(CpuShares === 0 ? {} : { cpuShares: CpuShares }),
  ...(CpuQuota === 0 ? {} : { cpuQuotaMicros: CpuQuota }),
  ...(Memory === 0 ? {} : { memoryBytes: Memory }),
})

function stateOf(status: string, error: string): ContainerState {
  // A container whose start failed stays `created`, with the reason beside it.
  if (status === 'created') return error === '' ? 'created' : 'exited'
  return status === 'exited' || status === 'dead' || status === 'removing' ? 'exited' : 'running'
}

/** The engine writes year 1 for what has not happened. */
function timeOf(text: string): number | undefined {
  const time = Date.parse(text)
  return Number.isNaN(time) || time <= 0 ? undefined : time
}
