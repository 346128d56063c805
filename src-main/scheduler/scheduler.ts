/** Gives every pod that has none a node. */
import { isReason } from '../api/errors.ts'
import { namespace as namespaceKind } from '../api/kinds/core/namespace.ts'
import { node as nodeKind } from '../api/kinds/core/node.ts'
import { pod as podKind } from '../api/kinds/core/pod.ts'
import { service as serviceKind } from '../api/kinds/core/service.ts'
import { keyOf, type Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { Client } from '../client/client.ts'
import { createEventRecorder, type EventRecorder } from '../client/events.ts'
import { createInformers, type Informers } from '../client/informers.ts'
import type { Facts, Probe } from '../glass/probe.ts'
import type { Clock } from '../lib/clock.ts'
import { DisposableStack, type Disposable } from '../lib/disposable.ts'
import { describeError, type Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import { bindPod, writeUnscheduled, type SchedulingFailure } from './bind.ts'
import { SchedulerCache } from './cache.ts'
import { decide, enoughNodes, refusalMessage, type DecisionWithCauses } from './decision.ts'
import { DecisionLog } from './decision-log.ts'
import { defaultPlugins, type Plugins } from './plugins.ts'
import { SchedulingQueue, type QueuedPod } from './queue.ts'
import { podOwners, siblingsFrom } from './siblings.ts'
import { feedFromWatches } from './watches.ts'

export interface SchedulerOptions {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly probe: Probe
  /** Pods that name another scheduler are left to it; absent: `default-scheduler`. */
  readonly schedulerName?: string
  readonly plugins?: Plugins
}

export interface RunningScheduler extends Disposable {
  /** Why the pods are where they are. */
  readonly decisions: DecisionLog
}

/** Writes that may be under way at once; more would only wait in the API server. */
const bindingsAtOnce = 100

export function startScheduler(options: SchedulerOptions): RunningScheduler {
  const { client, clock, random, log } = options
  const informers = createInformers(client, { clock, random, log })
  const scheduler = new Scheduler(options, informers)
  const started = new DisposableStack()
  started.use(informers.start())
  started.use(scheduler.start())
  return { decisions: scheduler.decisions, dispose: () => started.dispose() }
}

class Scheduler {
  readonly decisions = new DecisionLog()
  private readonly cache: SchedulerCache
  private readonly queue: SchedulingQueue
  private readonly events: EventRecorder
  private readonly informers: Informers
  private readonly options: SchedulerOptions
  private readonly plugins: Plugins
  private readonly name: string
  private readonly binding = new Set<Promise<void>>()
  private searchFrom = 0

  constructor(options: SchedulerOptions, informers: Informers) {
    const { client, clock, random, log, schedulerName, plugins } = options
    this.options = options
    this.informers = informers
    this.name = schedulerName ?? 'default-scheduler'
    this.plugins = plugins ?? defaultPlugins
    const namespaces = informers.of(namespaceKind).lister
    this.cache = new SchedulerCache(clock, {
      siblingsOf: siblingsFrom(informers.of(serviceKind), podOwners(informers)),
      labelsOfNamespace: (name) => namespaces.byKey(name)?.metadata.labels,
      namespaces: () => namespaces.list().map(({ metadata }) => metadata.name),
    })
    this.queue = new SchedulingQueue(clock)
    this.events = createEventRecorder({ client, component: this.name, clock, random, log })
  }

  start(): Disposable {
    const abort = new AbortController()
    const started = new DisposableStack()
    const ended = this.run(abort.signal, started)
    return {
      dispose: async () => {
        abort.abort(new Error('the scheduler was stopped'))
        this.queue.dispose()
        await started.dispose()
        await ended
        await Promise.allSettled(this.binding)
      },
    }
  }

  /** The cache must be complete before the first decision: an unknown pod would leave its node looking empty. */
  private async run(signal: AbortSignal, started: DisposableStack): Promise<void> {
    const { cache, queue, name, informers } = this
    started.use(feedFromWatches({ pods: informers.of(podKind), nodes: informers.of(nodeKind), cache, queue, name }))
    try {
      await informers.synced(signal)
    } catch (error) {
      if (signal.aborted) return
      throw error
    }
    for (let next = await queue.take(); next !== undefined; next = await queue.take()) {
      await this.options.probe.gate('schedule', factsOf(next.pod), signal)
      if (signal.aborted) return
      this.schedule(next)
      if (this.binding.size >= bindingsAtOnce) await Promise.race(this.binding)
    }
  }

  /** One cycle: from the snapshot to the assumption without a pause, so that no two pods are given the same room. */
  private schedule(queued: QueuedPod): void {
    const { pod } = queued
    if (this.cache.isAssumed(pod.metadata.uid)) return
    const cycle = this.options.probe
      .span('schedule', factsOf(pod), async (addFacts) => {
        const decision = this.decide(pod)
        addFacts(summary(decision))
        if (decision.chosen === undefined) return await this.fail(queued, decision)
        this.cache.assume(pod, decision.chosen)
        return await this.bind(queued, decision.chosen)
      })
      .catch((error: unknown) => this.options.log.error(`scheduling ${keyOf(pod)} failed: ${describeError(error)}`))
      .finally(() => this.binding.delete(cycle))
    this.binding.add(cycle)
  }

  private decide(pod: Live<Pod>): DecisionWithCauses {
    const { probe, random, clock } = this.options
    const snapshot = this.cache.snapshot()
    const { plugins } = this
    const enough = enoughNodes(snapshot.nodes.length)
    const { decision, looked } = probe.span('decide', {}, () =>
      decide(pod, snapshot, { plugins, random, start: this.searchFrom, enough }),
    )
    this.searchFrom = snapshot.nodes.length === 0 ? 0 : (this.searchFrom + looked) % snapshot.nodes.length
    const { name, namespace = '', uid } = pod.metadata
    const { refusedBy: _, ...recorded } = decision
    this.decisions.record({ ...recorded, namespace, name, uid, timeMs: clock.now() })
    return decision
  }

  private async bind(queued: QueuedPod, nodeName: string): Promise<void> {
    const { client, probe } = this.options
    const { pod } = queued
    try {
      await probe.span('bind', { 'k8s.node.name': nodeName }, () => bindPod(client, pod, nodeName))
      this.report(pod, 'Normal', 'Scheduled', `Successfully assigned ${keyOf(pod)} to ${nodeName}`)
    } catch (error) {
      this.cache.forget(pod.metadata.uid)
      const current = this.informers.of(podKind).lister.byKey(keyOf(pod))
      if (current?.metadata.uid !== pod.metadata.uid || (current.spec?.nodeName ?? '') !== '') return
      this.queue.retryLater({ ...queued, pod: current })
      // Someone else wrote at the same moment, which is no news to anyone.
      if (isReason(error, 'NotFound', 'Conflict')) return
      await this.refuse(pod, { reason: 'SchedulerError', message: describeError(error) })
    }
  }

  private async fail(queued: QueuedPod, decision: DecisionWithCauses): Promise<void> {
    this.queue.park(queued, decision.refusedBy)
    await this.refuse(queued.pod, { reason: 'Unschedulable', message: refusalMessage(decision) })
  }

  private async refuse(pod: Live<Pod>, failure: SchedulingFailure): Promise<void> {
    const { client, clock, log } = this.options
    this.report(pod, 'Warning', 'FailedScheduling', failure.message)
    try {
      await writeUnscheduled(client, pod, failure, clock.now())
    } catch (error) {
      if (isReason(error, 'NotFound', 'Conflict')) return
      log.warn(`the condition of ${keyOf(pod)} could not be written: ${describeError(error)}`)
    }
  }

  private report(pod: Live<Pod>, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.events.event({ ...pod, apiVersion: podKind.apiVersion, kind: podKind.kind }, type, reason, message)
  }
}

function factsOf({ metadata }: Live<Pod>): Facts {
  return {
    'k8s.object.kind': podKind.kind,
    'k8s.namespace.name': metadata.namespace,
    'k8s.object.name': metadata.name,
    'k8s.object.uid': metadata.uid,
  }
}

const summary = ({ nodes, feasible, chosen, totals, tied }: DecisionWithCauses): Facts => ({
  'scheduler.nodes': nodes,
  'scheduler.feasible': feasible.length,
  'scheduler.best': totals.length === 0 ? undefined : Math.max(...totals),
  'scheduler.tied': tied.length,
  'k8s.node.name': chosen,
})
