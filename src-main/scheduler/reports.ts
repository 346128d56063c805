/** What the scheduler tells of a pod: events, and its condition. */
import { isReason } from '../api/errors.ts'
import { pod as podKind } from '../api/kinds/core/pod.ts'
import { keyOf, type Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { Client } from '../client/client.ts'
import { createEventRecorder, type EventRecorder, type EventRecorderOptions } from '../client/events.ts'
import type { Clock } from '../lib/clock.ts'
import { describeError, type Log } from '../lib/log.ts'
import { writeUnscheduled, type SchedulingFailure } from './bind.ts'

/** Notes of events may have no more bytes. */
const noteLimitBytes = 1024
const cutMark = ' ...'

/** The message as an event takes it; the condition of the pod has the whole. */
export function noteOf(message: string): string {
  const bytes = Buffer.from(message)
  if (bytes.length <= noteLimitBytes) return message
  return `${bytes
    .subarray(0, noteLimitBytes - cutMark.length)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')}${cutMark}`
}

export class Reports {
  private readonly recorders = new Map<string, EventRecorder>()
  private readonly options: Omit<EventRecorderOptions, 'component'> & { client: Client; clock: Clock; log: Log }

  constructor(options: Omit<EventRecorderOptions, 'component'>) {
    this.options = options
  }

  /** Reports under a scheduler's name. */
  as(schedulerName: string): EventRecorder {
    const known =
      this.recorders.get(schedulerName) ?? createEventRecorder({ ...this.options, component: schedulerName })
    this.recorders.set(schedulerName, known)
    return known
  }

  event(schedulerName: string, pod: Live<Pod>, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const about = { ...pod, apiVersion: podKind.apiVersion, kind: podKind.kind }
    this.as(schedulerName).event(about, type, reason, message)
  }

  /** The pod could not be scheduled. A pod that changed or went meanwhile needs no such word. */
  async failed(schedulerName: string, pod: Live<Pod>, failure: SchedulingFailure): Promise<void> {
    const { client, clock, log } = this.options
    this.event(schedulerName, pod, 'Warning', 'FailedScheduling', noteOf(failure.message))
    try {
      await writeUnscheduled(client, pod, failure, clock.now())
    } catch (error) {
      if (isReason(error, 'NotFound', 'Conflict')) return
      log.warn(`the condition of ${keyOf(pod)} could not be written: ${describeError(error)}`)
    }
  }
}
