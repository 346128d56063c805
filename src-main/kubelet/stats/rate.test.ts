import { describe, expect, it } from 'vitest'
import { usageSample } from '../runtime/docker/usage.ts'
import { simulatedLoad } from '../runtime/simulated-load.ts'
import type { UsageSample } from '../runtime/runtime.ts'
import { rateOf, withSample } from './rate.ts'

const at = (seconds: number, cpuSeconds: number, memoryBytes = 1000): UsageSample => ({
  atMs: seconds * 1000,
  cpuNanoseconds: cpuSeconds * 1e9,
  memoryBytes,
})
const all = (...samples: UsageSample[]) => samples.reduce<UsageSample[]>(withSample, [])

describe('what a container uses now', () => {
  it('is not known from one sample', () => {
    expect(rateOf(all(at(1, 1)))).toBeUndefined()
    expect(rateOf([])).toBeUndefined()
  })

  it('is the CPU time between the first and the last sample, and the last memory', () => {
    expect(rateOf(all(at(10, 1), at(11, 1.5), at(14, 2, 7)))).toEqual({
      atMs: 14_000,
      windowMs: 4000,
      cpuNanoCores: 250_000_000,
      memoryBytes: 7,
    })
  })

  it('is an average of fifteen seconds at most', () => {
    expect(rateOf(all(at(0, 0), at(10, 10), at(20, 10), at(24, 10)))).toMatchObject({
      windowMs: 14_000,
      cpuNanoCores: 0,
    })
  })

  it('begins anew when the counter does, and does not count a sample twice', () => {
    expect(rateOf(all(at(10, 50), at(11, 0.5), at(12, 1), at(12, 9)))).toMatchObject({
      windowMs: 1000,
      cpuNanoCores: 500_000_000,
    })
  })
})

describe("the engine's word on a container", () => {
  it('leaves out file pages that nobody used of late, of both versions of control groups', () => {
    const of = (stats: Record<string, number>) =>
      usageSample({
        read: '2026-01-01T00:00:01.5Z',
        cpu_stats: { cpu_usage: { total_usage: 42 } },
        memory_stats: { usage: 1000, stats },
      })
    expect(of({ inactive_file: 300 })).toEqual({ atMs: 1767225601500, cpuNanoseconds: 42, memoryBytes: 700 })
    expect(of({ inactive_file: 1, total_inactive_file: 400 })?.memoryBytes).toBe(600)
  })

  it('says nothing of one that has ended', () => {
    expect(usageSample({ read: '0001-01-01T00:00:00Z', cpu_stats: { cpu_usage: { total_usage: 0 } } })).toBeUndefined()
    expect(usageSample({})).toBeUndefined()
  })
})

describe('the load of a simulated container', () => {
  it.each([
    [[], { milliCpu: 5, memoryBytes: 8 * 2 ** 20 }],
    [['SIMULATED_CPU=0.25', 'SIMULATED_MEMORY=1Ki', 'PATH=/a=b'], { milliCpu: 250, memoryBytes: 1024 }],
    [['SIMULATED_CPU=much'], { milliCpu: 5, memoryBytes: 8 * 2 ** 20 }],
  ])('with the environment %j', (env, expected) => {
    expect(simulatedLoad({ env })).toEqual(expected)
  })
})
