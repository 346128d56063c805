/**
 * Reports in the form of `events.k8s.io/v1`: what happens again and again is one event with a series. A series is
 * written when it begins and when it ends, and once in a while between, so that a busy reporter writes little.
 */
import { isReason } from '../api/errors.ts'
import { event as eventKind } from '../api/kinds/core/event.ts'
import type { Event } from '../api/types/core-v1.ts'
import { microTimestamp } from '../lib/clock.ts'
import type { Disposable } from '../lib/disposable.ts'
import { describeError } from '../lib/log.ts'
import {
  nameOfEvent,
  referenceTo,
  rememberedLimit,
  waitingLimit,
  type EventRecorder,
  type EventRecorderOptions,
} from './events.ts'

export interface SeriesRecorder extends EventRecorder, Disposable {}

/** What was not reported for so long is over. */
const finishMs = 6 * 60_000
const refreshMs = 30 * 60_000

/** Notes may have no more bytes. */
const noteLimitBytes = 1024
const cutMark = ' ...'

/** The message, cut when it is too long for an event. */
export function noteOf(message: string): string {
  const bytes = new TextEncoder().encode(message)
  if (bytes.length <= noteLimitBytes) return message
  const kept = new TextDecoder().decode(bytes.subarray(0, noteLimitBytes - cutMark.length))
  return `${kept.replace(/\uFFFD+$/, '')}${cutMark}`
}

interface Known {
  event: Event
  seenMs: number
  writtenMs: number
}

export function createSeriesRecorder(options: EventRecorderOptions & { readonly host: string }): SeriesRecorder {
  const { client, clock, log, random, component, host } = options
  const known = new Map<string, Known>()
  let waiting = 0
  let tail = Promise.resolve()
  let timer: Disposable | undefined

  const write = (event: Event): void => {
    const { reason = '', message = '' } = event
    if (waiting >= waitingLimit) {
      log.warn(`an event was dropped, for ${waiting} wait to be written`, { reason, message })
      return
    }
    waiting++
    tail = tail
      .then(() => record(event))
      .catch((error: unknown) =>
        log.warn(`an event could not be written: ${describeError(error)}`, { reason, message }),
      )
      .finally(() => waiting--)
  }

  const record = async (event: Event): Promise<void> => {
    const { name = '', namespace = '' } = event.metadata
    if (event.series !== undefined) {
      try {
        const patch = { series: event.series }
        await client.patch(eventKind, { name, namespace }, { type: 'merge', patch })
        return
      } catch (error) {
        // The server forgets events after a while.
        if (!isReason(error, 'NotFound')) throw error
      }
    }
    await client.create(eventKind, event)
  }

  const sweep = (): void => {
    timer = undefined
    const now = clock.now()
    for (const [key, one] of known) {
      const isOver = one.seenMs <= now - finishMs
      if (isOver) known.delete(key)
      if (one.event.series === undefined || !(isOver || one.writtenMs <= now - refreshMs)) continue
      one.writtenMs = now
      write(one.event)
    }
    if (known.size > 0) timer = clock.after(finishMs, sweep)
  }

  const again = (one: Known): void => {
    const count = (one.event.series?.count ?? 1) + 1
    const now = clock.now()
    one.event = { ...one.event, series: { count, lastObservedTime: microTimestamp(now) } }
    one.seenMs = now
    if (count > 2) return
    one.writtenMs = now
    write(one.event)
  }

  return {
    event(object, type, reason, message, { fieldPath, action = reason, related } = {}) {
      const now = clock.now()
      const involvedObject = referenceTo(object, fieldPath)
      const { name = '', namespace = 'default' } = involvedObject
      const event: Event = {
        metadata: { name: nameOfEvent(name, clock, random), namespace },
        ...{ involvedObject, type, reason, action, message: noteOf(message), eventTime: microTimestamp(now) },
        ...(related === undefined ? {} : { related: referenceTo(related) }),
        ...{ reportingComponent: component, reportingInstance: host },
      }
      const key = JSON.stringify([type, action, reason, event.involvedObject, event.related])
      const one = known.get(key)
      if (one !== undefined) return again(one)
      known.set(key, { event, seenMs: now, writtenMs: now })
      for (const oldest of known.keys()) {
        if (known.size <= rememberedLimit) break
        known.delete(oldest)
      }
      timer ??= clock.after(finishMs, sweep)
      write(event)
    },
    flush: () => tail,
    dispose: () => timer?.dispose(),
  }
}
