/** From cumulative samples to what a container uses now: pure. */
import type { UsageSample } from '../runtime/runtime.ts'

/** What is kept of the past, at most: usage is an average over it. */
const windowMs = 15_000

export interface Rate {
  readonly atMs: number
  readonly windowMs: number
  readonly cpuNanoCores: number
  readonly memoryBytes: number
}

/** Adds a sample, and forgets those that are older than the window. A counter that fell belongs to a new start. */
export function withSample(samples: readonly UsageSample[], sample: UsageSample): UsageSample[] {
  const last = samples.at(-1)
  if (last !== undefined && sample.atMs <= last.atMs) return [...samples]
  const kept = last !== undefined && sample.cpuNanoseconds < last.cpuNanoseconds ? [] : samples
  return [...kept.filter(({ atMs }) => sample.atMs - atMs <= windowMs), sample]
}

/** Undefined until there are two samples. */
export function rateOf(samples: readonly UsageSample[]): Rate | undefined {
  const [first] = samples
  const last = samples.at(-1)
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined
  const spanMs = last.atMs - first.atMs
  return {
    atMs: last.atMs,
    windowMs: spanMs,
    cpuNanoCores: Math.round(((last.cpuNanoseconds - first.cpuNanoseconds) / spanMs) * 1000),
    memoryBytes: last.memoryBytes,
  }
}
