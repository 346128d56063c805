import type { Probe as ProbeSpec } from '../../api/types/core-v1.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { CheckResult } from './check.ts'

export interface ProbeLoopOptions {
  readonly spec: ProbeSpec
  readonly clock: Clock
  /** When the container started, in Unix milliseconds. */
  readonly startedAt: number
  check(signal: AbortSignal): Promise<CheckResult>
  /** Each single answer that was not a healthy one. */
  onFailure(output: string): void
  /** The answer has been the same often enough to count. Called at each such answer. */
  onVerdict(healthy: boolean): void
}

/** Checks again and again until it is disposed, and counts answers against the probe's thresholds. */
export function startProbeLoop(options: ProbeLoopOptions): Disposable {
  const { spec, clock, startedAt } = options
  const abort = new AbortController()
  const periodMs = (spec.periodSeconds ?? 10) * 1000
  let last: boolean | undefined
  let inRow = 0

  const once = async (): Promise<void> => {
    const result = await checkInTime(options, abort.signal)
    if (abort.signal.aborted) return
    if (!result.healthy) options.onFailure(result.output)
    inRow = last === result.healthy ? inRow + 1 : 1
    last = result.healthy
    const needed = result.healthy ? (spec.successThreshold ?? 1) : (spec.failureThreshold ?? 3)
    if (inRow >= needed) options.onVerdict(result.healthy)
  }
  const run = async (): Promise<void> => {
    const first = startedAt + (spec.initialDelaySeconds ?? 0) * 1000 - clock.now()
    if (first > 0) await clock.sleep(first, abort.signal)
    while (!abort.signal.aborted) {
      const began = clock.monotonic()
      await once()
      await clock.sleep(Math.max(0, periodMs - (clock.monotonic() - began)), abort.signal)
    }
  }
  // Only disposing ends the loop: `checkInTime` turns every failure into an answer.
  run().catch(() => undefined)
  return { dispose: () => abort.abort(new Error('the probe was stopped')) }
}

async function checkInTime({ spec, clock, check }: ProbeLoopOptions, stop: AbortSignal): Promise<CheckResult> {
  const seconds = spec.timeoutSeconds ?? 1
  const abort = new AbortController()
  const onStop = (): void => abort.abort(stop.reason)
  stop.addEventListener('abort', onStop, { once: true })
  const late = Promise.withResolvers<CheckResult>()
  const timer = clock.after(seconds * 1000, () => {
    abort.abort(new Error('timed out'))
    late.resolve({ healthy: false, output: `command timed out after ${seconds}s` })
  })
  try {
    return await Promise.race([check(abort.signal), late.promise])
  } finally {
    void timer.dispose()
    stop.removeEventListener('abort', onStop)
  }
}
