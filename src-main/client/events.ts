import { isReason } from '../api/errors.ts'
import { event as eventKind } from '../api/kinds/core/event.ts'
import type { KubernetesObject } from '../api/meta/object.ts'
import type { Event, ObjectReference } from '../api/types/core-v1.ts'
import { timestamp, type Clock } from '../lib/clock.ts'
import { describeError, type Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import type { Client } from './client.ts'

export interface EventRecorderOptions {
  readonly client: Client
  /** Who reports, as `kubectl describe` shows it under "From". */
  readonly component: string
  /** The node on which it happened, when there is one. */
  readonly host?: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export interface EventDetails {
  /** The part of the object that it is about: `spec.containers{web}`. */
  readonly fieldPath?: string
  /** What the reporter did or tried, where that is told apart from the reason. */
  readonly action?: string
  /** Another object that had a part in it. */
  readonly related?: KubernetesObject
}

export interface EventRecorder {
  /**
   * Reports something about an object (which must carry its kind). Returns at once and never throws; a report that
   * cannot be written is logged. The same report again raises the count of the first.
   */
  event(
    object: KubernetesObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    details?: EventDetails,
  ): void
  /** Resolves when all that was reported so far is written or given up. */
  flush(): Promise<void>
}

interface Known {
  readonly name: string
  readonly namespace: string
  count: number
}

/** Reports that are remembered for aggregation, and reports that may wait for the server. */
export const rememberedLimit = 4096
export const waitingLimit = 1000

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { clock, log } = options
  const known = new Map<string, Known>()
  let waiting = 0
  let tail = Promise.resolve()

  const write = async (report: Event): Promise<void> => {
    const id = identityOf(report)
    const earlier = known.get(id)
    if (earlier !== undefined && (await raiseCount(options.client, earlier, report))) return
    await options.client.create(eventKind, report)
    known.delete(id)
    known.set(id, { name: report.metadata.name ?? '', namespace: report.metadata.namespace ?? '', count: 1 })
    for (const oldest of known.keys()) {
      if (known.size <= rememberedLimit) break
      known.delete(oldest)
    }
  }

  return {
    event(object, type, reason, message, details = {}) {
      if (waiting >= waitingLimit) {
        log.warn(`an event was dropped, for ${waiting} wait to be written`, { reason, message })
        return
      }
      waiting++
      const report = { ...describe(options, object, details), type, reason, message, ...times(clock) }
      tail = tail
        .then(() => write(report))
        .catch((error: unknown) =>
          log.warn(`an event could not be written: ${describeError(error)}`, { reason, message }),
        )
        .finally(() => waiting--)
    },
    flush: () => tail,
  }
}

function times(clock: Clock): Pick<Event, 'firstTimestamp' | 'lastTimestamp' | 'count'> {
  const now = timestamp(clock.now())
  return { firstTimestamp: now, lastTimestamp: now, count: 1 }
}

function describe(
  { component, host, clock, random }: EventRecorderOptions,
  object: KubernetesObject,
  { fieldPath }: EventDetails,
): Pick<Event, 'metadata' | 'involvedObject' | 'source' | 'reportingComponent' | 'reportingInstance'> {
  const { name = '', namespace } = object.metadata ?? {}
  const involvedObject = referenceTo(object, fieldPath)
  return {
    metadata: { name: nameOfEvent(name, clock, random), namespace: namespace ?? 'default' },
    involvedObject,
    source: { component, ...(host === undefined ? {} : { host }) },
    reportingComponent: component,
    reportingInstance: host ?? '',
  }
}

/** Time first, so that names sort by age; the random end keeps two reports of one millisecond apart. */
export const nameOfEvent = (about: string, clock: Clock, random: Random): string =>
  `${about.slice(0, 230)}.${clock.now().toString(16)}${random.integer(0x1_0000).toString(16).padStart(4, '0')}`

/** The object must carry its kind. */
export function referenceTo(object: KubernetesObject, fieldPath?: string): ObjectReference {
  const { name = '', namespace } = object.metadata ?? {}
  return {
    ...(object.apiVersion === undefined ? {} : { apiVersion: object.apiVersion }),
    ...(object.kind === undefined ? {} : { kind: object.kind }),
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(object.metadata?.uid === undefined ? {} : { uid: object.metadata.uid }),
    ...(object.metadata?.resourceVersion === undefined ? {} : { resourceVersion: object.metadata.resourceVersion }),
    ...(fieldPath === undefined ? {} : { fieldPath }),
  }
}

function identityOf({ involvedObject, type, reason, message }: Event): string {
  const { resourceVersion: _, ...object } = involvedObject
  return JSON.stringify([object, type, reason, message])
}

/** False when the earlier event is gone, as the server forgets events after a while. */
async function raiseCount(client: Client, earlier: Known, report: Event): Promise<boolean> {
  try {
    const patch = { count: earlier.count + 1, lastTimestamp: report.lastTimestamp }
    await client.patch(eventKind, { name: earlier.name, namespace: earlier.namespace }, { type: 'merge', patch })
    earlier.count++
    return true
  } catch (error) {
    if (isReason(error, 'NotFound')) return false
    throw error
  }
}
