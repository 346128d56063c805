/** A few controllers on a shared API server, each run in a namespace of its own, with news and writes that fail by a seed. */
import { isReason } from '../../src-main/api/errors.ts'
import { lease } from '../../src-main/api/kinds/coordination/lease.ts'
import { node as nodeKind } from '../../src-main/api/kinds/core/node.ts'
import { pod as podKind } from '../../src-main/api/kinds/core/pod.ts'
import type { Kind } from '../../src-main/api/define-kind.ts'
import type { Live } from '../../src-main/api/meta/object.ts'
import { isPodActive, isPodReady, isTerminated, isTerminating } from '../../src-main/api/meta/pod.ts'
import type { Pod } from '../../src-main/api/types/core-v1.ts'
import type { Client } from '../../src-main/client/client.ts'
import { createInformers } from '../../src-main/client/informers.ts'
import type { StartController } from '../../src-main/controllers/context.ts'
import { nodeOfDaemonPod } from '../../src-main/controllers/daemonset/daemon-pod.ts'
import { silentProbe } from '../../src-main/glass/probe.ts'
import { timestamp } from '../../src-main/lib/clock.ts'
import { DisposableStack, type Disposable } from '../../src-main/lib/disposable.ts'
import { silentLog } from '../../src-main/lib/log.ts'
import { seededRandom, type Random } from '../../src-main/lib/random.ts'
import type { VirtualClock } from '../../src-main/lib/virtual-clock.ts'
import { startTestServer, type TestServer } from './api-server.ts'
import { faultyClient, type Faults } from './faulty-client.ts'

export const rigNodes = ['one', 'two']

export interface Rig {
  readonly client: Client
  readonly clock: VirtualClock
  readonly random: Random
  readonly namespace: string
  /** Lets some time pass: news arrive, kubelets work, and now and then the controllers are started anew. */
  step(atLeastMs?: number): Promise<void>
  /** The bad day ends; time passes until the condition holds, and holds on. */
  settleTo(condition: () => Promise<boolean>): Promise<void>
  pods(): Promise<Live<Pod>[]>
  active(): Promise<Live<Pod>[]>
  ready(): Promise<number>
}

export interface RigServer extends Disposable {
  readonly client: Client
  /** Runs one scenario to its end and removes what it left, of these kinds. */
  run(
    seed: number,
    controllers: readonly StartController[],
    kinds: readonly Kind[],
    scenario: (rig: Rig) => Promise<void>,
  ): Promise<void>
}

export async function startRigServer(): Promise<RigServer> {
  const shared = await startTestServer()
  for (const name of rigNodes) {
    await shared.client.create(nodeKind, { metadata: { name } })
    // A new node is tainted until it is ready, which these are.
    await shared.client.patch(nodeKind, { name }, { type: 'merge', patch: { spec: { taints: null } } })
    await shared.client.create(lease, { metadata: { name, namespace: 'kube-node-lease' } })
  }
  return {
    client: shared.client,
    async run(seed, controllers, kinds, scenario) {
      const namespace = 'default'
      const rig = new SeededRig(shared, namespace, seed, controllers)
      try {
        await scenario(rig)
      } catch (error) {
        throw new Error(`seed ${seed}: ${await stateOf(shared.client, [podKind as unknown as Kind, ...kinds])}`, {
          cause: error,
        })
      } finally {
        await rig.stop()
        await clear(shared.client, namespace, [podKind as unknown as Kind, ...kinds])
      }
    },
    dispose: () => shared.server.dispose(),
  }
}

/** What stood there when a scenario failed. */
async function stateOf(client: Client, kinds: readonly Kind[]): Promise<string> {
  const lists = await Promise.all(kinds.map((kind) => client.list(kind)))
  return lists
    .flatMap(({ items }) => items)
    .map(({ apiVersion: _version, kind, metadata, ...rest }) => {
      const { managedFields: _fields, creationTimestamp: _created, ...own } = metadata
      return `\n${kind} ${JSON.stringify({ ...own, ...rest })}`
    })
    .join('')
}

async function clear(client: Client, namespace: string, kinds: readonly Kind[]): Promise<void> {
  for (const kind of [...kinds].reverse()) {
    const where = kind.namespaced ? { namespace } : {}
    for (const { metadata } of (await client.list(kind, where)).items) {
      const place = { name: metadata.name, ...where }
      const patch = { metadata: { finalizers: null } }
      if (metadata.finalizers !== undefined) await client.patch(kind, place, { type: 'merge', patch })
      await client
        .delete(kind, place, { gracePeriodSeconds: 0, propagationPolicy: 'Background' })
        .catch(() => undefined)
    }
  }
}

