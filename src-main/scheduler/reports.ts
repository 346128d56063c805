/** What the scheduler tells of a pod: events, and its condition. */
import { isReason } from '../api/errors.ts'
import { pod as podKind } from '../api/kinds/core/pod.ts'
import { keyOf, type Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { EventRecorderOptions } from '../client/events.ts'
import { createSeriesRecorder, type SeriesRecorder } from '../client/series-events.ts'
import { DisposableStack, type Disposable } from '../lib/disposable.ts'
import { describeError } from '../lib/log.ts'
import { writeUnscheduled, type SchedulingFailure } from './bind.ts'

/** `hostname`: of the machine on which the scheduler runs. */
export type ReportsOptions = Omit<EventRecorderOptions, 'component' | 'host'> & { readonly hostname: string }

/** What the scheduler did when something became known, as its events name it. */
const actions: ReadonlyMap<string, string> = new Map([
  ['Scheduled', 'Binding'],
  ['FailedScheduling', 'Scheduling'],
])

export class Reports implements Disposable {
  private readonly recorders = new Map<string, SeriesRecorder>()
  private readonly started = new DisposableStack()
  private readonly options: ReportsOptions

  constructor(options: ReportsOptions) {
    this.options = options
  }

  /** Reports under a scheduler's name. */
  as(schedulerName: string): SeriesRecorder {
    const known = this.recorders.get(schedulerName)
    if (known !== undefined) return known
    const host = `${schedulerName}-${this.options.hostname}`
    const made = this.started.use(createSeriesRecorder({ ...this.options, component: schedulerName, host }))
    this.recorders.set(schedulerName, made)
    return made
  }

  event(schedulerName: string, pod: Live<Pod>, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const about = { ...pod, apiVersion: podKind.apiVersion, kind: podKind.kind }
    this.as(schedulerName).event(about, type, reason, message, { action: actions.get(reason) ?? reason })
  }

  /** The pod could not be scheduled. A pod that changed or went meanwhile needs no such word. */
  async failed(schedulerName: string, pod: Live<Pod>, failure: SchedulingFailure): Promise<void> {
    const { client, clock, log } = this.options
    this.event(schedulerName, pod, 'Warning', 'FailedScheduling', failure.message)
    try {
      await writeUnscheduled(client, pod, failure, clock.now())
    } catch (error) {
      if (isReason(error, 'NotFound', 'Conflict')) return
      log.warn(`the condition of ${keyOf(pod)} could not be written: ${describeError(error)}`)
    }
  }

  dispose(): Promise<void> {
    return this.started.dispose()
  }
}
