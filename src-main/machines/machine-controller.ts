import { isReason } from '../api/errors.ts'
import { machine as machineKind } from '../api/kinds/lab/machine.ts'
import { node as nodeKind } from '../api/kinds/core/node.ts'
import type { Live } from '../api/meta/object.ts'
import type { Machine as MachineObject } from '../api/types/lab-v1.ts'
import type { Client } from '../client/client.ts'
import type { ControllerSource } from '../client/controller-sources.ts'
import { runController, type ReconcileContext, type RunningController } from '../client/controller.ts'
import type { EventRecorder } from '../client/events.ts'
import type { Informer } from '../client/informer.ts'
import type { Probe } from '../glass/probe.ts'
import type { Clock } from '../lib/clock.ts'
import type { Disposable } from '../lib/disposable.ts'
import { describeError, type Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import { machineFinalizer } from './lab-plan.ts'
import { MachineError } from './machine.ts'
import type { MachineProvider } from './provider.ts'
import { bringUp, type Attach, type RunningMachine } from './running-machine.ts'
import { StatusWriter } from './status-writer.ts'

export interface MachineControllerOptions {
  readonly client: Client
  readonly machines: Informer<MachineObject>
  readonly providers: readonly MachineProvider[]
  readonly attach: Attach
  readonly events: EventRecorder
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly probe: Probe
}

/** So many workers may come up or go at once. */
const parallelMachines = 4
/** A worker whose connection stays lost for this long is started again, which adopts it when it runs after all. */
const restartLostMs = 15_000
const backoff = { initialMs: 1_000, maximumMs: 60_000 }

interface Held {
  readonly running: RunningMachine
  readonly status: StatusWriter
  /** Since when the connection is lost, on the monotonic clock. */
  lostSinceMs: number | undefined
}

/** Makes workers as the machine objects want them. Disposing it lets go of the workers and leaves them running. */
export function startMachineController(options: MachineControllerOptions): Disposable {
  const reconciler = new MachineReconciler(options)
  const { clock, random, log, probe, machines } = options
  const controller: RunningController = runController({
    ...{ name: 'machine', kind: machineKind, workers: parallelMachines, backoff, clock, random, log, probe },
    sources: [watchWishes(machines)],
    reconcile: (key, context) => reconciler.reconcile(key, context, () => controller.enqueue(key)),
  })
  return {
    async dispose() {
      await controller.dispose()
      await reconciler.letGo()
    },
  }
}

class MachineReconciler {
  private readonly held = new Map<string, Held>()
  private readonly options: MachineControllerOptions

  constructor(options: MachineControllerOptions) {
    this.options = options
  }

  async reconcile(key: string, context: ReconcileContext, again: () => void): Promise<void> {
    const object = this.options.machines.lister.byKey(key)
    if (object === undefined) await this.detach(key)
    else if (object.metadata.deletionTimestamp !== undefined) await this.destroy(object, context)
    else if (object.spec?.power === 'Off') await this.powerOff(object)
    else await this.powerOn(object, context, again)
  }

  async letGo(): Promise<void> {
    await Promise.all([...this.held.keys()].map((name) => this.detach(name)))
  }

  private async powerOn(object: Live<MachineObject>, context: ReconcileContext, again: () => void): Promise<void> {
    const { client, clock, attach, events, log } = this.options
    const { name } = object.metadata
    const held = this.held.get(name)
    if (held !== undefined) {
      const lostForMs = held.lostSinceMs === undefined ? 0 : clock.monotonic() - held.lostSinceMs
      if (lostForMs < restartLostMs) return
      await this.detach(name)
    }
    await this.ensureFinalizer(object, context)
    const status = new StatusWriter(client, name, object.status ?? {}, log)
    try {
      const provider = this.providerOf(object)
      if (provider === undefined) throw this.noProvider(object)
      let isConnected = true
      const onConnection = (connected: boolean): void => {
        isConnected = connected
        this.connectionChanged(object, connected, again)
      }
      const { signal } = context
      const running = await bringUp({ ...{ object, provider, attach, status, clock, signal, onConnection } })
      this.held.set(name, { running, status, lostSinceMs: undefined })
      if (!isConnected) onConnection(false)
      events.event(aboutMachine(object), 'Normal', 'Ready', 'The worker is up and its node is attached.')
    } catch (error) {
      if (context.signal.aborted) return
      status.set({ phase: 'Failed', message: describeError(error), connected: false })
      events.event(aboutMachine(object), 'Warning', 'StartFailed', describeError(error))
      throw error
    } finally {
      await status.flush()
    }
  }

  private async powerOff(object: Live<MachineObject>): Promise<void> {
    const { client, log, events } = this.options
    const { name } = object.metadata
    await this.detach(name)
    if (object.status?.phase === 'Stopped') return
    // A worker that was never started has nothing to stop.
    if (object.status?.phase !== undefined) await this.providerOf(object)?.stop(name)
    const status = new StatusWriter(client, name, object.status ?? {}, log)
    status.set({ phase: 'Stopped', connected: false, steps: [], message: undefined })
    await status.flush()
    events.event(aboutMachine(object), 'Normal', 'Stopped', 'The worker was shut down; its disk stays.')
  }

  private async destroy(object: Live<MachineObject>, { cause }: ReconcileContext): Promise<void> {
    const { client } = this.options
    const { name, finalizers = [] } = object.metadata
    await this.detach(name)
    if (!finalizers.includes(machineFinalizer)) return
    const provider = this.providerOf(object)
    await provider?.destroy(name)
    if ((await provider?.list())?.length === 0) await provider?.cleanUp()
    await client.delete(nodeKind, { name }, { cause }).catch(ignoreNotFound)
    const patch = { metadata: { finalizers: finalizers.filter((one) => one !== machineFinalizer) } }
    await client.patch(machineKind, { name }, { type: 'merge', patch }, { cause }).catch(ignoreNotFound)
  }

  private async ensureFinalizer(object: Live<MachineObject>, { cause }: ReconcileContext): Promise<void> {
    const { name, finalizers = [] } = object.metadata
    if (finalizers.includes(machineFinalizer)) return
    const patch = { metadata: { finalizers: [...finalizers, machineFinalizer] } }
    await this.options.client.patch(machineKind, { name }, { type: 'merge', patch }, { cause })
  }

  private connectionChanged(object: Live<MachineObject>, connected: boolean, again: () => void): void {
    const { clock, events } = this.options
    const held = this.held.get(object.metadata.name)
    if (held === undefined) return
    held.lostSinceMs = connected ? undefined : clock.monotonic()
    if (connected) {
      held.status.set({ phase: 'Ready', connected, message: undefined })
      events.event(aboutMachine(object), 'Normal', 'Connected', 'The connection to the worker is back.')
    } else {
      held.status.set({ phase: 'Lost', connected, message: 'The connection to the worker is lost; trying again.' })
      events.event(aboutMachine(object), 'Warning', 'ConnectionLost', 'The connection to the worker is lost.')
      clock.after(restartLostMs, again)
    }
  }

  /** Takes the node from the machine, and leaves the worker as it is. */
  private async detach(name: string): Promise<void> {
    const held = this.held.get(name)
    if (held === undefined) return
    this.held.delete(name)
    await held.running.dispose()
    await held.status.flush()
  }

  /** Undefined for a name that no provider has: such a machine was never made. */
  private providerOf({ spec }: Live<MachineObject>): MachineProvider | undefined {
    return this.options.providers.find(({ name }) => name === spec?.provider)
  }

  private noProvider({ metadata, spec }: Live<MachineObject>): MachineError {
    const names = this.options.providers.map(({ name }) => name).join(', ')
    return new MachineError(
      'Failed',
      `${metadata.name}: no provider is named ${spec?.provider ?? ''}; there are ${names}`,
    )
  }
}

/** Changes of what is wanted. The status is our own: to follow it would start a failed worker again without a pause. */
function watchWishes(machines: Informer<MachineObject>): ControllerSource {
  return {
    synced: (signal) => machines.synced(signal),
    subscribe: (enqueue) => {
      const setOff = (object: Live<MachineObject>): void =>
        enqueue(object.metadata.name, Number(object.metadata.resourceVersion))
      return machines.on({
        added: setOff,
        deleted: setOff,
        updated: (previous, object) => {
          const { generation, deletionTimestamp } = object.metadata
          if (previous.metadata.generation !== generation || previous.metadata.deletionTimestamp !== deletionTimestamp)
            setOff(object)
        },
      })
    },
  }
}

/** Objects from a cache do not carry their kind, which an event needs. */
const aboutMachine = (object: Live<MachineObject>): Live<MachineObject> => ({
  ...object,
  apiVersion: machineKind.apiVersion,
  kind: machineKind.kind,
})

function ignoreNotFound(error: unknown): void {
  if (!isReason(error, 'NotFound')) throw error
}
