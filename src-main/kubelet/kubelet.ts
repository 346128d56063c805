/** The kubelet of one node: registers it, runs its pods, and answers for it. Runs in the app, and drives the worker from there. */
import { node as nodeKind } from '../api/kinds/core/node.ts'
import { pod as podKind } from '../api/kinds/core/pod.ts'
import { service as serviceKind } from '../api/kinds/core/service.ts'
import type { Live } from '../api/meta/object.ts'
import type { Node, Pod } from '../api/types/core-v1.ts'
import type { NodeAgent } from '../apiserver/node-agent.ts'
import type { Client } from '../client/client.ts'
import { createEventRecorder } from '../client/events.ts'
import { Informer } from '../client/informer.ts'
import type { Probe } from '../glass/probe.ts'
import type { Clock } from '../lib/clock.ts'
import { DisposableStack, type Disposable } from '../lib/disposable.ts'
import { describeError, type Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import type { Machine } from '../machines/machine.ts'
import { createNodeAgent } from './agent.ts'
import { createConfigSource } from './config-source.ts'
import type { KubeletContext, TellPod } from './context.ts'
import { Images } from './images.ts'
import type { NodeEvent } from './node-events.ts'
import { NodeReporter } from './node-reporter.ts'
import type { NodeCapacity } from './node-status.ts'
import { note } from './pod-containers.ts'
import { createPodFiles, noFiles } from './pod-files.ts'
import type { PodNetwork } from './pod-network.ts'
import { PodWorkers } from './pod-workers.ts'
import { createChecker, simulatedChecker } from './probes/check.ts'
import { RuntimeView } from './runtime-view.ts'
import type { ContainerRuntime } from './runtime/runtime.ts'
import { StartTurns } from './start-turns.ts'
import { VolumeDigests } from './volume-digests.ts'
import type { ClusterDns } from './sandbox-config.ts'
import { UsageMeter } from './stats/usage-meter.ts'

export interface KubeletOptions {
  /** Acts as `system:node:<name>`. */
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly probe: Probe
  readonly nodeName: string
  readonly address: string
  readonly capacity: NodeCapacity
  readonly labels?: Readonly<Record<string, string>>
  /** Stays the caller's: disposing the kubelet leaves it, and every container, as it is. */
  readonly runtime: ContainerRuntime
  readonly podNetwork: PodNetwork
  /** Where pods keep files and have ports; absent on simulated nodes. */
  readonly machine?: Machine
  readonly clusterDns: ClusterDns
  /** `v1.36.0`. */
  readonly version: string
  /** What the node says of its machine; absent: what the runtime says. */
  readonly machineId?: string
  readonly bootId?: string
}

export interface Kubelet extends Disposable {
  readonly agent: NodeAgent
}

/** Disposing stops the kubelet and leaves every container running: the next kubelet adopts them. */
export function startKubelet(options: KubeletOptions): Kubelet {
  const { client, clock, random, nodeName, runtime, podNetwork, machine } = options
  const log = options.log.named(`kubelet/${nodeName}`)
  const parts = new DisposableStack()
  const view = parts.use(new RuntimeView(runtime, log))
  const informerOptions = { client, clock, random, log }
  const pods = new Informer(podKind, { fieldSelector: `spec.nodeName=${nodeName}` }, informerOptions)
  const own = new Informer(nodeKind, { fieldSelector: `metadata.name=${nodeName}` }, informerOptions)
  const services = new Informer(serviceKind, {}, informerOptions)
  const context: KubeletContext = {
    ...options,
    ...options.capacity,
    log,
    view,
    network: podNetwork,
    images: new Images(runtime, clock),
    files: machine === undefined ? noFiles : createPodFiles(machine, clock),
    checker: machine === undefined ? simulatedChecker : createChecker(runtime, machine),
    digests: new VolumeDigests(),
    config: createConfigSource(client, services.lister),
    dns: options.clusterDns,
    turns: new StartTurns(),
    tell: createTell(options, log),
    neighbours: () => pods.lister.list(),
    node: () => own.lister.list()[0],
  }
  const workers = parts.use(new PodWorkers(context))
  parts.use(startReporter(options, view, log))
  parts.use(view.onChange((podUid) => workers.wake(podUid)))
  parts.use(view.onConnection((connected) => void (connected && adoptAll(context, workers))))
  parts.use(podNetwork.onChange(() => workers.wakeAll()))
  parts.use(services.start())
  parts.use(own.start())
  const started = startWatchingPods(pods, [services, own], view, workers, log)
  parts.use(started)
  return {
    agent: createNodeAgent({ runtime, view, clock, machine, meter: parts.use(new UsageMeter(runtime, view, clock)) }),
    dispose: () => parts.dispose(),
  }
}

/** Pods are taken on when services are known, for their containers' variables name them, and the node, which may not take them. */
function startWatchingPods(
  pods: Informer<Pod>,
  needed: readonly { synced(signal: AbortSignal): Promise<void> }[],
  view: RuntimeView,
  workers: PodWorkers,
  log: Log,
): Disposable {
  const abort = new AbortController()
  const parts = new DisposableStack()
  const run = async (): Promise<void> => {
    parts.use(pods.start())
    await Promise.all([...needed, pods].map((informer) => informer.synced(abort.signal)))
    parts.use(
      pods.on({
        added: (pod) => workers.put(pod),
        updated: (_previous, pod) => workers.put(pod),
        deleted: (pod: Live<Pod>) => workers.vanish(pod.metadata.uid),
      }),
    )
    workers.knowsAllPods = true
    if (view.connected) await clearRemains(workers, log)
  }
  run().catch((error: unknown) => {
    if (!abort.signal.aborted) log.error(`pods are not watched: ${describeError(error)}`)
  })
  return {
    async dispose() {
      abort.abort(new Error('the kubelet was stopped'))
      await parts.dispose()
    },
  }
}

function startReporter(options: KubeletOptions, view: RuntimeView, log: Log): Disposable {
  const { client, clock, runtime, podNetwork, machine } = options
  const parts = new DisposableStack()
  let reachable = true
  const identity = { ...options, labels: options.labels ?? {} }
  const problem = (): string | undefined =>
    view.connected ? podNetwork.problem() : 'container runtime is down: it does not answer on the worker'
  const events = createEventRecorder({ ...options, log, component: 'kubelet', host: options.nodeName })
  const tell = (node: Live<Node>, { type, reason, message }: NodeEvent): void =>
    events.event({ ...node, apiVersion: 'v1', kind: 'Node' }, type, reason, message)
  const reporter = parts.use(
    new NodeReporter({ client, clock, log, identity, runtime, reachable: () => reachable, problem, tell }),
  )
  parts.use(podNetwork.onChange(() => reporter.wake()))
  parts.use(view.onConnection(() => reporter.wake()))
  if (machine !== undefined) {
    parts.use(
      machine.onConnection((connected) => {
        reachable = connected
        if (connected) reporter.wake()
      }),
    )
  }
  return parts
}

/** The runtime is back: the network learns what runs, and every pod thinks anew. */
async function adoptAll({ view, network, log }: KubeletContext, workers: PodWorkers): Promise<void> {
  const running = view
    .sandboxes()
    .filter(({ state, notes }) => state === 'running' && notes[note.address] !== undefined)
  const wired = running.map(({ identity, notes, pid }) => ({
    podUid: identity.podUid,
    address: notes[note.address] ?? '',
    pid,
  }))
  await network
    .adopt(wired)
    .catch((error: unknown) => log.warn(`the network of running pods could not be checked: ${describeError(error)}`))
  workers.wakeAll()
  await clearRemains(workers, log)
}

async function clearRemains(workers: PodWorkers, log: Log): Promise<void> {
  workers.takeOrphans()
  await workers
    .sweepFolders()
    .catch((error: unknown) => log.warn(`folders of old pods could not be removed: ${describeError(error)}`))
}

const listOf = { init: 'initContainers', app: 'containers', ephemeral: 'ephemeralContainers' } as const

function createTell(options: KubeletOptions, log: Log): TellPod {
  const recorder = createEventRecorder({ ...options, log, component: 'kubelet', host: options.nodeName })
  return (pod, type, reason, message, container) => {
    const about = { ...pod, apiVersion: 'v1', kind: 'Pod' }
    recorder.event(
      about,
      type,
      reason,
      message,
      container === undefined ? {} : { fieldPath: `spec.${listOf[container.role]}{${container.name}}` },
    )
  }
}
