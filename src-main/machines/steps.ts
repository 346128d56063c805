/** The steps by which a worker comes up, as its status lists them. Pure. */
import type { MachineStep } from '../api/types/lab-v1.ts'
import { microTimestamp } from '../lib/clock.ts'

/** Ends the step that runs, and begins another. */
export function beginStep(steps: readonly MachineStep[], name: string, nowUnixMs: number): MachineStep[] {
  return [...endStep(steps, nowUnixMs), { name, state: 'Running', startedAt: microTimestamp(nowUnixMs) }]
}

/** Ends the step that runs, when there is one. */
export function endStep(steps: readonly MachineStep[], nowUnixMs: number): MachineStep[] {
  return finish(steps, nowUnixMs, { state: 'Done' })
}

/** Ends the step that runs with the cause of its failure. */
export function failStep(steps: readonly MachineStep[], nowUnixMs: number, message: string): MachineStep[] {
  return finish(steps, nowUnixMs, { state: 'Failed', message })
}

function finish(
  steps: readonly MachineStep[],
  nowUnixMs: number,
  end: { readonly state: string; readonly message?: string },
): MachineStep[] {
  const finishedAt = microTimestamp(nowUnixMs)
  return steps.map((step) => (step.state === 'Running' ? { ...step, finishedAt, ...end } : step))
}
