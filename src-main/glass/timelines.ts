/** The `timelines` resource: the spans of a pod, computed from the recorder on every read. */
import { microTimestamp } from '../lib/clock.ts'
import type { Timeline } from '../api/types/glass-v1.ts'
import type { ObjectName, RecordedSpan, Recorder } from './recorder.ts'

/** Undefined when nothing is known of the pod. */
export function podTimeline(recorder: Recorder, namespace: string, name: string): Timeline | undefined {
  const spans = recorder.of({ kind: 'Pod', namespace, name })
  return spans.length === 0 ? undefined : timelineOf({ kind: 'Pod', namespace, name }, spans)
}

export function podTimelines(recorder: Recorder, namespace: string | undefined): Timeline[] {
  return recorder.objects('Pod', namespace).map((object) => timelineOf(object, recorder.of(object)))
}

function timelineOf({ namespace, name }: ObjectName, spans: readonly RecordedSpan[]): Timeline {
  return {
    apiVersion: 'glass.orrery.dev/v1',
    kind: 'Timeline',
    metadata: { namespace, name },
    spans: spans.map((span) => ({
      name: span.name,
      component: span.component,
      start: microTimestamp(span.startMs),
      durationMicroseconds: Math.round(span.durationMs * 1000),
      ...(span.error === undefined ? {} : { error: span.error }),
      facts: Object.fromEntries(
        Object.entries(span.facts).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
      ),
    })),
  }
}
