import type { Lab, Machine, MachineStep } from '../../src-main/api/types/lab-v1.ts'
import type { State } from '../components/state.ts'

/** What the lab's page shows. */
export type LabStage = 'off' | 'starting' | 'ready' | 'stopping'

/** `readyNodes`: how many nodes say that they are ready, for a lab whose own status is behind. */
export function labStage(lab: Lab, machines: readonly Machine[], readyNodes: number): LabStage {
  if (lab.spec?.power === 'Off') return machines.some(isUp) ? 'stopping' : 'off'
  const wanted = lab.spec?.workers ?? 0
  return readyNodes >= wanted ? 'ready' : 'starting'
}

const isUp = ({ status }: Machine): boolean => status?.connected === true

export function machineState({ status, spec }: Machine): State {
  if (status?.phase === 'Failed') return 'failed'
  if (status?.steps?.some(({ state }) => state === 'Failed') === true && status.connected !== true) return 'failed'
  if (status?.connected === true) return 'running'
  return spec?.power === 'Off' ? 'unknown' : 'waiting'
}

export function stepState({ state }: MachineStep): State {
  if (state === 'Done') return 'running'
  return state === 'Failed' ? 'failed' : 'waiting'
}

/** Milliseconds that a step took, or has taken so far. */
export function stepMs({ startedAt, finishedAt }: MachineStep, nowUnixMs: number): number {
  const end = finishedAt === undefined ? nowUnixMs : Date.parse(finishedAt)
  return Math.max(0, end - Date.parse(startedAt))
}

/** `340 ms`, `2.4 s`, `1 min 05 s`. */
export function formatMs(ms: number): string {
  if (ms < 1) return `${ms.toFixed(2)} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
}
