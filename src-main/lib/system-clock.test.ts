import { describe, expect, it } from 'vitest'
import { systemClock } from './system-clock.ts'

describe('the clock of the host', () => {
  it('never rings before the time that it was asked for has gone by', async () => {
    const early: number[] = []
    const delays = Array.from({ length: 400 }, (_, index) => 1 + (index % 50))
    await Promise.all(
      delays.map(async (delayMs, index) => {
        // Started at all parts of a millisecond.
        await systemClock.sleep(index % 7)
        const startMs = systemClock.monotonic()
        await systemClock.sleep(delayMs)
        const tookMs = systemClock.monotonic() - startMs
        if (tookMs < delayMs) early.push(tookMs - delayMs)
      }),
    )
    expect(early).toEqual([])
  })

  it('waits where a timer of the host cannot hold the time', async () => {
    let rang = false
    const timer = systemClock.after(2 ** 31, () => (rang = true))
    await systemClock.sleep(20)
    await timer.dispose()
    expect(rang).toBe(false)
  })

  it('does not ring after it was disposed', async () => {
    let rang = false
    const timer = systemClock.after(5, () => (rang = true))
    await timer.dispose()
    await systemClock.sleep(20)
    expect(rang).toBe(false)
  })
})
