/** A whole cluster in this thread: memory store, simulated workers, a virtual clock and a seed. */
import { deployment } from '../../src-main/api/kinds/apps/deployment.ts'
import { pod } from '../../src-main/api/kinds/core/pod.ts'
import type { Live } from '../../src-main/api/meta/object.ts'
import type { Deployment } from '../../src-main/api/types/apps-v1.ts'
import type { Pod } from '../../src-main/api/types/core-v1.ts'
import { startCluster, type Cluster } from '../../src-main/cluster.ts'
import { Recorder } from '../../src-main/glass/recorder.ts'
import { ensureLab } from '../../src-main/lab/lab-wish.ts'
import { createLog, type LogEntry } from '../../src-main/lib/log.ts'
import { seededRandom } from '../../src-main/lib/random.ts'
import { VirtualClock } from '../../src-main/lib/virtual-clock.ts'
import { createSimulatedProvider } from '../../src-main/machines/providers/simulated/provider.ts'
import { MemoryStore } from '../../src-main/store/memory.ts'

export interface VirtualCluster {
  readonly clock: VirtualClock
  readonly store: MemoryStore
  readonly cluster: Cluster
  readonly recorder: Recorder
  readonly log: readonly LogEntry[]
  /** Advances virtual time until the condition holds. */
  until(condition: () => Promise<boolean>, limitMs?: number): Promise<void>
  pods(labelSelector: string): Promise<Live<Pod>[]>
  stop(): Promise<void>
}

export const testNetworks = { machines: '10.30.0.0/24', pods: '10.244.0.0/16', services: '10.96.0.0/16' }

export async function startVirtualCluster(options: { seed: number; workers: number }): Promise<VirtualCluster> {
  const clock = new VirtualClock()
  const random = seededRandom(options.seed)
  const store = new MemoryStore()
  const recorder = new Recorder(clock)
  const entries: LogEntry[] = []
  const cluster = await startCluster({
    ...{ store, clock, random, recorder },
    log: createLog(
      'cluster',
      () => clock.now(),
      (entry) => entries.push(entry),
    ),
    networks: testNetworks,
    caCertificate: 'certificate of the test',
    providers: [createSimulatedProvider()],
    connectToApi: () => {
      throw new Error('simulated workers open no connection')
    },
    images: () => Promise.resolve([]),
  })
  await ensureLab(
    cluster.client,
    { provider: 'simulated', workers: options.workers },
    () => Promise.resolve('simulated'),
    'On',
  )
  return {
    ...{ clock, store, cluster, recorder, log: entries },
    until: (condition, limitMs = 300_000) => clock.advanceUntil(condition, limitMs),
    async pods(labelSelector) {
      const { items } = await cluster.client.list(pod, { namespace: 'default', labelSelector })
      return items
    },
    async stop() {
      await cluster.dispose()
      await store.dispose()
    },
  }
}

export function aDeployment(name: string, replicas: number, image = 'orrery.dev/web:1'): Deployment {
  return {
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, image }] } },
    },
  }
}

export const deploymentKind = deployment
