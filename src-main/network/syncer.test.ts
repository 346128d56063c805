import { expect, it } from 'vitest'
import { silentLog } from '../lib/log.ts'
import { seededRandom } from '../lib/random.ts'
import { settle, VirtualClock } from '../lib/virtual-clock.ts'
import { Syncer } from './syncer.ts'

function aSyncer(job: () => Promise<void>): { syncer: Syncer; clock: VirtualClock } {
  const clock = new VirtualClock()
  return { clock, syncer: new Syncer('the test', job, { clock, random: seededRandom(1), log: silentLog }) }
}

it('runs once for many requests, and once more for those that come while it runs', async () => {
  let runs = 0
  const gate = Promise.withResolvers<undefined>()
  const { syncer } = aSyncer(async () => {
    runs++
    if (runs === 1) await gate.promise
  })
  for (let i = 0; i < 5; i++) syncer.request()
  await settle()
  for (let i = 0; i < 5; i++) syncer.request()
  gate.resolve(undefined)
  await settle()
  expect(runs).toBe(2)
})

it('tries again after a failure, later each time', async () => {
  let runs = 0
  const { syncer, clock } = aSyncer(async () => {
    if (++runs < 3) throw new Error('not yet')
  })
  syncer.request()
  await settle()
  expect(runs).toBe(1)
  await clock.advance(600)
  expect(runs).toBe(2)
  await clock.advance(1200)
  expect(runs).toBe(3)
})

it('does nothing more after its end', async () => {
  let runs = 0
  const { syncer } = aSyncer(async () => void runs++)
  await syncer.dispose()
  syncer.request()
  await settle()
  expect(runs).toBe(0)
})
