/**
 * The process that is measured: a store file, the API server on it and its TLS frontend, and nothing else. Its parent
 * asks over the IPC channel how it fares.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { kinds } from '../../src-main/api/kinds/index.ts'
import { clusterRoleBinding } from '../../src-main/api/kinds/rbac/cluster-role-binding.ts'
import { createApiServer } from '../../src-main/apiserver/apiserver.ts'
import { addProcessMetrics, createRequestMetrics, MetricRegistry } from '../../src-main/apiserver/metrics.ts'
import { listenTls } from '../../src-main/apiserver/server.ts'
import { createClient } from '../../src-main/client/resource-client.ts'
import { silentProbe } from '../../src-main/glass/probe.ts'
import { openPki } from '../../src-main/lab/pki.ts'
import { readKeyPair, writeKeyPair, type KeyPairPem } from '../../src-main/lab/key-files.ts'
import { createLog } from '../../src-main/lib/log.ts'
import { systemRandom } from '../../src-main/lib/random.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'
import { openSqliteStore } from '../../src-main/store/sqlite.ts'
import type { Connection, ProcessFigures } from './measured-server.ts'

const [folder = ''] = process.argv.slice(2)
const log = createLog('bench', Date.now, ({ level, message, facts }) => {
  if (level === 'warn' || level === 'error') console.error(level, message, facts)
})

// Not of system:masters: what is measured asks RBAC.
const user = { name: 'bench', groups: ['bench'] }
const environment = { clock: systemClock, random: systemRandom, log }
const pkiOptions = { folder: join(folder, 'pki'), lab: 'default', serviceAddress: '10.96.0.1', ...environment }
const client = await benchClient()

/** Issued once: a server that starts again issues nothing, and does not load what it would need for that. */
async function benchClient(): Promise<KeyPairPem> {
  const base = join(folder, 'bench-client')
  const kept = await readKeyPair(base)
  if (kept !== undefined) return kept
  const issued = await (await openPki(pkiOptions)).issueClient(user)
  await writeKeyPair(base, issued)
  return issued
}

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
let longestPauseMs = 0
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) longestPauseMs = Math.max(longestPauseMs, duration)
}).observe({ entryTypes: ['gc'] })

const started = performance.now()
const store = openSqliteStore({ path: join(folder, 'store.db') })
const openedMs = performance.now() - started
const metrics = new MetricRegistry()
addProcessMetrics(metrics)
const server = await createApiServer({
  ...{ store, kinds, metrics, ...environment },
  ...{ probe: silentProbe, nodeAgents: () => undefined, serviceCidr: '10.96.0.0/16' },
})
const pki = await openPki(pkiOptions)
const frontend = await listenTls({
  ...{ handler: server.handler, host: '127.0.0.1', port: 0, pki, log, clock: systemClock },
  metrics: createRequestMetrics(metrics),
})
const readyMs = performance.now() - started
const own = createClient(server.transport({ name: 'bench-setup', groups: ['system:masters'] }))
await own
  .create(clusterRoleBinding, {
    metadata: { name: 'bench' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'bench' }],
  })
  .catch((error: unknown) => {
    if ((error as { reason?: string }).reason !== 'AlreadyExists') throw error
  })

/** The peak counts from here on. */
function reset(): void {
  delay.reset()
  longestPauseMs = 0
  writeFileSync('/proc/self/clear_refs', '5')
}

function figures(): ProcessFigures {
  const { user: userMicros, system } = process.cpuUsage()
  const peakKilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  const { rss, heapUsed, external } = process.memoryUsage()
  return {
    ...{ residentBytes: rss, heapBytes: heapUsed, externalBytes: external },
    peakResidentBytes: Number(peakKilobytes) * 1024,
    cpuMs: (userMicros + system) / 1000,
    // A timer of one millisecond is what the histogram measures with.
    longestStallMs: Math.max(0, delay.max / 1e6 - 1),
    longestPauseMs,
  }
}

process.on('message', (question) => {
  if (question === 'stop') void stop()
  else if (question === 'quiet') {
    // The histogram's timer wakes the process a thousand times a second.
    delay.disable()
    process.send?.({})
  } else if (question === 'loud') {
    delay.enable()
    process.send?.({})
  } else if (question === 'reset') {
    reset()
    process.send?.({})
  } else if (question === 'collect') {
    globalThis.gc?.()
    process.send?.({})
  } else process.send?.(figures())
})

async function stop(): Promise<void> {
  await frontend.dispose()
  await server.dispose()
  await store.dispose()
  process.disconnect()
}

const connection: Connection = { url: frontend.url, ca: pki.ca, ...client }
process.send?.({ connection, openedMs, readyMs })
