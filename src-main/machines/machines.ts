/** The part of the app that makes workers: the controllers of labs and machines. */
import { lab } from '../api/kinds/lab/lab.ts'
import { machine } from '../api/kinds/lab/machine.ts'
import type { Client } from '../client/client.ts'
import { createEventRecorder } from '../client/events.ts'
import { createInformers } from '../client/informers.ts'
import type { Probe } from '../glass/probe.ts'
import type { Clock } from '../lib/clock.ts'
import { DisposableStack, type Disposable } from '../lib/disposable.ts'
import type { Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import { startLabController } from './lab-controller.ts'
import type { WorkerSize } from './lab-plan.ts'
import { startMachineController } from './machine-controller.ts'
import type { MachineProvider, ProviderContext } from './provider.ts'
import type { Attach } from './running-machine.ts'

export interface MachinesOptions {
  readonly client: Client
  readonly providers: readonly MachineProvider[]
  /** Only `machines` is used: the workers' addresses come from it. */
  readonly networks: ProviderContext['networks']
  /** Of workers that are made from now on. */
  readonly workerSize?: WorkerSize
  readonly attach: Attach
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly probe: Probe
}

const usualSize: WorkerSize = { cpus: 2, memory: '2Gi' }

/** Follows the labs and machines of the API. Disposing it leaves the workers running. */
export function startMachines(options: MachinesOptions): Disposable {
  const { client, clock, random, log, probe, providers, attach, networks, workerSize = usualSize } = options
  const parts = new DisposableStack()
  const informers = createInformers(client, { clock, random, log })
  const labs = informers.of(lab)
  const machines = informers.of(machine)
  const events = createEventRecorder({ ...{ client, clock, random, log }, component: 'lab-controller' })
  parts.defer(() => events.flush())
  parts.use(informers.start())
  parts.use(startMachineController({ ...{ client, machines, providers, attach, events, clock, random, log, probe } }))
  parts.use(
    startLabController({
      ...{ client, labs, machines, workerSize, clock, random, log, probe },
      machinesCidr: networks.machines,
    }),
  )
  return parts
}
