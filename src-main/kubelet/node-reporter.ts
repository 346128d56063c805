import { isReason } from '../api/errors.ts'
import { node as nodeKind } from '../api/kinds/core/node.ts'
import { isConditionTrue } from '../api/meta/conditions.ts'
import type { Live } from '../api/meta/object.ts'
import { stableText } from '../api/meta/pod.ts'
import type { Node } from '../api/types/core-v1.ts'
import type { Client } from '../client/client.ts'
import type { Clock } from '../lib/clock.ts'
import type { Disposable } from '../lib/disposable.ts'
import { describeError, type Log } from '../lib/log.ts'
import { nodeEvents, startEvents, type NodeEvent } from './node-events.ts'
import { renewLease } from './node-lease.ts'
import { nodeLabels, nodeStatus, withoutHeartbeat, type NodeIdentity } from './node-status.ts'
import type { ContainerRuntime, RuntimeInfo } from './runtime/runtime.ts'

export interface NodeReporterOptions {
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
  readonly identity: NodeIdentity
  readonly runtime: ContainerRuntime
  /** False while the worker cannot be reached: then we are silent, and whoever waits for our lease acts. */
  readonly reachable: () => boolean
  readonly problem: () => string | undefined
  readonly tell: (node: Live<Node>, event: NodeEvent) => void
}

const beatMs = 10_000
/** A problem of a node that was Ready is told when it has lasted this long: a lost connection is often soon back. */
const patienceMs = 10_000
/** A status without news is written this often. */
const reportMs = 300_000

/** Registers the node, renews its lease, and reports its status: when something changed at once, else now and then. */
export class NodeReporter implements Disposable {
  private readonly options: NodeReporterOptions
  private readonly abort = new AbortController()
  private readonly running: Promise<void>
  private wakeUp: (() => void) | undefined
  private reportedAt = -Infinity
  private problemSince: number | undefined
  private info: RuntimeInfo | undefined
  private isKnown = false
  /** Whether the node was closed to new pods when that was last told. */
  private unschedulable = false

  constructor(options: NodeReporterOptions) {
    this.options = options
    this.running = this.run()
  }

  /** Something that the status shows may have changed. */
  wake(): void {
    this.wakeUp?.()
  }

  async dispose(): Promise<void> {
    this.abort.abort()
    this.wake()
    await this.running
  }

  private async run(): Promise<void> {
    while (!this.abort.signal.aborted) {
      const woken = new Promise<void>((resolve) => (this.wakeUp = resolve))
      const { log, reachable } = this.options
      if (reachable()) {
        await this.beat().catch((error: unknown) =>
          log.warn(`the node's status could not be reported: ${describeError(error)}`),
        )
      }
      const pause = new AbortController()
      await Promise.race([woken, this.options.clock.sleep(beatMs, pause.signal).catch(() => undefined)])
      pause.abort()
    }
  }

  private async beat(): Promise<void> {
    const { client, clock, identity, runtime } = this.options
    this.info ??= await runtime.info().catch(() => undefined)
    const node = await this.report()
    await renewLease(client, clock, identity.nodeName, node.metadata.uid)
  }

  private async report(): Promise<Live<Node>> {
    const { client, clock, identity, runtime } = this.options
    const node = await this.register()
    if (!this.isKnown) for (const event of startEvents) this.options.tell(node, event)
    this.isKnown = true
    const problem = this.options.problem()
    const wasReady = isConditionTrue(node.status?.conditions, 'Ready')
    if (this.maySoonBeOver(problem) && wasReady) return this.withNews(node, node)
    const images = await runtime.images().catch(() => [])
    const status = nodeStatus(node, identity, { now: clock.now(), info: this.info, images, problem })
    const same = stableText(withoutHeartbeat(status)) === stableText(withoutHeartbeat(node.status ?? {}))
    if (same && clock.monotonic() - this.reportedAt < reportMs) return this.withNews(node, node)
    try {
      const written = await client.update(nodeKind, { ...node, status }, { subresource: 'status' })
      this.reportedAt = clock.monotonic()
      return this.withNews(node, written)
    } catch (error) {
      // Someone else wrote first, as when the node is given its pod network: at once again, on the new state.
      if (isReason(error, 'Conflict')) return this.report()
      throw error
    }
  }

  private withNews(read: Live<Node>, now: Live<Node>): Live<Node> {
    const before = { ...read, spec: { unschedulable: this.unschedulable } }
    for (const event of nodeEvents(before, now)) this.options.tell(now, event)
    this.unschedulable = now.spec?.unschedulable === true
    return now
  }

  private maySoonBeOver(problem: string | undefined): boolean {
    if (problem === undefined) {
      this.problemSince = undefined
      return false
    }
    const now = this.options.clock.monotonic()
    this.problemSince ??= now
    return now - this.problemSince < patienceMs
  }

  /** The Node as it is, made or given our labels where needed. */
  private async register(): Promise<Live<Node>> {
    const { client, identity } = this.options
    const { nodeName: name } = identity
    const labels = nodeLabels(identity, this.info)
    try {
      const found = await client.get(nodeKind, { name })
      const current = found.metadata.labels ?? {}
      if (Object.entries(labels).every(([label, value]) => current[label] === value)) return found
      return await client.patch(nodeKind, { name }, { type: 'merge', patch: { metadata: { labels } } })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
      return client.create(nodeKind, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: {} })
    }
  }
}
