/** `npm run bench watches`: 1,000 watchers hear of 1,000 events; then 1,000 clients that are connected and idle. */
import { mkdtempSync, rmSync } from 'node:fs'
import type { ClientHttp2Stream } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectBytes, type ByteClient } from './byte-client.ts'
import { startMeasuredServer, type MeasuredServer } from './measured-server.ts'
import { mebibytes, observe, tenths } from './observe.ts'
import { cpuPercent } from './process-figures.ts'
import { openResults } from './result-file.ts'

const watchers = Number(process.env['BENCH_WATCHERS'] ?? 1000)
const events = Number(process.env['BENCH_EVENTS'] ?? 1000)
/** Events a second: as many as leave room, and about as many as two cores carry for server and clients together. */
const rates = (process.env['BENCH_EVENT_RATES'] ?? '10,25').split(',').map(Number)
const results = openResults('watches')
const path = '/api/v1/namespaces/default/configmaps'
/** An event says in its object when it was sent; the clock is that of this process. */
const mark = Buffer.from('"sent":"')
const markLength = 16

interface Reader {
  readonly stream: ClientHttp2Stream
  received: number
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function openWatch(client: ByteClient, after: string, lags: number[]): Promise<Reader> {
  const stream = client.open(`${path}?watch=1&resourceVersion=${after}`)
  const reader = { stream, received: 0 }
  let rest: Buffer = Buffer.alloc(0)
  stream.on('data', (chunk: Buffer) => {
    const now = performance.now()
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let from = 0
    for (;;) {
      const at = bytes.indexOf(mark, from)
      if (at < 0 || at + mark.length + markLength > bytes.length) break
      from = at + mark.length + markLength
      lags.push(now - Number(bytes.toString('latin1', at + mark.length, from)))
      reader.received++
    }
    rest = bytes.subarray(Math.max(from, bytes.length - mark.length - markLength))
  })
  return new Promise((resolve, reject) => {
    stream.once('response', () => resolve(reader))
    stream.once('error', reject)
  })
}

async function newestRevision(client: ByteClient): Promise<string> {
  const list = (await client.getJson(`${path}?limit=1`)) as { metadata: { resourceVersion: string } }
  return list.metadata.resourceVersion
}

async function sendEvent(client: ByteClient, index: number): Promise<void> {
  const sent = performance.now().toFixed(6).padStart(markLength, '0').slice(0, markLength)
  const stream = client.open(path, { ':method': 'POST', 'content-type': 'application/json' })
  stream.end(
    JSON.stringify({
      ...{
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `event-${watchers}-${process.hrtime.bigint()}-${index}` },
      },
      data: { sent, filling: 'x'.repeat(1000) },
    }),
  )
  await new Promise((resolve, reject) => {
    stream.on('response', resolve)
    stream.on('error', reject)
    stream.resume()
  })
}

async function measureFanOut(server: MeasuredServer, connections: number, perSecond: number): Promise<void> {
  const lags: number[] = []
  const clients = await connectAll(server, connections)
  const writer = connectBytes(server.connection)
  const after = await newestRevision(writer)
  const readers: Reader[] = []
  for (let index = 0; index < watchers; index += 50)
    readers.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(50, watchers - index) }, (_, offset) =>
          openWatch(clients[(index + offset) % connections] as ByteClient, after, lags),
        ),
      )),
    )
  const figures = await observe(server, async () => {
    const start = performance.now()
    const sent: Promise<void>[] = []
    for (let index = 0; index < events; index++) {
      const due = start + (index * 1000) / perSecond
      if (due > performance.now()) await pause(due - performance.now())
      sent.push(sendEvent(writer, index))
    }
    await Promise.all(sent)
    const limit = performance.now() + 30_000
    while (lags.length < watchers * events && performance.now() < limit) await pause(20)
    return { seconds: tenths((performance.now() - start) / 1000) }
  })
  lags.sort((one, other) => one - other)
  const at = (share: number): number => tenths(lags[Math.min(lags.length - 1, Math.floor(lags.length * share))] ?? 0)
  results.note(`${watchers} watchers on ${connections} connections, ${events} events, ${perSecond}/s`, {
    ...{ delivered: lags.length, missed: readers.filter(({ received }) => received !== events).length },
    ...{ p50LagMs: at(0.5), p99LagMs: at(0.99), longestLagMs: at(1) },
    ...figures,
  })
  for (const { stream } of readers) stream.close()
  for (const client of [...clients, writer]) client.close()
}

async function connectAll(server: MeasuredServer, count: number): Promise<ByteClient[]> {
  const clients: ByteClient[] = []
  for (let index = 0; index < count; index += 20) {
    const some = Array.from({ length: Math.min(20, count - index) }, () => connectBytes(server.connection))
    await Promise.all(some.map((client) => client.get('/version')))
    clients.push(...some)
  }
  return clients
}

async function measureIdleClients(server: MeasuredServer, count: number): Promise<void> {
  await server.collect()
  const before = await server.figures()
  const clients = await connectAll(server, count)
  const after = await newestRevision(clients[0] as ByteClient)
  await Promise.all(clients.map((client) => openWatch(client, after, [])))
  await server.collect()
  const { residentBytes } = await server.figures()
  results.note(`${count} idle clients, each with a watch`, {
    memoryMiB: mebibytes(residentBytes),
    kBAClient: tenths((residentBytes - before.residentBytes) / count / 1000),
    cpuPercent: await server.quietly(() => cpuPercent(server.pid, 10_000)),
  })
  for (const client of clients) client.close()
}

const folder = mkdtempSync(join(tmpdir(), 'orrery-bench-'))
try {
  const server = await startMeasuredServer(folder)
  await server.collect()
  results.note('idle memory (MiB)', mebibytes((await server.figures()).residentBytes))
  results.note('idle CPU (% of a core)', await server.quietly(() => cpuPercent(server.pid, 10_000)))
  await measureIdleClients(server, watchers)
  for (const connections of (process.env['BENCH_CONNECTIONS'] ?? `10,${watchers}`).split(',').map(Number))
    for (const rate of rates) await measureFanOut(server, connections, rate)
  await server.stop()
  results.save()
} finally {
  rmSync(folder, { recursive: true })
}
