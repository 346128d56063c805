/** Pods that wait for a node: those to try now, those to try after a pause, and those that wait for something to change. */
import { keyOf, type Live } from '../api/meta/object.ts'
import { stableText } from '../api/meta/pod.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { Clock } from '../lib/clock.ts'
import type { Disposable } from '../lib/disposable.ts'
import type { ClusterEvent, Refuser } from './framework.ts'
import { Heap } from './heap.ts'

export interface QueuedPod {
  readonly pod: Live<Pod>
  /** When it was first queued, in milliseconds of the monotonic clock. */
  readonly since: number
  /** Failed tries so far. */
  readonly attempts: number
  /** How often it was refused, and how often it failed otherwise since it was refused last: the pause grows with these. */
  readonly refusals?: number
  readonly errors?: number
  /** Who refused it last; empty after any other failure. */
  readonly refusedBy: readonly Refuser[]
}

interface Parked extends QueuedPod {
  readonly parkedAt: number
}

interface Waiting extends QueuedPod {
  readonly due: number
}

export interface BackoffLimits {
  readonly firstPauseMs: number
  readonly longestPauseMs: number
}

const defaultLimits: BackoffLimits = { firstPauseMs: 1000, longestPauseMs: 10_000 }
/** A pod that nothing woke for so long is tried again anyway. */
const parkedAtMostMs = 5 * 60_000

const byPriority = (a: QueuedPod, b: QueuedPod): number =>
  (b.pod.spec?.priority ?? 0) - (a.pod.spec?.priority ?? 0) || a.since - b.since

const isGated = (pod: Pod): boolean => (pod.spec?.schedulingGates ?? []).length > 0
const keyOfQueued = ({ pod }: QueuedPod): string => keyOf(pod)

interface Try {
  readonly key: string
  readonly uid: string
  readonly events: ClusterEvent[]
  newest?: Live<Pod>
  /** The pod is gone, or has a node by another hand. */
  over?: true
}

export class SchedulingQueue implements Disposable {
  private readonly active = new Heap(keyOfQueued, byPriority)
  private readonly backoff = new Heap<Waiting>(keyOfQueued, (a, b) => a.due - b.due)
  private readonly parked = new Map<string, Parked>()
  private readonly gated = new Map<string, QueuedPod>()
  private readonly clock: Clock
  private taker: ((item: QueuedPod | undefined) => void) | undefined
  private timer: { readonly due: number; readonly handle: Disposable } | undefined
  private closed = false
  private limits = defaultLimits
  /** The pod that is being tried, and what happened meanwhile: it must not miss what could have helped. */
  private tried: Try | undefined

  constructor(clock: Clock) {
    this.clock = clock
  }

  setLimits(limits: BackoffLimits): void {
    this.limits = limits
  }

  get size(): number {
    return this.active.size + this.backoff.size + this.parked.size + this.gated.size
  }

  /** A pod without a node appeared or changed. */
  put(pod: Live<Pod>): void {
    if (this.tried?.uid === pod.metadata.uid) {
      // It comes back to a queue by what becomes of the try.
      this.tried.newest = pod
      return
    }
    const key = keyOf(pod)
    const known = this.find(key)
    const queued =
      known === undefined || known.pod.metadata.uid !== pod.metadata.uid
        ? { pod, since: this.clock.monotonic(), attempts: 0, refusedBy: [] }
        : { ...known, pod }
    if (isGated(pod)) {
      this.remove(key)
      this.gated.set(key, queued)
    } else if (this.active.get(key) !== undefined) this.active.set(queued)
    else if (this.backoff.get(key) !== undefined) this.backoff.set({ ...queued, due: this.backoff.get(key)?.due ?? 0 })
    else if (known !== undefined && this.parked.has(key) && !changedForScheduling(known.pod, pod)) {
      this.parked.set(key, { ...queued, parkedAt: this.parked.get(key)?.parkedAt ?? this.clock.monotonic() })
    } else {
      this.remove(key)
      this.activate(queued)
    }
    this.hand()
  }

  remove(key: string): void {
    this.active.delete(key)
    this.backoff.delete(key)
    this.parked.delete(key)
    this.gated.delete(key)
    if (this.tried?.key === key) this.tried.over = true
  }

