/**
 * `npm run bench stores`: our store beside Debian's etcd, in one run on one disk. Both make each commit durable before
 * they answer. Etcd is asked once plainly (a transaction with one put) and once through our driver, which keeps the
 * cause of each commit beside it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRandom } from '../../src-main/lib/random.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'
import { EtcdClient } from '../../src-main/store/etcd/etcd-client.ts'
import { openEtcdStore } from '../../src-main/store/etcd.ts'
import { openSqliteStore } from '../../src-main/store/sqlite.ts'
import type { Store } from '../../src-main/store/store.ts'
import { etcdMissing, startEtcd } from '../support/etcd.ts'
import { tenths } from './observe.ts'
import { openResults } from './result-file.ts'

const commitMs = Number(process.env['BENCH_COMMIT_MS'] ?? 2500)
const writerCounts = [1, 10, 50, 1000]
const listed = 10_000
const value = Buffer.alloc(2048, 'x')
const results = openResults('stores')

/** What is measured: one durable write of a new key, one read, one list of all that begins so. */
interface Candidate {
  readonly name: string
  put(key: string): Promise<unknown>
  get(key: string): Promise<unknown>
  /** How many there are. */
  list(prefix: string): Promise<number>
}

const throughOurStore = (name: string, store: Store): Candidate => ({
  name,
  put: (key) => store.commit([{ type: 'put', key, value, expected: 0 }], { actor: 'bench' }),
  get: (key) => store.get(key),
  list: async (prefix) => (await store.list({ prefix })).entries.length,
})

const plainEtcd = (client: EtcdClient): Candidate => ({
  name: 'etcd, plain',
  put: (key) =>
    client.txn({
      compare: [{ result: 'EQUAL', target: 'MOD', key: Buffer.from(key), mod_revision: 0 }],
      success: [{ request_put: { key: Buffer.from(key), value } }],
      failure: [],
    }),
  get: (key) => client.range({ key: Buffer.from(key) }),
  list: async (prefix) => {
    const end = Buffer.from(prefix)
    end.writeUInt8(end.readUInt8(end.length - 1) + 1, end.length - 1)
    return (await client.range({ key: Buffer.from(prefix), range_end: end })).kvs.length
  },
})

const percentile = (sorted: readonly number[], share: number): number =>
  Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 100) / 100

async function measureCommits({ name, put }: Candidate, writers: number): Promise<object> {
  const latencies: number[] = []
  const start = performance.now()
  const write = async (writer: number): Promise<void> => {
    for (let at = 0; performance.now() - start < commitMs; at++) {
      const sent = performance.now()
      await put(`/bench/${writers}/${writer}-${at}`)
      latencies.push(performance.now() - sent)
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))
  const perSecond = Math.round(latencies.length / ((performance.now() - start) / 1000))
  latencies.sort((one, other) => one - other)
  const figures = { perSecond, p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) }
  results.note(`${name}: commits, ${writers} writers`, figures)
  return figures
}

async function measureReads({ name, put, get, list }: Candidate): Promise<void> {
  for (let from = 0; from < listed; from += 500)
    await Promise.all(Array.from({ length: 500 }, (_, offset) => put(`/reads/${from + offset}`)))
  const gets = 5000
  const start = performance.now()
  for (let index = 0; index < gets; index += 50)
    await Promise.all(Array.from({ length: 50 }, (_, offset) => get(`/reads/${index + offset}`)))
  results.note(`${name}: gets a second`, Math.round(gets / ((performance.now() - start) / 1000)))
  const times: number[] = []
  for (let round = 0; round < 5; round++) {
    const began = performance.now()
    if ((await list('/reads/')) !== listed) throw new Error(`${name} lists fewer than there are`)
    times.push(performance.now() - began)
  }
  times.sort((one, other) => one - other)
  results.note(`${name}: list of ${listed} (ms)`, tenths(times[2] ?? 0))
}

async function measure(candidate: Candidate): Promise<void> {
  for (const writers of writerCounts) await measureCommits(candidate, writers)
  await measureReads(candidate)
}

const folder = mkdtempSync(join(tmpdir(), 'orrery-bench-'))
const sqlite = openSqliteStore({ path: join(folder, 'store.db') })
await measure(throughOurStore('sqlite', sqlite))
await sqlite.dispose()
rmSync(folder, { recursive: true })

const missing = etcdMissing()
if (missing === undefined) {
  const etcd = await startEtcd()
  const client = new EtcdClient({ endpoints: [etcd.endpoint] }, systemClock)
  await measure(plainEtcd(client))
  client.close()
  const store = await openEtcdStore({ endpoints: [etcd.endpoint], clock: systemClock, random: systemRandom })
  await measure(throughOurStore('etcd, through our driver', store))
  await store.dispose()
  await etcd.stop()
} else results.note('etcd', `not measured: ${missing}`)
results.save()
