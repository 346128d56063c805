import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../src-main/lib/random.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'
import { openEtcdStore } from '../../src-main/store/etcd.ts'
import type { Store } from '../../src-main/store/store.ts'
import { etcdMissing, startEtcd, type Etcd } from '../support/etcd.ts'
import { until } from '../support/until.ts'
import { codeOf, describeStore, put, record, remove, text } from './store-contract.ts'

const missing = etcdMissing()
let etcd: Etcd | undefined
let roots = 0

describe.skipIf(missing !== undefined)(`etcd${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  beforeAll(async () => {
    etcd = await startEtcd()
  })
  afterAll(() => etcd?.stop())

  const open = (root: string): Promise<Store> =>
    openEtcdStore({ endpoints: [etcd?.endpoint ?? ''], root, clock: systemClock, random: seededRandom(1) })

  describeStore('etcd', () => open(`/test-${++roots}`))

  describe('two servers on one etcd', () => {
    it('see each other: writes, conflicts, and reads that are never older than an acknowledged write', async () => {
      const root = `/test-${++roots}`
      const [one, other] = await Promise.all([open(root), open(root)])
      const seen = record(other, '/', 0)
      for (let number = 0; number < 50; number++) {
        const writer = number % 2 === 0 ? one : other
        const reader = number % 2 === 0 ? other : one
        const { revision } = await writer.commit([put('/count', String(number))], { actor: `server ${number % 2}` })
        await reader.fresh?.()
        expect(reader.revision).toBeGreaterThanOrEqual(revision)
        expect((await reader.list({ prefix: '/' })).entries.map(({ value }) => text(value))).toEqual([String(number)])
      }
      expect(await codeOf(one.commit([put('/count', 'x', 1)]))).toBe('Conflict')
      expect(seen.events.map(({ cause }) => cause?.actor).slice(0, 2)).toEqual(['server 0', 'server 1'])
      await Promise.all([one.dispose(), other.dispose()])
    })

    it('go on where they stood when etcd was killed and is there again', async () => {
      const root = `/test-${++roots}`
      const [one, other] = await Promise.all([open(root), open(root)])
      const seen = record(other, '/', 0)
      await one.commit([put('/a', '1')])
      await etcd?.kill()
      expect(await codeOf(one.commit([put('/lost', 'x')]))).toBe('Unavailable')
      await etcd?.start()
      const { revision } = await until('a commit', () => one.commit([put('/a', '2')]))
      await other.commit([remove('/a', revision)])
      expect(seen.error).toBeUndefined()
      expect(seen.lines().filter((line) => line.includes('/a'))).toEqual([
        'put /a@1=1',
        `put /a@${revision}=2`,
        expect.stringMatching(/^delete \/a@/),
      ])
      await Promise.all([one.dispose(), other.dispose()])
    })
  })

  it('finds a store again as it was left', async () => {
    const root = `/test-${++roots}`
    const first = await open(root)
    await first.commit([put('/a', '1'), put('/b', '1')])
    await first.commit([remove('/b')])
    await first.compact(1)
    await first.dispose()
    const again = await open(root)
    expect([again.revision, again.compactedRevision]).toEqual([2, 1])
    const replayed = record(again, '/', 1)
    await until('the replay', async () => replayed.events.length > 0)
    expect(replayed.lines()).toEqual(['delete /b@2'])
    await again.dispose()
  })
})
