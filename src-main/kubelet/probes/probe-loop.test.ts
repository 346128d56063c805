import { expect, it } from 'vitest'
import type { Probe } from '../../api/types/core-v1.ts'
import { VirtualClock } from '../../lib/virtual-clock.ts'
import type { CheckResult } from './check.ts'
import { startProbeLoop } from './probe-loop.ts'

function running(
  spec: Probe,
  answer: (asked: number) => Promise<boolean>,
): { clock: VirtualClock; verdicts: string[]; stop(): void } {
  const clock = new VirtualClock()
  const verdicts: string[] = []
  let asked = 0
  const start = clock.now()
  const loop = startProbeLoop({
    spec,
    clock,
    startedAt: clock.now(),
    check: async (): Promise<CheckResult> =>
      (await answer(++asked)) ? { healthy: true } : { healthy: false, output: 'no' },
    onFailure: () => undefined,
    onVerdict: (healthy) => verdicts.push(`${(clock.now() - start) / 1000}s ${healthy}`),
  })
  return { clock, verdicts, stop: () => void loop.dispose() }
}

it('waits for its first turn, then asks once a period', async () => {
  const { clock, verdicts } = running({ initialDelaySeconds: 5, periodSeconds: 10 }, () => Promise.resolve(true))
  await clock.advance(30_000)
  expect(verdicts).toEqual(['5s true', '15s true', '25s true'])
})

it('counts answers in a row against its thresholds', async () => {
  const bad = new Set([1, 3, 4, 5])
  const spec = { periodSeconds: 1, failureThreshold: 3, successThreshold: 2 }
  const { clock, verdicts } = running(spec, (asked) => Promise.resolve(!bad.has(asked)))
  await clock.advance(7000)
  expect(verdicts).toEqual(['4s false', '6s true', '7s true'])
})

it('counts what does not answer in time as a failure', async () => {
  const spec = { periodSeconds: 10, timeoutSeconds: 2, failureThreshold: 1 }
  const { clock, verdicts } = running(spec, () => new Promise(() => undefined))
  await clock.advance(3000)
  expect(verdicts).toEqual(['2s false'])
})

it('asks no more after its end', async () => {
  const { clock, verdicts, stop } = running({ periodSeconds: 1 }, () => Promise.resolve(true))
  await clock.advance(1500)
  stop()
  await clock.advance(10_000)
  expect(verdicts).toHaveLength(2)
})
