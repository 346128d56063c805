import type { Disposable } from '../lib/disposable.ts'
import { Emitter } from '../lib/emitter.ts'
import { describeError, type Log } from '../lib/log.ts'
import { groupContainers, noContainers, type PodContainers } from './pod-containers.ts'
import type { ContainerRuntime, ObservedContainer, RuntimeEvent } from './runtime/runtime.ts'

/** What runs on the node, kept up to date by the runtime's events: nothing polls. */
export class RuntimeView implements Disposable {
  private readonly containers = new Map<string, ObservedContainer>()
  private readonly byPod = new Map<string, PodContainers>()
  private readonly changes = new Emitter<string>()
  private readonly connections = new Emitter<boolean>()
  /** Ids that are being looked at; true: look once more, for something happened meanwhile. */
  private readonly inspecting = new Map<string, { again: boolean; result: Promise<ObservedContainer | undefined> }>()
  private readonly watching: Disposable
  private readonly runtime: ContainerRuntime
  private readonly log: Log
  private isConnected = false
  private listing: Promise<void> = Promise.resolve()

  constructor(runtime: ContainerRuntime, log: Log) {
    this.runtime = runtime
    this.log = log
    this.watching = runtime.watch((event) => this.receive(event))
  }

  /** Whether events arrive, and the first list is there. */
  get connected(): boolean {
    return this.isConnected
  }

  of(podUid: string): PodContainers {
    return this.byPod.get(podUid) ?? noContainers
  }

  podUids(): string[] {
    return [...this.byPod.keys()]
  }

  sandboxes(): ObservedContainer[] {
    return [...this.byPod.values()].flatMap(({ sandboxes }) => sandboxes)
  }

  /** With the uid of each pod of which something changed. */
  onChange(listener: (podUid: string) => void): Disposable {
    return this.changes.on(listener)
  }

  onConnection(listener: (connected: boolean) => void): Disposable {
    return this.connections.on(listener)
  }

  /** Looks at a container now: for whoever has just changed it. */
  refresh(id: string): Promise<ObservedContainer | undefined> {
    const running = this.inspecting.get(id)
    if (running !== undefined) {
      running.again = true
      return running.result
    }
    const entry = { again: false, result: Promise.resolve<ObservedContainer | undefined>(undefined) }
    const look = async (): Promise<ObservedContainer | undefined> => {
      try {
        await this.listing
        let found: ObservedContainer | undefined
        do {
          entry.again = false
          found = await this.runtime.inspect(id)
        } while (entry.again)
        this.put(id, found)
        return found
      } finally {
        this.inspecting.delete(id)
      }
    }
    this.inspecting.set(id, entry)
    entry.result = look()
    return entry.result
  }

  async dispose(): Promise<void> {
    await this.watching.dispose()
  }

  private receive(event: RuntimeEvent): void {
    if (event.type === 'connected') {
      this.listing = this.relist()
    } else if (event.type === 'disconnected') {
      if (this.isConnected) this.log.warn(`the container runtime is out of reach: ${event.reason}`)
      this.isConnected = false
      this.connections.emit(false)
    } else {
      // A failure here is a lost connection: after it, everything is listed.
      this.refresh(event.id).catch((error: unknown) =>
        this.log.debug(`cannot look at a container: ${describeError(error)}`),
      )
    }
  }

  /** Never rejects: whoever waits for the list must go on. */
  private async relist(): Promise<void> {
    try {
      const found = await this.runtime.list()
      const present = new Set(found.map(({ id }) => id))
      for (const id of [...this.containers.keys()]) if (!present.has(id)) this.put(id, undefined)
      for (const container of found) this.put(container.id, container)
      this.isConnected = true
      this.connections.emit(true)
    } catch (error) {
      this.log.warn(`cannot list containers: ${describeError(error)}`)
    }
  }

  private put(id: string, container: ObservedContainer | undefined): void {
    const podUid = (container ?? this.containers.get(id))?.identity.podUid
    if (podUid === undefined) return
    if (container === undefined) this.containers.delete(id)
    else this.containers.set(id, container)
    const own = [...this.containers.values()].filter(({ identity }) => identity.podUid === podUid)
    if (own.length === 0) this.byPod.delete(podUid)
    else this.byPod.set(podUid, groupContainers(own))
    this.changes.emit(podUid)
  }
}
