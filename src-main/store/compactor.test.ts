import { describe, expect, it } from 'vitest'
import { put } from '../../test/contract/store-contract.ts'
import { createLog, silentLog } from '../lib/log.ts'
import { VirtualClock } from '../lib/virtual-clock.ts'
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
})
