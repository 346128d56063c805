/** How many pods a second the scheduler places, against an API server with a store in memory, in this one thread. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { createApiServer } from '../../src-main/apiserver/apiserver.ts'
import { kinds } from '../../src-main/api/kinds/index.ts'
import { node as nodeKind } from '../../src-main/api/kinds/core/node.ts'
import { pod as podKind } from '../../src-main/api/kinds/core/pod.ts'
import { priorityClass } from '../../src-main/api/kinds/scheduling/priority-class.ts'
import type { PodSpec } from '../../src-main/api/types/core-v1.ts'
import type { Client } from '../../src-main/client/client.ts'
import { Informer } from '../../src-main/client/informer.ts'
import { createClient } from '../../src-main/client/resource-client.ts'
import { silentProbe } from '../../src-main/glass/probe.ts'
import { silentLog } from '../../src-main/lib/log.ts'
import { seededRandom } from '../../src-main/lib/random.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'
import { startScheduler } from '../../src-main/scheduler/scheduler.ts'
import { MemoryStore } from '../../src-main/store/memory.ts'

interface Workload {
  readonly name: string
  /** Pods that are there before, and those that are measured, for a cluster of so many nodes. */
  readonly before?: (nodes: number) => number
  readonly measured: (nodes: number) => number
  readonly specBefore?: Partial<PodSpec>
  readonly spec: (index: number) => Partial<PodSpec>
}

const zones = 10
const some = (nodes: number): number => Math.min(1000, nodes * 2)
const labelled = { matchLabels: { app: 'bench' } }

const workloads: readonly Workload[] = [
  { name: 'basic', measured: some, spec: () => ({}) },
  {
    name: 'node affinity',
    measured: some,
    spec: () => ({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['zone-0', 'zone-1'] }] }],
          },
        },
      },
    }),
  },
  {
    name: 'pod anti-affinity',
    measured: (nodes) => Math.min(1000, nodes),
    spec: () => ({
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'kubernetes.io/hostname', labelSelector: labelled },
          ],
        },
      },
    }),
  },
  {
    name: 'topology spread',
    measured: some,
    spec: () => ({
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: labelled },
      ],
    }),
  },
  {
    name: 'preemption',
    before: (nodes) => nodes,
    specBefore: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '3' } } }] },
    measured: (nodes) => Math.min(500, nodes),
    spec: () => ({
      priorityClassName: 'high',
      containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '3' } } }],
    }),
  },
]

const silent = { clock: systemClock, log: silentLog, probe: silentProbe }

async function inBatches(count: number, act: (index: number) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < count; start += 100)
    await Promise.all(Array.from({ length: Math.min(100, count - start) }, (_, offset) => act(start + offset)))
}

async function addNodes(client: Client, count: number): Promise<void> {
  await inBatches(count, async (index) => {
    const name = `node-${index}`
    const labels = { 'kubernetes.io/hostname': name, zone: `zone-${index % zones}` }
    await client.create(nodeKind, { metadata: { name, labels } })
    const status = { allocatable: { cpu: '4', memory: '32Gi', pods: '110' } }
    await client.update(nodeKind, { metadata: { name }, status }, { subresource: 'status' })
    // New nodes are tainted until the controllers hear that they are ready; there are none here.
    await client.patch(nodeKind, { name }, { type: 'merge', patch: { spec: { taints: null } } })
  })
}

async function addPods(client: Client, prefix: string, count: number, spec: (index: number) => Partial<PodSpec>) {
  const containers = [{ name: 'c', image: 'i', resources: { requests: { cpu: '100m', memory: '100Mi' } } }]
  await inBatches(count, (index) =>
    client.create(podKind, {
      metadata: { name: `${prefix}-${index}`, namespace: 'default', labels: { app: 'bench' } },
      spec: { terminationGracePeriodSeconds: 0, containers, ...spec(index) },
    }),
  )
}

interface Figure {
  readonly perSecond: number
  /** For machines that do other things beside. */
  readonly perCpuSecond: number
}

/** Pods a second, from the scheduler's start (its caches are filled in that time too) to the last binding. */
async function measure(workload: Workload, nodes: number): Promise<Figure> {
  const store = new MemoryStore()
  const random = seededRandom(1)
  const server = await createApiServer({
    ...{ store, kinds, random, ...silent },
    nodeAgents: () => undefined,
    serviceCidr: '10.96.0.0/16',
  })
  const client = createClient(server.transport({ name: 'bench', groups: ['system:masters'] }))
  const scheduler = createClient(server.transport({ name: 'system:kube-scheduler', groups: ['system:authenticated'] }))
  await client.create(priorityClass, { metadata: { name: 'high' }, value: 100 })
  await addNodes(client, nodes)
  const before = workload.before?.(nodes) ?? 0
  const count = workload.measured(nodes)
  if (before > 0) {
    await addPods(client, 'before', before, () => workload.specBefore ?? {})
    await inBatches(before, (index) =>
      client.post(podKind, { namespace: 'default', name: `before-${index}` }, 'binding', {
        apiVersion: 'v1',
        kind: 'Binding',
        target: { kind: 'Node', name: `node-${index % nodes}` },
      }),
    )
  }
  const pods = new Informer(podKind, {}, { client, random, ...silent })
  const watching = pods.start()
  await pods.synced()
  await addPods(client, 'pod', count, workload.spec)
  const { promise: done, resolve } = Promise.withResolvers<number>()
  let bound = 0
  pods.on({
    updated(previous, pod) {
      if ((previous.spec?.nodeName ?? '') !== '' || (pod.spec?.nodeName ?? '') === '') return
      if (pod.metadata.name.startsWith('pod-') && ++bound === count) resolve(performance.now())
    },
  })
  const start = performance.now()
  const cpuBefore = process.cpuUsage()
  const running = startScheduler({ ...{ client: scheduler, random }, ...silent })
  const end = await done
  const { user, system } = process.cpuUsage(cpuBefore)
  await running.dispose()
  await watching.dispose()
  await server.dispose()
  await store.dispose()
  return {
    perSecond: Math.round(count / ((end - start) / 1000)),
    perCpuSecond: Math.round(count / ((user + system) / 1_000_000)),
  }
}

const sizes = (process.env['BENCH_NODES'] ?? '100,500,5000').split(',').map(Number)
const wanted = process.env['BENCH_WORKLOAD']
const figures: Record<string, Record<string, number>> = {}
for (const workload of workloads.filter(({ name }) => wanted === undefined || name === wanted)) {
  const perSize: Record<string, number> = {}
  const perCpu: Record<string, number> = {}
  for (const nodes of sizes) {
    const { perSecond, perCpuSecond } = await measure(workload, nodes)
    perSize[nodes] = perSecond
    perCpu[nodes] = perCpuSecond
  }
  figures[workload.name] = perSize
  const texts = [perSize, perCpu].map((each) => JSON.stringify(each))
  console.log(`${workload.name.padEnd(20)} pods a second by nodes ${texts[0]}, a second of processor time ${texts[1]}`)
}
const folder = join(import.meta.dirname, 'results')
const result = {
  machine: `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
  node: process.version,
  unit: 'pods a second',
  figures,
}
mkdirSync(folder, { recursive: true })
if (wanted === undefined) writeFileSync(join(folder, 'scheduler.json'), `${JSON.stringify(result, undefined, 2)}\n`)