/** What is well has to be so for this many looks in a row. */
const steady = 10

class SeededRig implements Rig {
  private addresses = 0
  readonly client: Client
  readonly clock: VirtualClock
  readonly random: Random
  readonly namespace: string
  private readonly faults: Faults = { rate: 0.15, latestMs: 400, duplicates: 0.1, over: false }
  private readonly faulty: Client
  private readonly controllers: readonly StartController[]
  private running: Disposable

  constructor({ client, clock }: TestServer, namespace: string, seed: number, controllers: readonly StartController[]) {
    this.client = client
    this.clock = clock
    this.namespace = namespace
    this.random = seededRandom(seed)
    this.faulty = faultyClient(client, this.faults, clock, this.random)
    this.controllers = controllers
    this.running = this.start()
  }

  stop(): Promise<void> | void {
    return this.running.dispose()
  }

  async step(atLeastMs = 50): Promise<void> {
    if (this.random.next() < 0.15) {
      await this.running.dispose()
      this.running = this.start()
    }
    await this.clock.advance(atLeastMs + this.random.integer(300))
    await this.work()
  }

  async settleTo(condition: () => Promise<boolean>): Promise<void> {
    this.faults.over = true
    let held = 0
    for (let tries = 0; held < steady; tries++) {
      await this.clock.advance(500)
      await this.work()
      held = (await condition()) ? held + 1 : 0
      if (tries > 400) throw new Error('the controllers did not converge')
    }
  }

  async pods(): Promise<Live<Pod>[]> {
    return (await this.client.list(podKind, { namespace: this.namespace })).items
  }

  async active(): Promise<Live<Pod>[]> {
    return (await this.pods()).filter((pod) => isPodActive(pod) && !isTerminating(pod))
  }

  async ready(): Promise<number> {
    return (await this.active()).filter(isPodReady).length
  }

  private start(): Disposable {
    const { clock, random } = this
    const parts = { clock, random, log: silentLog, probe: silentProbe }
    const informers = createInformers(this.faulty, parts)
    const started = new DisposableStack()
    for (const start of this.controllers)
      started.use(
        start({
          ...parts,
          client: this.faulty,
          informers,
          events: { event: () => undefined, flush: () => Promise.resolve() },
        }),
      )
    started.use(informers.start())
    return started
  }

  /** What scheduler and kubelets do: each pod gets a node, becomes ready or ends, and goes when it is told to. */
  private async work(): Promise<void> {
    for (const pod of (await this.client.list(podKind)).items) {
      const { name, namespace = '' } = pod.metadata
      const place = { name, namespace }
      if (isTerminating(pod)) {
        if (!isTerminated(pod)) await this.report(pod, 'Failed')
        await ignoreGone(this.client.delete(podKind, place, { gracePeriodSeconds: 0 }))
      } else if ((pod.spec?.nodeName ?? '') === '') {
        const name = nodeOfDaemonPod(pod) ?? rigNodes[this.random.integer(rigNodes.length)]
        const target = { kind: 'Node', name }
        await ignoreGone(this.client.post(podKind, place, 'binding', { metadata: place, target }))
      } else if (pod.status?.phase === 'Pending') await this.report(pod, 'Running')
      else if (pod.spec?.restartPolicy === 'Never' && !isTerminated(pod))
        await this.report(pod, this.random.next() < 0.2 ? 'Failed' : 'Succeeded')
    }
  }

  private async report(pod: Live<Pod>, phase: string): Promise<void> {
    const { name, namespace = '' } = pod.metadata
    const ready = phase === 'Running' ? 'True' : 'False'
    const conditions = [{ type: 'Ready', status: ready, lastTransitionTime: timestamp(this.clock.now()) }]
    const podIP = `10.244.${this.addresses >> 8}.${this.addresses++ & 255}`
    const patch = { status: { phase, conditions, ...(phase === 'Running' ? { podIP, podIPs: [{ ip: podIP }] } : {}) } }
    const options = { subresource: 'status' }
    await ignoreGone(this.client.patch(podKind, { name, namespace }, { type: 'strategic', patch }, options))
  }
}

/** Controllers go on while kubelets work. */
async function ignoreGone(request: Promise<unknown>): Promise<void> {
  try {
    await request
  } catch (error) {
    if (!isReason(error, 'NotFound', 'Conflict')) throw error
  }
}
