import type { MachineSpec, ReportStep } from '../../provider.ts'
import type { Machine } from '../../machine.ts'
import { createSimulatedMachine } from './machine.ts'

export function startWorker(spec: MachineSpec, report: ReportStep): Promise<Machine> {
  report('Boot')
  return Promise.resolve(createSimulatedMachine(spec))
}
