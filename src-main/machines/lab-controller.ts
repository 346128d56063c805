import { isReason } from '../api/errors.ts'
import { lab as labKind } from '../api/kinds/lab/lab.ts'
import { machine as machineKind } from '../api/kinds/lab/machine.ts'
import { controllerOf } from '../api/meta/owner-references.ts'
import type { Live } from '../api/meta/object.ts'
import type { Lab, LabStatus, Machine } from '../api/types/lab-v1.ts'
import type { Client } from '../client/client.ts'
import { watchMapped, watchOwn } from '../client/controller-sources.ts'
import { runController, type ReconcileContext } from '../client/controller.ts'
import type { Informer } from '../client/informer.ts'
import type { Probe } from '../glass/probe.ts'
import type { Clock } from '../lib/clock.ts'
import type { Disposable } from '../lib/disposable.ts'
import type { Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import { labStatus, planLab, type WorkerSize } from './lab-plan.ts'

export interface LabControllerOptions {
  readonly client: Client
  readonly labs: Informer<Lab>
  readonly machines: Informer<Machine>
  readonly machinesCidr: string
  readonly workerSize: WorkerSize
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly probe: Probe
}

/** Keeps a lab's machines as the lab wants them, and the lab's status as the machines are. */
export function startLabController(options: LabControllerOptions): Disposable {
  const { client, labs, machines } = options

  const reconcile = async (key: string, { cause }: ReconcileContext): Promise<void> => {
    const lab = labs.lister.byKey(key)
    if (lab === undefined) return
    const all = machines.lister.list()
    const plan = planLab(lab, all, options.machinesCidr, options.workerSize)
    for (const machine of plan.create)
      await client.create(machineKind, machine, { cause }).catch(ignore('AlreadyExists'))
    for (const name of plan.remove) await client.delete(machineKind, { name }, { cause }).catch(ignore('NotFound'))
    for (const { name, power } of plan.power)
      await client.patch(machineKind, { name }, { type: 'merge', patch: { spec: { power } } }, { cause })
    await writeStatus(lab, labStatus(lab, all), cause)
  }

  const writeStatus = async (lab: Live<Lab>, status: LabStatus, cause: ReconcileContext['cause']): Promise<void> => {
    const { phase, message, readyWorkers } = lab.status ?? {}
    if (phase === status.phase && message === status.message && readyWorkers === status.readyWorkers) return
    const { name } = lab.metadata
    await client.patch(labKind, { name }, { type: 'merge', patch: { status } }, { subresource: 'status', cause })
  }

  return runController({
    ...{ name: 'lab', kind: labKind, reconcile },
    sources: [
      watchOwn(labs),
      watchMapped(machines, (machine) => {
        const owner = controllerOf(machine)
        return owner?.kind === labKind.kind ? [owner.name] : []
      }),
    ],
    ...{ clock: options.clock, random: options.random, log: options.log, probe: options.probe },
  })
}

/** For writes whose aim is met already. */
const ignore =
  (reason: 'AlreadyExists' | 'NotFound') =>
  (error: unknown): void => {
    if (!isReason(error, reason)) throw error
  }
