/** `npm run bench lists`: lists of 10,000, 50,000 and 150,000 pods, the start with them, and the memory that they take. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../../src-main/store/sqlite.ts'
import { connectBytes, type ByteClient, type Received } from './byte-client.ts'
import { startMeasuredServer, type MeasuredServer } from './measured-server.ts'
import { mebibytes, observe, tenths } from './observe.ts'
import { appOf, fillWithPods, namespaceOf, nodeOf } from './pods.ts'
import { cpuPercent } from './process-figures.ts'
import { openResults } from './result-file.ts'

const sizes = (process.env['BENCH_PODS'] ?? '10000,50000,150000').split(',').map(Number)
const results = openResults('lists')
const pods = '/api/v1/pods'
const protobuf = { accept: 'application/vnd.kubernetes.protobuf' }

const shown = ({ ms, firstByteMs, bytes }: Received): object => ({
  ms: Math.round(ms),
  firstByteMs: Math.round(firstByteMs),
  MiB: mebibytes(bytes),
})

async function pagedWalk(client: ByteClient): Promise<{ ms: number; pages: number; slowestPageMs: number }> {
  const start = performance.now()
  let pages = 0
  let slowestPageMs = 0
  let token: string | undefined
  do {
    const more = token === undefined ? '' : `&continue=${encodeURIComponent(token)}`
    const sent = performance.now()
    const page = (await client.getJson(`${pods}?limit=500${more}`)) as { metadata: { continue?: string } }
    slowestPageMs = Math.max(slowestPageMs, performance.now() - sent)
    token = page.metadata.continue
    pages++
  } while (token !== undefined)
  return { ms: Math.round(performance.now() - start), pages, slowestPageMs: Math.round(slowestPageMs) }
}

/** The first, which may have to make an index, and the median of those after it. */
async function selective(
  client: ByteClient,
  path: string,
): Promise<{ firstMs: number; medianMs: number; kiB: number }> {
  const first = await client.get(path)
  const times: number[] = []
  for (let round = 0; round < 21; round++) times.push((await client.get(path)).ms)
  times.sort((one, other) => one - other)
  return { firstMs: tenths(first.ms), medianMs: tenths(times[10] ?? 0), kiB: Math.round(first.bytes / 1024) }
}

async function measureLists(server: MeasuredServer, size: number): Promise<void> {
  const client = connectBytes(server.connection)
  await client.get('/version')
  const of = (what: string): string => `${size} pods: ${what}`
  const list = (headers = {}) => observe(server, async () => shown(await client.get(pods, headers)))
  results.note(of('first list'), await list())
  results.note(of('list'), await list())
  results.note(of('list, gzip'), await list({ 'accept-encoding': 'gzip' }))
  results.note(of('list, protobuf'), await list(protobuf))
  results.note(of('list as a table'), await list({ accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }))
  results.note(of('pages of 500'), await observe(server, () => pagedWalk(client)))
  const middle = Math.floor(size / 2)
  const selections = {
    'of a node': `${pods}?fieldSelector=spec.nodeName%3D${nodeOf(middle)}`,
    'by a label': `${pods}?labelSelector=app%3D${appOf(middle)}`,
    'of a namespace': `/api/v1/namespaces/${namespaceOf(middle)}/pods`,
    'of a namespace, by a label': `/api/v1/namespaces/${namespaceOf(middle)}/pods?labelSelector=app%3D${appOf(middle)}`,
  }
  for (const [what, path] of Object.entries(selections))
    results.note(of(what), await observe(server, () => selective(client, path)))
  client.close()
}

async function measureRest(server: MeasuredServer, size: number, empty: number): Promise<void> {
  await server.collect()
  const { residentBytes, heapBytes, externalBytes } = await server.figures()
  results.note(`${size} pods: memory`, {
    MiB: mebibytes(residentBytes),
    heapMiB: mebibytes(heapBytes),
    externalMiB: mebibytes(externalBytes),
    kBAPod: tenths((residentBytes - empty) / size / 1000),
  })
}

const folder = mkdtempSync(join(tmpdir(), 'orrery-bench-'))
try {
  const none = await startMeasuredServer(folder)
  await none.collect()
  const empty = (await none.figures()).residentBytes
  results.note('no pods: memory (MiB)', mebibytes(empty))
  await none.stop()
  let filled = 0
  for (const size of sizes) {
    const store = openSqliteStore({ path: join(folder, 'store.db') })
    await fillWithPods(store, filled, size)
    await store.dispose()
    filled = size
    const server = await startMeasuredServer(folder)
    const { peakResidentBytes, longestStallMs, longestPauseMs, cpuMs } = await server.figures()
    results.note(`${size} pods: start`, {
      ...{ readyMs: Math.round(server.readyMs), ofThisOpeningTheFileMs: Math.round(server.openedMs) },
      ...{ cpuMs: Math.round(cpuMs), peakMiB: mebibytes(peakResidentBytes) },
      ...{ longestStallMs: Math.round(longestStallMs), longestPauseMs: Math.round(longestPauseMs) },
    })
    await measureRest(server, size, empty)
    await measureLists(server, size)
    await measureRest(server, size, empty)
    if (size === sizes.at(-1)) {
      results.note(`${size} pods: idle CPU (% of a core)`, await server.quietly(() => cpuPercent(server.pid, 10_000)))
    }
    await server.stop()
  }
  results.save()
} finally {
  rmSync(folder, { recursive: true })
}
