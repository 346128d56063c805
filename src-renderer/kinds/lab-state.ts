import type { Lab, Machine, MachineStep } from '../../src-main/api/types/lab-v1.ts'
import type { State } from '../components/state.ts'

/** What the lab's page shows. */
export type LabStage = 'off' | 'starting' | 'ready' | 'stopping'

/** Power says what is wanted; the lab's status and its machines say how far it is. */
export function labStage({ spec, status }: Lab, machines: readonly Machine[]): LabStage {
  if (spec?.power === 'Off') return machines.some(isUp) ? 'stopping' : 'off'
  return status?.phase === 'Ready' || status?.phase === 'Degraded' ? 'ready' : 'starting'
}

const isUp = ({ status }: Machine): boolean => !['Stopped', 'Pending'].includes(status?.phase ?? 'Pending')

/** The word for how a machine is; one that was never started and shall not run is off. */
export function machinePhase({ spec, status }: Machine): string {
  const phase = status?.phase ?? 'Pending'
  return phase === 'Pending' && spec?.power === 'Off' ? 'Off' : phase
}

export function machineState(machine: Machine): State {
  switch (machinePhase(machine)) {
    case 'Ready':
      return 'running'
    case 'Lost':
      return 'warning'
    case 'Failed':
      return 'failed'
    case 'Stopped':
    case 'Off':
      return 'unknown'
    default:
      return 'waiting'
  }
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

/** One mark for the whole lab. */
export function labState(lab: Lab, machines: readonly Machine[]): State {
  const stage = labStage(lab, machines)
  if (stage === 'off') return 'unknown'
  if (lab.status?.phase === 'Failed') return 'failed'
  if (stage !== 'ready') return 'waiting'
  return lab.status?.phase === 'Degraded' ? 'warning' : 'running'
}

/** The key of a step's text: `Check the host` → `checkTheHost`. */
export const stepKey = (name: string): string =>
  name
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word, index) => (index === 0 ? word.toLowerCase() : `${word.charAt(0).toUpperCase()}${word.slice(1)}`))
    .join('')

/** The first machine that is in trouble or tells of one. */
export const troubledMachine = <M extends Machine>(machines: readonly M[]): M | undefined =>
  machines.find(({ status }) => status?.phase === 'Failed' || status?.phase === 'Lost') ??
  machines.find(({ status }) => status?.phase !== 'Ready' && (status?.message ?? '') !== '')
