/** One worker, from the first step of its start to its end: made, connected, attached, and watched for its connection. */
import type { Live } from '../api/meta/object.ts'
import { parseQuantity, wholeValue } from '../api/meta/quantity.ts'
import type { Machine as MachineObject } from '../api/types/lab-v1.ts'
import type { Clock } from '../lib/clock.ts'
import { DisposableStack, type Disposable } from '../lib/disposable.ts'
import { describeError } from '../lib/log.ts'
import { MachineError, type Machine } from './machine.ts'
import { connectStep, type MachineProvider, type MachineSpec, type ReportStep } from './provider.ts'
import { beginStep, endStep, failStep } from './steps.ts'
import type { StatusWriter } from './status-writer.ts'

/** Makes a node of a machine; its steps are reported beside the provider's. */
export type Attach = (machine: Machine, object: Live<MachineObject>, report: ReportStep) => Promise<Disposable>

export interface BringUpOptions {
  readonly object: Live<MachineObject>
  readonly provider: MachineProvider
  readonly attach: Attach
  readonly status: StatusWriter
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Tells of each loss and return of the connection. */
  readonly onConnection: (connected: boolean) => void
}

/** A worker that is up; ending it leaves the worker running, without the app. */
export type RunningMachine = Disposable

/** Throws what failed after it was written to the step and the status. */
export async function bringUp(options: BringUpOptions): Promise<RunningMachine> {
  const { object, provider, attach, status, clock, signal } = options
  const spec = machineSpec(object)
  const parts = new DisposableStack()
  const enter = (phase: string): void => {
    signal.throwIfAborted()
    status.set({ phase })
  }
  const report: ReportStep = (step) => {
    if (signal.aborted) return
    status.set({ steps: beginStep(status.current.steps ?? [], step, clock.now()) })
    if (step === connectStep) status.set({ phase: 'Connecting' })
  }
  status.set({ steps: [], phase: 'Creating', connected: false })
  try {
    report('Check the host')
    const answer = await provider.available()
    if (!answer.available)
      throw new MachineError('Failed', `${answer.reason}; ${answer.remedy}, or take simulated workers`)
    enter('Creating')
    await provider.create(spec, report)
    enter('Starting')
    const machine = parts.use(await unlessAborted(provider.start(spec, report), signal))
    status.set({ connected: true })
    parts.use(machine.onConnection(options.onConnection))
    enter('Preparing')
    parts.use(await attach(machine, object, report))
    signal.throwIfAborted()
    status.set({ phase: 'Ready', message: undefined, steps: endStep(status.current.steps ?? [], clock.now()) })
    return parts
  } catch (error) {
    // An app that ends is no failure of the worker.
    if (!signal.aborted) {
      const message = describeError(error)
      const steps = failStep(status.current.steps ?? [], clock.now(), message)
      status.set({ phase: 'Failed', message, connected: false, steps })
    }
    await parts.dispose()
    throw error
  }
}

/** An app that ends does not wait for a worker that boots: whoever comes after the signal is let go at once. */
async function unlessAborted(starting: Promise<Machine>, signal: AbortSignal): Promise<Machine> {
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([starting, aborted.promise])
  } catch (error) {
    if (signal.aborted)
      void starting.then(
        (machine) => machine.dispose(),
        () => undefined,
      )
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** The spec as a provider wants it. */
export function machineSpec({ metadata, spec }: Live<MachineObject>): MachineSpec {
  return {
    name: metadata.name,
    address: spec?.address ?? '',
    cpus: spec?.cpus ?? 1,
    memoryBytes: wholeValue(parseQuantity(spec?.memory ?? '1Gi')),
  }
}
