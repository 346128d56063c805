/** Gives every pod that has none a node. */
import { namespace as namespaceKind } from '../api/kinds/core/namespace.ts'
import { node as nodeKind } from '../api/kinds/core/node.ts'
import { pod as podKind } from '../api/kinds/core/pod.ts'
import { service as serviceKind } from '../api/kinds/core/service.ts'
import { podDisruptionBudget } from '../api/kinds/policy/pod-disruption-budget.ts'
import { keyOf } from '../api/meta/object.ts'
import type { Client } from '../client/client.ts'
import { createInformers, type Informers } from '../client/informers.ts'
import type { Probe } from '../glass/probe.ts'
import type { Clock } from '../lib/clock.ts'
import { DisposableStack, type Disposable } from '../lib/disposable.ts'
import { describeError, type Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import { SchedulerCache } from './cache.ts'
import { defaultSchedulerName, type SchedulerConfiguration } from './configuration/configuration.ts'
import { factsOf, SchedulingCycle } from './cycle.ts'
import { DecisionLog } from './decision-log.ts'
import { DeviceCache } from './devices/device-cache.ts'
import { WaitingPods } from './permit.ts'
import { SchedulingQueue, type QueuedPod } from './queue.ts'
import { Reports } from './reports.ts'
import { Settings } from './settings.ts'
import { podOwners, siblingsFrom } from './siblings.ts'
import type { PluginLimits } from './user-plugins/plugin-thread.ts'
import { StorageCache } from './volumes/storage-cache.ts'
import { feedFromWatches, requeuePods, type Feed } from './watches.ts'

export interface SchedulerOptions {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly probe: Probe
  /** Holds for as long as the ConfigMap kube-system/kube-scheduler says nothing else. */
  readonly configuration?: SchedulerConfiguration
  /** A folder with plugins of the user, beside those in ConfigMaps. */
  readonly pluginFolder?: string
  readonly pluginLimits?: PluginLimits
  /** Of the machine on which the scheduler runs: its events name it. */
  readonly hostname?: string
  /** Where decisions are recorded; absent: in a log of its own. */
  readonly decisions?: DecisionLog
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
  readonly decisions: DecisionLog
  private readonly options: SchedulerOptions
  private readonly informers: Informers
  private readonly settings: Settings
  private readonly storage: StorageCache
  private readonly devices: DeviceCache
  private readonly queue: SchedulingQueue
  private readonly reports: Reports
  private readonly waiting: WaitingPods
  private readonly cycle: SchedulingCycle
  private readonly feed: Feed
  private readonly abort = new AbortController()
  private readonly underWay = new Set<Promise<void>>()
  private roomFor: (() => void) | undefined

  constructor(options: SchedulerOptions, informers: Informers) {
    const { client, clock, random, log, probe } = options
    this.options = options
    this.decisions = options.decisions ?? new DecisionLog()
    this.informers = informers
    const { hostname = 'localhost' } = options
    const reports = (this.reports = new Reports({ client, clock, random, log, hostname }))
    const queue = (this.queue = new SchedulingQueue(clock))
    const storage = (this.storage = new StorageCache(informers))
    const devices = (this.devices = new DeviceCache(informers))
    const settings = (this.settings = new Settings({
      ...options,
      ...{ informers, events: reports.as(defaultSchedulerName) },
      onChange: () => this.reconfigure(),
    }))
    const namespaces = informers.of(namespaceKind)
    const pods = informers.of(podKind)
    const cache = new SchedulerCache(clock, {
      siblingsOf: siblingsFrom(informers.of(serviceKind), podOwners(informers)),
      labelsOfNamespace: (name) => namespaces.lister.byKey(name)?.metadata.labels,
      namespaces: () => namespaces.lister.list().map(({ metadata }) => metadata.name),
      ...{ storage, devices },
    })
    this.waiting = new WaitingPods(clock)
    this.feed = {
      ...{ pods, namespaces, cache, queue, nodes: informers.of(nodeKind) },
      owns: (pod) => settings.profileOf(pod) !== undefined,
    }
    const budgets = informers.of(podDisruptionBudget).lister
    this.cycle = new SchedulingCycle({
      ...{ client, clock, random, log, probe, cache, storage, devices, queue, settings, reports },
      ...{ waiting: this.waiting, decisions: this.decisions, signal: this.abort.signal },
      budgets: () => budgets.list(),
      currentPod: (key) => pods.lister.byKey(key),
    })
  }

  start(): Disposable {
    const started = new DisposableStack()
    const ended = this.run(this.abort.signal, started)
    return {
      dispose: async () => {
        const reason = new Error('the scheduler was stopped')
        this.abort.abort(reason)
        this.queue.dispose()
        this.waiting.rejectAll(reason.message)
        await started.dispose()
        await ended
        await Promise.allSettled(this.underWay)
        await this.reports.dispose()
      },
    }
  }

  /** The cache must be complete before the first decision: an unknown pod would leave its node looking empty. */
  private async run(signal: AbortSignal, started: DisposableStack): Promise<void> {
    const { queue, informers } = this
    started.use(this.settings.follow())
    started.use(this.storage.follow((kind) => queue.happened({ type: 'storageChanged', kind })))
    started.use(this.devices.follow((event) => queue.happened(event)))
    started.use(feedFromWatches(this.feed))
    try {
      await informers.synced(signal)
    } catch (error) {
      if (signal.aborted) return
      throw error
    }
    for (let next = await queue.take(); next !== undefined; next = await queue.take()) {
      await this.options.probe.gate('schedule', factsOf(next.pod), signal)
      if (signal.aborted) return
      await this.schedule(next)
      if (this.underWay.size >= bindingsAtOnce) await new Promise<void>((resolve) => (this.roomFor = resolve))
    }
  }

  /** Resolves when the pod has its node in the cache or is parked: the next may be tried. Its binding goes on. */
  private schedule(queued: QueuedPod): Promise<void> | undefined {
    const { log } = this.options
    const { decided, ended } = this.cycle.begin(queued)
    const cycle = ended
      .catch((error: unknown) => log.error(`scheduling ${keyOf(queued.pod)} failed: ${describeError(error)}`))
      .finally(() => {
        this.underWay.delete(cycle)
        this.roomFor?.()
        this.roomFor = undefined
      })
    this.underWay.add(cycle)
    return decided
  }

  /** Pods that were refused under the old rules are tried again; pods of new profiles are ours now. */
  private reconfigure(): void {
    const { podInitialBackoffSeconds, podMaxBackoffSeconds } = this.settings.current
    this.queue.setLimits({
      firstPauseMs: podInitialBackoffSeconds * 1000,
      longestPauseMs: podMaxBackoffSeconds * 1000,
    })
    if (!this.feed.pods.hasSynced) return
    requeuePods(this.feed)
    this.queue.happened({ type: 'rulesChanged' })
  }
}
