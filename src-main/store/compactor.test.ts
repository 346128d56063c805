import { describe, expect, it } from 'vitest'
import { put } from '../../test/contract/store-contract.ts'
import { createLog, silentLog } from '../lib/log.ts'
import { settle, VirtualClock } from '../lib/virtual-clock.ts'
import { startCompactor } from './compactor.ts'
import { MemoryStore } from './memory.ts'

describe('the compactor', () => {
  it('keeps history for a while, and forgets it then', async () => {
    const clock = new VirtualClock()
    const store = new MemoryStore()
    const compactor = startCompactor({ store, clock, log: silentLog, keepMs: 1000 })
    await store.commit([put('/a', '1')])
    await store.commit([put('/a', '2')])
    await clock.advance(1000)
    expect(store.compactedRevision).toBe(0)
    await store.commit([put('/a', '3')])
    await clock.advance(1000)
    expect(store.compactedRevision).toBe(2)
    await clock.advance(1000)
    expect(store.compactedRevision).toBe(3)
    await compactor.dispose()
    await store.commit([put('/a', '4')])
    await clock.advance(5000)
    expect(store.compactedRevision).toBe(3)
  })

  it('says when it fails, and goes on', async () => {
    const clock = new VirtualClock()
    const store = new MemoryStore()
    const lines: string[] = []
    const log = createLog(
      'store',
      () => 0,
      ({ message }) => lines.push(message),
    )
    let full = true
    const broken = Object.assign(Object.create(store) as MemoryStore, {
      compact: async (revision: number) => {
        if (full) throw new Error('the disk is full')
        await store.compact(revision)
      },
    })
    const compactor = startCompactor({ store: broken, clock, log, keepMs: 1000 })
    await store.commit([put('/a', '1')])
    await clock.advance(1000)
    expect(lines).toEqual([expect.stringContaining('the disk is full')])
    full = false
    await clock.advance(2000)
    expect(store.compactedRevision).toBe(1)
    await compactor.dispose()
  })

  it('forgets sooner what is more than it may keep, the oldest first', async () => {
    const clock = new VirtualClock()
    const store = new MemoryStore()
    const compactor = startCompactor({ store, clock, log: silentLog, keepBytes: 100_000 })
    for (let number = 1; number <= 90; number++) await store.commit([put('/a', 'x'.repeat(890))])
    expect(store.compactedRevision).toBe(0)
    for (let number = 91; number <= 1000; number++) {
      await store.commit([put('/a', 'x'.repeat(890))])
      await settle()
      // About 100 commits of 1,000 bytes fit; half of them stay.
      expect(store.revision - store.compactedRevision).toBeLessThan(110)
      if (number > 110) expect(store.revision - store.compactedRevision).toBeGreaterThan(40)
    }
    await compactor.dispose()
  })
})
