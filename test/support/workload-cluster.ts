/** API server, scheduler and controllers on a virtual clock, with kubelets that only say what kubelets say. */
import { isReason } from '../../src-main/api/errors.ts'
import { lease } from '../../src-main/api/kinds/coordination/lease.ts'
import { node as nodeKind } from '../../src-main/api/kinds/core/node.ts'
import { pod as podKind } from '../../src-main/api/kinds/core/pod.ts'
import type { Live } from '../../src-main/api/meta/object.ts'
import { isPodReady, isTerminated, isTerminating } from '../../src-main/api/meta/pod.ts'
import type { Node, Pod } from '../../src-main/api/types/core-v1.ts'
import type { Handler } from '../../src-main/apiserver/request.ts'
import type { Client } from '../../src-main/client/client.ts'
import { Informer } from '../../src-main/client/informer.ts'
import { createClient } from '../../src-main/client/resource-client.ts'
import type { UserInfo } from '../../src-main/apiserver/request.ts'
import { controllerIdentity, schedulerIdentity } from '../../src-main/cluster/identities.ts'
import { startControllers } from '../../src-main/controllers/index.ts'
import { silentProbe } from '../../src-main/glass/probe.ts'
import { microTimestamp, timestamp } from '../../src-main/lib/clock.ts'
import { DisposableStack } from '../../src-main/lib/disposable.ts'
import { createLog, type LogEntry } from '../../src-main/lib/log.ts'
import { seededRandom } from '../../src-main/lib/random.ts'
import type { VirtualClock } from '../../src-main/lib/virtual-clock.ts'
import { startScheduler, type RunningScheduler } from '../../src-main/scheduler/scheduler.ts'
import { startTestServer } from './api-server.ts'
import { faultyClient, type Faults } from './faulty-client.ts'

/** How long a container takes to become ready, and to stop. */
const startMs = 500
const stopMs = 200

export interface WorkloadCluster {
  readonly clock: VirtualClock
  readonly client: Client
  /** For frontends: the chain of the API server. */
  readonly handler: Handler
  readonly scheduler: RunningScheduler
  /** Warnings and errors of all components. */
  readonly complaints: readonly LogEntry[]
  addNode(name: string, spec?: Node['spec']): Promise<void>
  /** The node's kubelet falls silent: no lease, no status. */
  silence(nodeName: string): void
  until(condition: () => boolean | Promise<boolean>, limitMs?: number): Promise<void>
  pods(labelSelector?: string, namespace?: string): Promise<Live<Pod>[]>
  ready(labelSelector?: string): Promise<number>
  stop(): Promise<void>
}

export interface WorkloadClusterOptions {
  readonly seed?: number
  /** What the scheduler and the controllers have to live with. */
  readonly faults?: Faults
  /** Pods that run and are made unready stay so; otherwise the kubelets make them ready again. */
  readonly keepUnready?: boolean
}

export async function startWorkloadCluster(
  nodeNames: readonly string[] = ['one', 'two'],
  { seed = 1, faults, keepUnready = false }: WorkloadClusterOptions = {},
): Promise<WorkloadCluster> {
  const { server, client, clock } = await startTestServer()
  const complaints: LogEntry[] = []
  const log = createLog(
    'test',
    () => clock.now(),
    (entry) => void (entry.level === 'warn' || entry.level === 'error' ? complaints.push(entry) : undefined),
  )
  const started = new DisposableStack()
  started.use(server)
  const random = seededRandom(seed)
  const clientOf = (identity: UserInfo): Client => {
    const reliable = createClient(server.transport(identity))
    return faults === undefined ? reliable : faultyClient(reliable, faults, clock, random)
  }
  const kubelets = new Kubelets(client, clock, keepUnready)
  const parts = { clock, random, log, probe: silentProbe }
  const pods = new Informer(podKind, {}, { client, ...parts })
  started.use(pods.start())
  started.use(pods.on({ added: (pod) => kubelets.see(pod), updated: (_, pod) => kubelets.see(pod) }))
  for (const name of nodeNames) await kubelets.add(name)
  started.use(
    startControllers({
      ...parts,
      clientFor: (name) => clientOf(controllerIdentity(name)),
      rootCertificates: 'PEM',
      loadBalancers: '10.30.255.0/24',
      servedKinds: () => server.kinds.all(),
    }),
  )
  const scheduler = startScheduler({ ...parts, client: clientOf(schedulerIdentity) })
  started.use(scheduler)
  const list: WorkloadCluster['pods'] = async (labelSelector, namespace = 'default') =>
    (await client.list(podKind, { namespace, ...(labelSelector === undefined ? {} : { labelSelector }) })).items
  started.defer(() => kubelets.stop())
  return {
    ...{ clock, client, handler: server.handler, scheduler, complaints, pods: list },
    addNode: (name, spec) => kubelets.add(name, spec),
    silence: (name) => kubelets.silence(name),
    until: (condition, limitMs = 300_000) => clock.advanceUntil(condition, limitMs),
    ready: async (labelSelector) =>
      (await list(labelSelector)).filter((pod) => isPodReady(pod) && !isTerminating(pod)).length,
    stop: () => started.dispose(),
  }
}

class Kubelets {
  private readonly silent = new Set<string>()
  private readonly busy = new Set<string>()
  private readonly client: Client
  private readonly clock: VirtualClock
  private address = 1
  private stopped = false
  private readonly keepUnready: boolean

  constructor(client: Client, clock: VirtualClock, keepUnready: boolean) {
    this.client = client
    this.clock = clock
    this.keepUnready = keepUnready
  }

