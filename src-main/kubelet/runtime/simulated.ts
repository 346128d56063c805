/** A runtime without containers: they exist as records, and run by the injected clock. For simulated nodes. */
import { Readable } from 'node:stream'
import { sleepOn, timestamp, type Clock } from '../../lib/clock.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { Emitter } from '../../lib/emitter.ts'
import type { Random } from '../../lib/random.ts'
import {
  RuntimeError,
  type ContainerConfig,
  type ContainerResources,
  type ContainerRuntime,
  type ImageInfo,
  type ObservedContainer,
  type RuntimeEvent,
  type UsageSample,
} from './runtime.ts'
import { simulatedLoad, type SimulatedLoad } from './simulated-load.ts'
import { simulatedProgram, type SimulatedProgram } from './simulated-program.ts'

export interface SimulatedRuntimeOptions {
  readonly clock: Clock
  readonly random: Random
  /** How long starting a container takes; absent: 200 ms. */
  readonly startDelayMs?: number
  /** What a container does; absent: what its command says, as far as the simulation knows it. */
  readonly program?: (config: ContainerConfig) => SimulatedProgram
  /** Whether a registry would have the image; absent: it has every image. */
  readonly hasImage?: (name: string) => boolean
}

const sampleMs = 1000

interface Simulated {
  observed: ObservedContainer
  readonly program: SimulatedProgram
  readonly load: SimulatedLoad
  timer: Disposable | undefined
}

export function createSimulatedRuntime(options: SimulatedRuntimeOptions): ContainerRuntime {
  return new SimulatedRuntime(options)
}

class SimulatedRuntime implements ContainerRuntime {
  private readonly options: SimulatedRuntimeOptions
  private readonly containers = new Map<string, Simulated>()
  private readonly known = new Map<string, ImageInfo>()
  private readonly events = new Emitter<RuntimeEvent>()
  private lastPid = 1000

  constructor(options: SimulatedRuntimeOptions) {
    this.options = options
  }

  info(): ReturnType<ContainerRuntime['info']> {
    const description = {
      kernelVersion: 'simulated',
      osImage: 'Simulated',
      architecture: 'amd64',
      machineId: 'simulated',
    }
    return Promise.resolve({ name: 'simulated', version: '1.0.0', ...description })
  }

  list(): Promise<ObservedContainer[]> {
    return Promise.resolve([...this.containers.values()].map(({ observed }) => observed))
  }

  inspect(id: string): Promise<ObservedContainer | undefined> {
    return Promise.resolve(this.containers.get(id)?.observed)
  }

  create(config: ContainerConfig): Promise<string> {
    const { clock, random, program = simulatedProgram } = this.options
    const id = (random.uuid() + random.uuid()).replaceAll('-', '')
    const observed: ObservedContainer = {
      id,
      identity: config.identity,
      notes: config.notes,
      image: config.image,
      imageId: imageId(config.image),
      state: 'created',
      createdAt: clock.now(),
      startedAt: undefined,
      finishedAt: undefined,
      exitCode: 0,
      outOfMemory: false,
      error: '',
      pid: 0,
      resources: config.resources,
    }
    this.containers.set(id, { observed, program: program(config), load: simulatedLoad(config), timer: undefined })
    this.tell(id, 'create')
    return Promise.resolve(id)
  }

  async start(id: string): Promise<void> {
    const { clock, startDelayMs = 200 } = this.options
    const container = this.find(id)
    if (container.observed.state === 'running') return
    await sleepOn(clock, startDelayMs)
    if (!this.containers.has(id)) throw new RuntimeError('NotFound', `No such container: ${id}`)
    const { runMs, exitCode } = container.program
    container.observed = { ...container.observed, state: 'running', startedAt: clock.now(), pid: ++this.lastPid }
    if (runMs !== undefined) container.timer = clock.after(runMs, () => this.end(id, exitCode))
    this.tell(id, 'start')
  }

  stop(id: string, _graceSeconds: number): Promise<void> {
    // A simulated process obeys SIGTERM at once.
    this.end(id, 143)
    return Promise.resolve()
  }

