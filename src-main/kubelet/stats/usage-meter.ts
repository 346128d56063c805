import type { ContainerUsage } from '../../apiserver/node-agent.ts'
import type { Clock } from '../../lib/clock.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import { Emitter } from '../../lib/emitter.ts'
import type { RuntimeView } from '../runtime-view.ts'
import type { ContainerRuntime, ObservedContainer, UsageSample } from '../runtime/runtime.ts'
import { rateOf, withSample } from './rate.ts'

/** Streams stay open for so long after the last question: `kubectl top` and autoscalers ask again and again. */
const lingerMs = 60_000
/** Two samples of a container come within so long, or it has none to give. */
const patienceMs = 3000

/** A stream that was silent for so long is broken. */
const silenceMs = 10_000

interface Gauge {
  samples: UsageSample[]
  /** By the monotonic clock. */
  heardMs: number
  stream: Disposable
}

/** Measures the containers of a node, and only while somebody asks. */
export class UsageMeter implements Disposable {
  private readonly gauges = new Map<string, Gauge>()
  private readonly news = new Emitter<void>()
  private readonly runtime: ContainerRuntime
  private readonly view: RuntimeView
  private readonly clock: Clock
  private rest: Disposable | undefined

  constructor(runtime: ContainerRuntime, view: RuntimeView, clock: Clock) {
    this.runtime = runtime
    this.view = view
    this.clock = clock
  }

  /** What each running container uses. The first answer after a pause takes up to three seconds. */
  async read(): Promise<ContainerUsage[]> {
    void this.rest?.dispose()
    this.rest = this.clock.after(lingerMs, () => void this.close())
    const running = this.running()
    this.follow(running)
    await this.measured(running)
    return running.flatMap(({ id, identity }) => {
      const rate = rateOf(this.gauges.get(id)?.samples ?? [])
      const { podNamespace: namespace, podName: pod, podUid: uid, container } = identity
      return rate === undefined ? [] : [{ namespace, pod, uid, container, ...rate }]
    })
  }

  async dispose(): Promise<void> {
    await this.rest?.dispose()
    await this.close()
  }

  private running(): ObservedContainer[] {
    return this.view
      .podUids()
      .flatMap((podUid) => this.view.of(podUid).containers)
      .filter(({ state }) => state === 'running')
  }

  private follow(running: readonly ObservedContainer[]): void {
    const ids = new Set(running.map(({ id }) => id))
    for (const [id, { stream, heardMs }] of this.gauges) {
      if (ids.has(id) && this.clock.monotonic() - heardMs < silenceMs) continue
      this.gauges.delete(id)
      void stream.dispose()
    }
    for (const id of ids) if (!this.gauges.has(id)) this.open(id)
  }

  private open(id: string): void {
    const gauge: Gauge = { samples: [], heardMs: this.clock.monotonic(), stream: { dispose: () => undefined } }
    this.gauges.set(id, gauge)
    gauge.stream = this.runtime.usage(id, (sample) => {
      gauge.samples = withSample(gauge.samples, sample)
      gauge.heardMs = this.clock.monotonic()
      this.news.emit()
    })
  }

  /** Resolves when every container has been measured, or when patience ends. */
  private async measured(running: readonly ObservedContainer[]): Promise<void> {
    const done = (): boolean => running.every(({ id }) => rateOf(this.gauges.get(id)?.samples ?? []) !== undefined)
    if (done()) return
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const waiting = new DisposableStack()
    waiting.use(this.news.on(() => void (done() && resolve(undefined))))
    waiting.use(this.clock.after(patienceMs, () => resolve(undefined)))
    await promise
    await waiting.dispose()
  }

  private async close(): Promise<void> {
    const streams = [...this.gauges.values()].map(({ stream }) => stream)
    this.gauges.clear()
    await Promise.all(streams.map((stream) => stream.dispose()))
  }
}
