/** Turns what the machines' status says into steps for the reporter: each step once as it begins and once as it ends. */
import type { Live } from '../api/meta/object.ts'
import type { Machine, MachineStep } from '../api/types/lab-v1.ts'
import type { StepReport } from './reporter.ts'

/** Remembers what was said. Steps that were over before the app started are not told again. */
export class LabProgress {
  private readonly said = new Map<string, string>()
  private readonly phases = new Map<string, string>()
  private readonly sinceUnixMs: number

  constructor(sinceUnixMs: number) {
    this.sinceUnixMs = sinceUnixMs
  }

  /** The reports that this state of a machine adds, in order. */
  reportsOf(machine: Live<Machine>): StepReport[] {
    return (machine.status?.steps ?? []).flatMap((step) => {
      if (Date.parse(step.startedAt) < this.sinceUnixMs) return []
      const id = `${machine.metadata.name}/${step.name}/${step.startedAt}`
      if (this.said.get(id) === step.state) return []
      this.said.set(id, step.state)
      return [reportOf(machine.metadata.name, step)]
    })
  }

  /** What no step tells: a worker that was lost, or came back, or failed before its first step. */
  noticesOf({ metadata: { name }, status }: Live<Machine>): string[] {
    const { phase = '', message = 'no cause given', steps = [] } = status ?? {}
    const before = this.phases.get(name)
    this.phases.set(name, phase)
    if (before === phase) return []
    if (phase === 'Failed' && !steps.some(({ state }) => state === 'Failed')) return [`${name}: ${message}`]
    // What is lost at first sight was lost by an earlier run, and is being looked for.
    if (phase === 'Lost' && before !== undefined) return [`${name}: ${message}`]
    return before === 'Lost' && phase === 'Ready' ? [`${name}: The connection to the worker is back.`] : []
  }
}

function reportOf(machine: string, step: MachineStep): StepReport {
  const seconds =
    step.finishedAt === undefined ? undefined : (Date.parse(step.finishedAt) - Date.parse(step.startedAt)) / 1000
  const timed = seconds === undefined ? {} : { seconds }
  if (step.state === 'Failed') {
    return { machine, step: step.name, state: 'failed', ...timed, error: step.message ?? 'no cause given' }
  }
  return { machine, step: step.name, state: step.state === 'Done' ? 'done' : 'running', ...timed }
}