  async add(name: string, spec: Node['spec'] = {}): Promise<void> {
    const now = timestamp(this.clock.now())
    const condition = (type: string, status: string) => ({
      type,
      status,
      lastHeartbeatTime: now,
      lastTransitionTime: now,
    })
    await this.client.create(nodeKind, { metadata: { name, labels: { 'kubernetes.io/hostname': name } }, spec })
    const status = {
      allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
      conditions: [condition('Ready', 'True'), condition('MemoryPressure', 'False')],
    }
    await this.client.update(nodeKind, { metadata: { name }, status }, { subresource: 'status' })
    await this.client.create(lease, this.leaseOf(name))
    this.renewLater(name)
  }

  silence(name: string): void {
    this.silent.add(name)
  }

  stop(): void {
    this.stopped = true
  }

  see(pod: Live<Pod>): void {
    const { uid } = pod.metadata
    const nodeName = pod.spec?.nodeName ?? ''
    if (nodeName === '' || this.busy.has(uid) || this.silent.has(nodeName)) return
    if (isTerminating(pod)) this.later(pod, stopMs, () => this.remove(pod))
    else if (pod.status?.phase === 'Running' && (this.keepUnready || tagOf(pod) === 'broken')) return
    else if (!isPodReady(pod) && !isTerminated(pod)) this.later(pod, startMs, () => this.run(pod))
  }

  private later(pod: Live<Pod>, delayMs: number, act: () => Promise<void>): void {
    const { uid, namespace = '', name } = pod.metadata
    this.busy.add(uid)
    this.clock.after(delayMs, () => {
      void act().finally(async () => {
        this.busy.delete(uid)
        const current = await this.client.get(podKind, { namespace, name }).catch(() => undefined)
        if (current?.metadata.uid === uid) this.see(current)
      })
    })
  }

  /** What runs is ended first, and said to have failed. */
  private async remove({ metadata: { name, namespace = '', uid }, status }: Live<Pod>): Promise<void> {
    if (status?.phase === 'Running') {
      const conditions = [{ type: 'Ready', status: 'False', lastTransitionTime: timestamp(this.clock.now()) }]
      const patch = { metadata: { uid }, status: { phase: 'Failed', conditions } }
      const options = { subresource: 'status' }
      await ignoreGone(this.client.patch(podKind, { name, namespace }, { type: 'strategic', patch }, options))
    }
    await ignoreGone(
      this.client.delete(podKind, { name, namespace }, { gracePeriodSeconds: 0, preconditions: { uid } }),
    )
  }

  /** The image's tag says how it goes: `broken` never becomes ready; those of `exitCodeOf` end at once. */
  private async run(pod: Live<Pod>): Promise<void> {
    const { name, namespace = '', uid } = pod.metadata
    const tag = tagOf(pod)
    const exitCode = exitCodeOf(tag, pod)
    if (exitCode !== undefined) return this.end(pod, exitCode)
    const podIP = `10.244.0.${this.address++}`
    const ready = tag === 'broken' ? 'False' : 'True'
    const condition = { type: 'Ready', status: ready, lastTransitionTime: timestamp(this.clock.now()) }
    const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions: [condition] }
    const patch = { metadata: { uid }, status }
    const options = { subresource: 'status' }
    await ignoreGone(this.client.patch(podKind, { name, namespace }, { type: 'strategic', patch }, options))
  }

  private async end(pod: Live<Pod>, exitCode: number): Promise<void> {
    const { name, namespace = '', uid } = pod.metadata
    const terminated = { exitCode, finishedAt: timestamp(this.clock.now()) }
    const container = { name: 'web', image: '', imageID: '', ready: false, restartCount: 0, state: { terminated } }
    const status = { phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses: [container] }
    const patch = { metadata: { uid }, status }
    const options = { subresource: 'status' }
    await ignoreGone(this.client.patch(podKind, { name, namespace }, { type: 'strategic', patch }, options))
  }

  private leaseOf(name: string) {
    const spec = { holderIdentity: name, renewTime: microTimestamp(this.clock.now()), leaseDurationSeconds: 40 }
    return { metadata: { name, namespace: 'kube-node-lease' }, spec }
  }

  private renewLater(name: string): void {
    this.clock.after(10_000, () => {
      if (this.stopped || this.silent.has(name)) return
      const { metadata, spec } = this.leaseOf(name)
      const renewed = this.client.patch(lease, metadata, { type: 'merge', patch: { spec } })
      void renewed.then(() => this.renewLater(name))
    })
  }
}

function tagOf({ spec }: Pod): string {
  const [, tag = ''] = /:(\w+)$/.exec(spec?.containers[0]?.image ?? '') ?? []
  return tag
}

/** `succeeds`, `fails`, `exits42`; `oddfails` and `zerosucceeds` go by the completion index, and others run on. */
function exitCodeOf(tag: string, { metadata }: Live<Pod>): number | undefined {
  const index = Number(metadata.annotations?.['batch.kubernetes.io/job-completion-index'] ?? '0')
  if (tag === 'succeeds') return 0
  if (tag === 'fails') return 1
  if (tag === 'oddfails') return index % 2
  if (tag === 'zerosucceeds') return index === 0 ? 0 : undefined
  const [, code] = /^exits(\d+)$/.exec(tag) ?? []
  return code === undefined ? undefined : Number(code)
}

async function ignoreGone(request: Promise<unknown>): Promise<void> {
  try {
    await request
  } catch (error) {
    if (!isReason(error, 'NotFound', 'Conflict')) throw error
  }
}
