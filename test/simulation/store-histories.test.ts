/** Stores under concurrent clients: whatever these see must be explained by one store that does one thing at a time. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../src-main/lib/random.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'
import { openEtcdStore } from '../../src-main/store/etcd.ts'
import { MemoryStore } from '../../src-main/store/memory.ts'
import { openSqliteStore } from '../../src-main/store/sqlite.ts'
import type { Store } from '../../src-main/store/store.ts'
import { etcdMissing, startEtcd, type Etcd } from '../support/etcd.ts'
import { anomalyIn, runClients } from './random-clients.ts'

const folder = mkdtempSync(join(tmpdir(), 'orrery-histories-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function check(seed: number, stores: readonly Store[]): Promise<void> {
  try {
    const history = await runClients({ stores, random: seededRandom(seed) })
    expect(history.calls.length).toBeGreaterThan(400)
    expect(history.watches.length).toBeGreaterThan(5)
    expect(anomalyIn(history)).toBeUndefined()
  } finally {
    for (const store of stores) await store.dispose()
  }
}

describe('what concurrent clients see can be put in one order', () => {
  it.each([1, 2, 3, 4, 5])('in a store in memory, seed %i', (seed) => check(seed, [new MemoryStore()]))

  it.each([1, 2, 3, 4, 5])('in a store in a file, seed %i', (seed) =>
    check(seed, [openSqliteStore({ path: join(folder, `${seed}.db`) })]),
  )

  const missing = etcdMissing()
  describe.skipIf(missing !== undefined)(`etcd${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
    let etcd: Etcd | undefined
    beforeAll(async () => {
      etcd = await startEtcd()
    })
    afterAll(() => etcd?.stop())

    it.each([1, 2, 3])('through two servers on one etcd, seed %i', async (seed) => {
      const place = { endpoints: [etcd?.endpoint ?? ''], root: `/seed-${seed}`, clock: systemClock }
      const open = (number: number): Promise<Store> => openEtcdStore({ ...place, random: seededRandom(number) })
      await check(seed, await Promise.all([open(1), open(2)]))
    })
  })
})