  /** The next pod to try: highest priority first, then oldest. Undefined after `dispose`. One taker at a time. */
  take(): Promise<QueuedPod | undefined> {
    this.tried = undefined
    if (this.closed) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      this.taker = resolve
      this.hand()
    })
  }

  /** No node fits now: waits for an event that may help. */
  park(tried: QueuedPod, refusedBy: readonly Refuser[]): void {
    if (this.closed) return
    const { events: missed, newest: pod = tried.pod, over } = this.endTry(tried)
    if (over === true) return
    const counts = { attempts: tried.attempts + 1, refusals: (tried.refusals ?? 0) + 1, errors: 0 }
    const item = { ...tried, ...counts, pod, refusedBy, parkedAt: this.clock.monotonic() }
    if (missed.some((event) => mayHelp(event, item)) || changedForScheduling(tried.pod, pod)) return this.pause(item)
    this.parked.set(keyOfQueued(item), item)
    this.wakeAt(item.parkedAt + parkedAtMostMs)
  }

  /** The try failed for another reason than the cluster's state: tries again after a pause. */
  retryLater(tried: QueuedPod): void {
    if (this.closed) return
    const { newest: pod = tried.pod, over } = this.endTry(tried)
    if (over === true) return
    this.pause({ ...tried, pod, attempts: tried.attempts + 1, errors: (tried.errors ?? 0) + 1, refusedBy: [] })
  }

  /** Moves the parked pods that the event may help. */
  happened(event: ClusterEvent): void {
    this.tried?.events.push(event)
    for (const [key, item] of this.parked) {
      if (!mayHelp(event, item)) continue
      this.parked.delete(key)
      this.pause(item)
    }
    this.hand()
  }

  dispose(): void {
    this.closed = true
    void this.timer?.handle.dispose()
    this.taker?.(undefined)
    this.taker = undefined
  }

  /** What happened while the pod was tried, and its newest state. */
  private endTry({ pod }: QueuedPod): Pick<Try, 'events' | 'newest' | 'over'> {
    const { tried } = this
    if (tried?.uid !== pod.metadata.uid) return { events: [] }
    this.tried = undefined
    return tried
  }

  private find(key: string): QueuedPod | undefined {
    return this.active.get(key) ?? this.backoff.get(key) ?? this.parked.get(key) ?? this.gated.get(key)
  }

  private activate(item: QueuedPod): void {
    this.active.set(item)
  }

  /** The pause counts from the last failure, so one that has waited long enough is tried at once. */
  private pause(item: QueuedPod & { readonly parkedAt?: number }): void {
    const { firstPauseMs, longestPauseMs } = this.limits
    const { errors = 0, refusals = 0 } = item
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** ((errors > 0 ? errors : refusals) - 1))
    const due = (item.parkedAt ?? this.clock.monotonic()) + pauseMs
    if (due <= this.clock.monotonic()) return this.activate(item)
    const { pod, since, attempts, refusedBy } = item
    this.backoff.set({ pod, since, attempts, refusals, errors, refusedBy, due })
    this.wakeAt(due)
  }

  private hand(): void {
    if (this.taker === undefined) return
    const item = this.active.pop()
    if (item === undefined) return
    const taker = this.taker
    this.taker = undefined
    this.tried = { key: keyOf(item.pod), uid: item.pod.metadata.uid, events: [] }
    taker(item)
  }

  /** One timer for the next moment at which something falls due. */
  private wakeAt(due: number): void {
    if (this.closed || (this.timer !== undefined && this.timer.due <= due)) return
    void this.timer?.handle.dispose()
    const handle = this.clock.after(Math.max(0, due - this.clock.monotonic()), () => {
      this.timer = undefined
      this.moveDue()
    })
    this.timer = { due, handle }
  }

  private moveDue(): void {
    const now = this.clock.monotonic()
    for (let next = this.backoff.peek(); next !== undefined && next.due <= now; next = this.backoff.peek()) {
      this.backoff.pop()
      this.activate(next)
    }
    let oldest = Infinity
    for (const [key, item] of this.parked) {
      if (item.parkedAt + parkedAtMostMs <= now) {
        this.parked.delete(key)
        this.activate(item)
      } else oldest = Math.min(oldest, item.parkedAt)
    }
    const next = Math.min(this.backoff.peek()?.due ?? Infinity, oldest + parkedAtMostMs)
    if (next < Infinity) this.wakeAt(next)
    this.hand()
  }
}

function mayHelp(event: ClusterEvent, { refusedBy, pod }: QueuedPod): boolean {
  if (event.type === 'rulesChanged' || refusedBy.length === 0) return true
  return refusedBy.some((refuser) => refuser.mayHelp(event, pod))
}

/** A change of its status alone, which the scheduler itself writes, makes no new try worthwhile: unless a claim was made. */
function changedForScheduling(previous: Live<Pod>, pod: Live<Pod>): boolean {
  return (
    stableText(previous.spec) !== stableText(pod.spec) ||
    stableText(previous.metadata.labels) !== stableText(pod.metadata.labels) ||
    stableText(previous.status?.resourceClaimStatuses) !== stableText(pod.status?.resourceClaimStatuses)
  )
}