  resize(id: string, resources: ContainerResources): Promise<void> {
    const container = this.find(id)
    const { observed } = container
    container.observed = { ...observed, resources: { ...observed.resources, ...resources } }
    this.tell(id, 'update')
    return Promise.resolve()
  }

  remove(id: string): Promise<void> {
    this.end(id, 137)
    if (this.containers.delete(id)) this.tell(id, 'destroy')
    return Promise.resolve()
  }

  images(): Promise<ImageInfo[]> {
    return Promise.resolve([...this.known.values()])
  }

  findImage(name: string): Promise<ImageInfo | undefined> {
    if (name.startsWith('orrery.dev/')) this.remember(name)
    return Promise.resolve(this.known.get(name))
  }

  async pull(name: string, signal: AbortSignal): Promise<void> {
    const { clock, hasImage = () => true } = this.options
    await sleepOn(clock, 500, signal)
    if (!hasImage(name)) throw new RuntimeError('ImageUnavailable', `manifest for ${name} not found: manifest unknown`)
    this.remember(name)
  }

  loadImage(): Promise<void> {
    return Promise.resolve()
  }

  logs(id: string): Promise<Readable> {
    const { observed } = this.find(id)
    const started = observed.startedAt === undefined ? 'has not started' : `started at ${timestamp(observed.startedAt)}`
    return Promise.resolve(
      Readable.from([Buffer.from(`This container is simulated: it ${started} and writes no log.\n`)]),
    )
  }

  exec(): Promise<number> {
    return Promise.reject(new RuntimeError('Invalid', 'this container is simulated: no command can run in it'))
  }

  attach(): Promise<void> {
    return Promise.reject(new RuntimeError('Invalid', 'this container is simulated: there is nothing to attach to'))
  }

  /** The load is even, so that the first samples are there at once. */
  usage(id: string, listener: (sample: UsageSample) => void): Disposable {
    const { clock } = this.options
    let timer: Disposable | undefined
    const tell = (atMs: number): void => {
      const container = this.containers.get(id)
      const startedAt = container?.observed.startedAt
      if (container?.observed.state !== 'running' || startedAt === undefined) return
      const { milliCpu, memoryBytes } = container.load
      const cpuNanoseconds = Math.max(0, atMs - startedAt) * milliCpu * 1000
      listener({ atMs, cpuNanoseconds, memoryBytes })
    }
    const beat = (): void => {
      tell(clock.now())
      timer = clock.after(sampleMs, beat)
    }
    // What it has used until now is known at once; of one that has just been started there is nothing to tell yet.
    const earlier = Math.max(clock.now() - sampleMs, this.containers.get(id)?.observed.startedAt ?? 0)
    if (earlier < clock.now()) tell(earlier)
    beat()
    return { dispose: () => void timer?.dispose() }
  }

  watch(listener: (event: RuntimeEvent) => void): Disposable {
    const subscription = this.events.on(listener)
    queueMicrotask(() => listener({ type: 'connected' }))
    return subscription
  }

  dispose(): void {
    for (const { timer } of this.containers.values()) void timer?.dispose()
  }

  private find(id: string): Simulated {
    const container = this.containers.get(id)
    if (container === undefined) throw new RuntimeError('NotFound', `No such container: ${id}`)
    return container
  }

  private end(id: string, exitCode: number): void {
    const container = this.containers.get(id)
    if (container?.observed.state !== 'running') return
    void container.timer?.dispose()
    container.observed = {
      ...container.observed,
      state: 'exited',
      exitCode,
      finishedAt: this.options.clock.now(),
      pid: 0,
    }
    this.tell(id, 'die')
  }

  private remember(name: string): void {
    this.known.set(name, { id: imageId(name), names: [name], sizeBytes: 1_000_000 })
  }

  private tell(id: string, action: string): void {
    this.events.emit({ type: 'container', id, action })
  }
}

const imageId = (name: string): string => `sha256:${Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64)}`
