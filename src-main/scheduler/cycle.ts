/** One pod's way: decide, then place it, or make room by preemption, or let it wait. */
import { isReason } from '../api/errors.ts'
import { pod as podKind } from '../api/kinds/core/pod.ts'
import { keyOf, type Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { PodDisruptionBudget } from '../api/types/policy-v1.ts'
import type { Facts } from '../glass/probe.ts'
import { describeError, type Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import { onNode } from './cache.ts'
import type { Profile } from './configuration/configuration.ts'
import { decide, decideWithOutside, refusalMessage, type Decided, type Decision } from './decision.ts'
import type { DecisionLog } from './decision-log.ts'
import { enoughNodes } from './filter-nodes.ts'
import type { Snapshot } from './framework.ts'
import { RulesForPod, type OutsideRule } from './outside-rules.ts'
import { PermitError } from './permit.ts'
import { Placement, type PlacementParts } from './placement.ts'
import { askExtenders, makeRoom, planRoom, type Room } from './preemption/preemption.ts'
import type { QueuedPod, SchedulingQueue } from './queue.ts'
import type { Reports } from './reports.ts'
import { requestsOf } from './resources.ts'
import type { Settings } from './settings.ts'
import { VolumeBindingError } from './volumes/bind-volumes.ts'

export interface CycleParts extends PlacementParts {
  readonly random: Random
  readonly log: Log
  readonly queue: SchedulingQueue
  readonly settings: Settings
  readonly reports: Reports
  readonly decisions: DecisionLog
  readonly budgets: () => readonly Live<PodDisruptionBudget>[]
  /** What the server last said of a pod. */
  readonly currentPod: (key: string) => Live<Pod> | undefined
}

export interface BegunCycle {
  /** Resolves when the caches hold the outcome; undefined: they do already. */
  readonly decided: Promise<void> | undefined
  readonly ended: Promise<void>
}

interface Cycle {
  readonly queued: QueuedPod
  readonly profile: Profile
  readonly snapshot: Snapshot
  readonly decided: Decided
  readonly outside: RulesForPod
}

export class SchedulingCycle {
  private readonly parts: CycleParts
  /** Where the next search among the nodes begins. */
  private searchFrom = 0

  constructor(parts: CycleParts) {
    this.parts = parts
  }

  /** Without rules outside of this thread, the decision is taken before this returns. */
  begin(queued: QueuedPod): BegunCycle {
    const { cache, settings, probe } = this.parts
    const { pod } = queued
    const profile = settings.profileOf(pod)
    // It may have gone after it was taken from the queue, which then knows nothing of it any more.
    if (profile === undefined || cache.isAssumed(pod.metadata.uid) || !this.isThere(pod))
      return { decided: undefined, ended: Promise.resolve() }
    const { promise, resolve } = Promise.withResolvers<undefined>()
    let isDecided = false
    const done = (): void => {
      isDecided = true
      resolve(undefined)
    }
    const ended = probe
      .span('schedule', factsOf(pod), (addFacts) => this.run(queued, profile, done, addFacts))
      .finally(done)
    return { decided: isDecided ? undefined : promise, ended }
  }

  /** Nothing is awaited before `done` unless rules outside of this thread take part: no two pods get the same room. */
  private async run(
    queued: QueuedPod,
    profile: Profile,
    done: () => void,
    addFacts: (facts: Facts) => void,
  ): Promise<void> {
    const { cache, settings, probe, random } = this.parts
    const { pod } = queued
    const rules = settings.rulesFor(pod)
    const outside = new RulesForPod(rules)
    const snapshot = cache.snapshot()
    // When nothing tells nodes apart, the first that fits is as good as any.
    const isJudged = profile.plugins.priorities.length > 0 || rules.length > 0
    const enough = isJudged ? enoughNodes(snapshot.nodes.length, profile.percentageOfNodesToScore) : 1
    const options = { plugins: profile.plugins, random, start: this.searchFrom, enough }
    let decided: Decided
    try {
      decided =
        rules.length === 0
          ? probe.span('decide', {}, () => decide(pod, snapshot, options))
          : await probe.span('decide', {}, () => decideWithOutside(pod, snapshot, options, outside))
    } catch (error) {
      done()
      return await this.unplaced(queued, profile, error)
    }
    addFacts(summary(decided.decision))
    this.searchFrom = snapshot.nodes.length === 0 ? 0 : (this.searchFrom + decided.looked) % snapshot.nodes.length
    const cycle = { queued, profile, snapshot, decided, outside }
    if (decided.decision.chosen === undefined) await this.refuse(cycle, done)
    else await this.place(cycle, decided.decision.chosen, rules, done)
  }

  private async place(cycle: Cycle, chosen: string, rules: readonly OutsideRule[], done: () => void): Promise<void> {
    const { queued, profile, snapshot } = cycle
    const { pod } = queued
    const node = snapshot.nodeNamed(chosen)
    if (node === undefined) return this.parts.queue.retryLater(queued)
    const message = `Successfully assigned ${keyOf(pod)} to ${chosen}`
    this.record(cycle, undefined, message)
    const { extenders } = this.parts.settings
    const placement = new Placement(pod, node, this.parts, { profile, rules, extenders })
    try {
      placement.reserve()
      done()
      await placement.carryOut()
      this.parts.reports.event(profile.schedulerName, pod, 'Normal', 'Scheduled', message)
    } catch (error) {
      await placement.giveBack()
      // What this pod had reserved may be what another waits for.
      this.parts.queue.happened({ type: 'podGone', pod: onNode(pod, chosen) })
      await this.unplaced(queued, profile, error)
    }
  }

  private async refuse(cycle: Cycle, done: () => void): Promise<void> {
    const { cache, queue, reports, settings, budgets, random } = this.parts
    const { queued, profile, snapshot, decided } = cycle
    const { pod } = queued
    const extenders = settings.extenders.filter((extender) => extender.preempts && extender.concerns(pod))
    const planned = planRoom(pod, decided, snapshot, { limits: profile.preemption, budgets, random })
    const room = extenders.length === 0 ? planned : await askExtenders(pod, planned, extenders)
    const message = refusalMessage(decided.decision, room.message === '' ? undefined : room.message)
    this.record(cycle, room, message)
    const target = room.target
    if (!this.isThere(pod)) return done()
    if (target !== undefined) cache.nominated.nominate(pod, target.node)
    queue.park(queued, decided.refusedBy)
    done()
    const nominatedNodeName = target?.node ?? (room.keepsNomination ? undefined : '')
    await reports.failed(profile.schedulerName, pod, { reason: 'Unschedulable', message, nominatedNodeName })
    if (target !== undefined) await makeRoom(pod, target, { ...this.parts, profile })
  }

  /** The pod is tried again after a pause, unless it has a node or is gone. */
  private async unplaced(queued: QueuedPod, profile: Profile, error: unknown): Promise<void> {
    const { cache, queue, reports, currentPod, signal } = this.parts
    const { pod } = queued
    if (signal.aborted) return
    const current = currentPod(keyOf(pod))
    if (current?.metadata.uid !== pod.metadata.uid) return cache.nominated.delete(pod.metadata.uid)
    if ((current.spec?.nodeName ?? '') !== '') return
    queue.retryLater({ ...queued, pod: current })
    // Someone else wrote at the same moment, which is no news to anyone.
    if (isReason(error, 'NotFound', 'Conflict')) return
    const reason = error instanceof PermitError ? 'Unschedulable' : 'SchedulerError'
    await reports.failed(profile.schedulerName, current, {
      ...{ reason, message: messageOf(error), nominatedNodeName: '' },
    })
  }

  private isThere(pod: Live<Pod>): boolean {
    return this.parts.currentPod(keyOf(pod))?.metadata.uid === pod.metadata.uid
  }

  private record({ queued, profile, decided, outside }: Cycle, room: Room | undefined, message: string): void {
    const { decisions, clock, reports } = this.parts
    const { pod, attempts } = queued
    const { name, namespace = '', uid } = pod.metadata
    const { bypassed } = outside
    for (const { rule, reason } of bypassed)
      reports.event(profile.schedulerName, pod, 'Warning', 'SchedulerPluginBypassed', `${rule} was bypassed: ${reason}`)
    decisions.record({
      ...decided.decision,
      ...{ namespace, name, uid, attempts, bypassed, message },
      profile: profile.schedulerName,
      timeMs: clock.now(),
      requests: requestsOf(pod).requests,
      priority: pod.spec?.priority ?? 0,
      predicates: profile.plugins.predicates.map((predicate) => predicate.name),
      preemption:
        room === undefined
          ? undefined
          : { message: room.message, candidates: room.candidates, chosen: room.target?.node },
    })
  }
}

/** Bound volumes are no condition for a node to do: that they are late is an error. */
const messageOf = (error: unknown): string =>
  error instanceof VolumeBindingError
    ? `running PreBind plugin "VolumeBinding": ${describeError(error)}`
    : describeError(error)

export function factsOf({ metadata }: Live<Pod>): Facts {
  return {
    'k8s.object.kind': podKind.kind,
    'k8s.namespace.name': metadata.namespace,
    'k8s.object.name': metadata.name,
    'k8s.object.uid': metadata.uid,
  }
}

const summary = ({ nodes, feasible, chosen, totals, tied }: Decision): Facts => ({
  'scheduler.nodes': nodes,
  'scheduler.feasible': feasible.length,
  'scheduler.best': totals.length === 0 ? undefined : Math.max(...totals),
  'scheduler.tied': tied.length,
  'k8s.node.name': chosen,
})
