/** Turns what the machines' status says into steps for the reporter: each step once as it begins and once as it ends. */
import type { Live } from '../api/meta/object.ts'
import type { Machine, MachineStep } from '../api/types/lab-v1.ts'
import type { StepReport } from './reporter.ts'

/** Remembers what was said. Steps that were over before the app started are not told again. */
export class LabProgress {
  private readonly said = new Map<string, string>()
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
