import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../lib/virtual-clock.ts'
import { Expectations } from './expectations.ts'
import { slowStart } from './slow-start.ts'

describe('expectations', () => {
  it('are open until every creation and deletion was seen, in whatever order', () => {
    const expectations = new Expectations(new VirtualClock())
    expectations.expect('key', 1, ['gone'])
    expectations.deleted('key', 'gone')
    expectations.deleted('key', 'gone')
    expect(expectations.openForMs('key')).toBeGreaterThan(0)
    expectations.created('key')
    expect(expectations.openForMs('key')).toBe(0)
  })

  it('are given up after five minutes', async () => {
    const clock = new VirtualClock()
    const expectations = new Expectations(clock)
    expectations.expect('key', 1, [])
    await clock.advance(5 * 60_000)
    expect(expectations.openForMs('key')).toBe(0)
  })
})

describe('a slow start', () => {
  it('runs all actions when none fails', async () => {
    const ran: number[] = []
    expect(await slowStart(10, async (index) => void ran.push(index))).toMatchObject({ succeeded: 10, skipped: 0 })
    expect(ran).toHaveLength(10)
  })

  it('stops after the first batch with a failure', async () => {
    const failing = async (index: number): Promise<void> => {
      if (index === 2) throw new Error('no')
    }
    expect(await slowStart(10, failing)).toMatchObject({ succeeded: 2, skipped: 7 })
  })
})
