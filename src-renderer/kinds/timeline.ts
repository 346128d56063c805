import type { Span, Timeline } from '../../src-main/api/types/glass-v1.ts'

/** A span as a bar: everything in milliseconds from the first span's start. */
export interface TimelineBar {
  readonly name: string
  readonly component: string
  /** What was done for whom, when the facts say so. */
  readonly detail: string
  /** 1: a part of the step above it. */
  readonly depth: 0 | 1
  readonly startMs: number
  readonly durationMs: number
  readonly error: string | undefined
  readonly facts: readonly (readonly [name: string, value: string])[]
}

export interface TimelineChart {
  readonly bars: readonly TimelineBar[]
  readonly totalMs: number
  readonly errors: number
  /** In the order in which they first did something. */
  readonly components: readonly string[]
  /** When it began, for the axis. */
  readonly startedAt: string | undefined
}

/** Times have microseconds, which `Date` does not. */
export function parseMicroTime(text: string): number {
  const digits = /\.(\d+)/.exec(text)?.[1] ?? ''
  return Date.parse(text.replace(/\.\d+/, '')) + Number(`0.${digits || '0'}`) * 1000
}

/** The bars of a timeline by component, each component's in their order in time. */
export function chartOf({ spans }: Pick<Timeline, 'spans'>): TimelineChart {
  const sorted = [...spans].sort((a, b) => parseMicroTime(a.start) - parseMicroTime(b.start))
  const first = sorted[0]
  if (first === undefined) return { bars: [], totalMs: 0, errors: 0, components: [], startedAt: undefined }
  const zero = parseMicroTime(first.start)
  const components = [...new Set(sorted.map(({ component }) => component))]
  const bars = components.flatMap((name) =>
    nested(sorted.filter(({ component }) => component === name).map((one) => bar(one, zero))),
  )
  return {
    bars,
    totalMs: Math.max(...bars.map(({ startMs, durationMs }) => startMs + durationMs)),
    errors: bars.filter(({ error }) => error !== undefined).length,
    components,
    startedAt: first.start,
  }
}

function bar({ name, component, start, durationMicroseconds, error, facts = {} }: Span, zero: number): TimelineBar {
  return {
    ...{ component, error, depth: 0 },
    name: name.startsWith(`${component}.`) ? name.slice(component.length + 1) : name,
    detail: detailOf(facts),
    startMs: parseMicroTime(start) - zero,
    durationMs: durationMicroseconds / 1000,
    facts: Object.entries(facts),
  }
}

function detailOf(facts: Readonly<Record<string, string>>): string {
  const { verb, subresource, user, controller } = facts
  const who = user?.split(':').slice(2).join(':') ?? user?.replace(/^system:/, '')
  const container = facts['k8s.container.name']
  const parts = [verb, subresource, controller, container, who === '' ? user?.replace(/^system:/, '') : who]
  return parts.filter((part) => part !== undefined).join(' ')
}

/** Starts are whole milliseconds: a part may seem to begin that much before its whole. */
const toleranceMs = 1

/** Wholes before their parts; what happened inside the last whole is a part of it. Parts keep the order given. */
function nested(bars: readonly TimelineBar[]): TimelineBar[] {
  const sorted = [...bars].sort((a, b) => a.startMs - b.startMs || b.durationMs - a.durationMs)
  const groups: { readonly whole: TimelineBar; readonly parts: Set<TimelineBar> }[] = []
  for (const one of sorted) {
    const last = groups.at(-1)
    if (last !== undefined && isInside(one, last.whole)) last.parts.add(one)
    else groups.push({ whole: one, parts: new Set() })
  }
  return groups.flatMap(({ whole, parts }) => [
    whole,
    ...bars
      .filter((one) => parts.has(one))
      .map((one) => ({ ...one, depth: 1 as const, detail: one.detail === whole.detail ? '' : one.detail })),
  ])
}

const isInside = (part: TimelineBar, whole: TimelineBar): boolean =>
  part.startMs + toleranceMs >= whole.startMs &&
  part.startMs + part.durationMs <= whole.startMs + whole.durationMs + toleranceMs

/** Round places for marks on an axis, at most `most` of them. */
export function ticks(totalMs: number, most = 8): number[] {
  if (totalMs <= 0) return [0]
  const rough = totalMs / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough
  return Array.from({ length: Math.floor(totalMs / step) + 1 }, (_, index) => index * step)
}

/**
 * The part of a long history that is the birth: until the pod had nothing to do for longer than `pauseMs`. Later spans,
 * such as a restart an hour after, would make all bars invisibly thin.
 */
export function birthOf(spans: readonly Span[], pauseMs = 30_000): Span[] {
  const sorted = [...spans].sort((a, b) => parseMicroTime(a.start) - parseMicroTime(b.start))
  let end = -Infinity
  const kept: Span[] = []
  for (const span of sorted) {
    const start = parseMicroTime(span.start)
    if (kept.length > 0 && start > end + pauseMs) break
    kept.push(span)
    end = Math.max(end, start + span.durationMicroseconds / 1000)
  }
  return kept
}
