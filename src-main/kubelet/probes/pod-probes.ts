import type { Pod } from '../../api/types/core-v1.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import type { ProbeState } from '../actions.ts'
import type { KubeletContext } from '../context.ts'
import {
  containerEntries,
  note,
  runningSandbox,
  statusOf,
  type ContainerEntry,
  type PodContainers,
} from '../pod-containers.ts'
import type { ObservedContainer } from '../runtime/runtime.ts'
import { startProbeLoop } from './probe-loop.ts'

interface Probed {
  readonly loops: DisposableStack
  /** Liveness and readiness wait for the startup probe. */
  settled: boolean
}

type ProbeContext = Pick<KubeletContext, 'clock' | 'checker' | 'tell'>
type ProbeName = 'startup' | 'liveness' | 'readiness'

const labels: Readonly<Record<ProbeName, string>> = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' }

/** Runs the probes of one pod's running containers, and keeps what they found. */
export class PodProbes implements Disposable {
  private readonly states = new Map<string, ProbeState>()
  private readonly probed = new Map<string, Probed>()
  private readonly context: ProbeContext
  private readonly pod: () => Pod
  private readonly changed: () => void

  constructor(context: ProbeContext, pod: () => Pod, changed: () => void) {
    this.context = context
    this.pod = pod
    this.changed = changed
  }

  /** By container id. */
  get current(): ReadonlyMap<string, ProbeState> {
    return this.states
  }

  /** Probes what runs, and only that; nothing once the pod ends. */
  follow(observed: PodContainers, ending: boolean): void {
    const sandbox = runningSandbox(observed)
    const address = sandbox?.notes[note.address]
    const running =
      ending || address === undefined ? [] : observed.containers.filter(({ state }) => state === 'running')
    const wanted = new Set(running.map(({ id }) => id))
    for (const [id, { loops }] of this.probed) {
      if (wanted.has(id)) continue
      void loops.dispose()
      this.probed.delete(id)
      // A container that ends keeps its last verdict until it has ended: being ready no more is for its probes to say.
      if (!observed.containers.some((one) => one.id === id && one.state === 'running')) this.states.delete(id)
    }
    for (const container of running) if (!this.probed.has(container.id)) this.begin(container, address ?? '')
  }

  dispose(): void {
    for (const { loops } of this.probed.values()) void loops.dispose()
    this.probed.clear()
  }

  private begin(container: ObservedContainer, address: string): void {
    const entry = containerEntries(this.pod().spec).find((one) => one.container.name === container.identity.container)
    if (entry === undefined || (entry.role === 'init' && !entry.sidecar)) return
    const probed: Probed = { loops: new DisposableStack(), settled: false }
    this.probed.set(container.id, probed)
    this.recall(entry, container)
    const { startupProbe } = entry.container
    if (startupProbe === undefined || this.states.get(container.id)?.started === true)
      return this.settle(entry, container, address)
    const loop = this.loop('startup', entry, container, address, (healthy) => {
      if (healthy) {
        // What has started is not asked again whether it has.
        void loop?.dispose()
        this.put(container.id, { started: true })
        this.settle(entry, container, address)
      } else {
        void loop?.dispose()
        this.put(container.id, {
          unhealthy: `Container ${entry.container.name} failed startup probe, will be restarted`,
        })
      }
    })
  }

  /** A container that was ready before the app was restarted is so until its probe says otherwise. */
  private recall({ container }: ContainerEntry, { id }: ObservedContainer): void {
    const before = statusOf(this.pod(), container.name)
    if (before?.containerID?.endsWith(id) !== true) return
    this.states.set(id, { started: before.started === true, ready: before.ready })
  }

  private settle(entry: ContainerEntry, container: ObservedContainer, address: string): void {
    const probed = this.probed.get(container.id)
    if (probed === undefined || probed.settled) return
    probed.settled = true
    this.loop('readiness', entry, container, address, (ready) => this.put(container.id, { ready }))
    const liveness = this.loop('liveness', entry, container, address, (healthy) => {
      if (healthy) return
      // What is to be restarted is not asked again.
      void liveness?.dispose()
      this.put(container.id, {
        unhealthy: `Container ${entry.container.name} failed liveness probe, will be restarted`,
      })
    })
  }

  private loop(
    name: ProbeName,
    { container, role }: ContainerEntry,
    { id, startedAt }: ObservedContainer,
    address: string,
    onVerdict: (healthy: boolean) => void,
  ): Disposable | undefined {
    const spec = container[`${name}Probe`]
    if (spec === undefined) return undefined
    const { clock, checker, tell } = this.context
    const target = { container, containerId: id, podAddress: address }
    const loop = startProbeLoop({
      spec,
      clock,
      startedAt: startedAt ?? clock.now(),
      check: (signal) => checker.check(spec, target, signal),
      onFailure: (output) =>
        tell(this.pod(), 'Warning', 'Unhealthy', `${labels[name]} probe failed: ${output}`, {
          name: container.name,
          role,
        }),
      onVerdict,
    })
    return this.probed.get(id)?.loops.use(loop)
  }

  private put(id: string, news: ProbeState): void {
    const before = this.states.get(id)
    const next = { ...before, ...news }
    if (before?.started === next.started && before?.ready === next.ready && before?.unhealthy === next.unhealthy) return
    this.states.set(id, next)
    this.changed()
  }
}
