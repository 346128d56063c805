import { describe, expect, it } from 'vitest'
import { deployment } from '../../src-main/api/kinds/apps/deployment.ts'
import { replicaSet } from '../../src-main/api/kinds/apps/replica-set.ts'
import { statefulSet } from '../../src-main/api/kinds/apps/stateful-set.ts'
import { job } from '../../src-main/api/kinds/batch/job.ts'
import { namespace } from '../../src-main/api/kinds/core/namespace.ts'
import { service } from '../../src-main/api/kinds/core/service.ts'
import { endpointSlice } from '../../src-main/api/kinds/discovery/endpoint-slice.ts'
import { isPodActive } from '../../src-main/api/meta/pod.ts'
import { seededRandom } from '../../src-main/lib/random.ts'
import { startWorkloadCluster, type WorkloadCluster } from '../support/workload-cluster.ts'

const seeds = Array.from({ length: 5 }, (_, index) => index + 1)
const team = 'team'
const template = (app: string, image: string) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'web', image: `orrery.dev/web:${image}` }] },
})
const selector = (app: string) => ({ matchLabels: { app } })
const named = (name: string) => ({ name, namespace: team })

async function createAll({ client }: WorkloadCluster): Promise<void> {
  await client.create(namespace, { metadata: { name: team } })
  await client.create(deployment, {
    metadata: named('web'),
    spec: { replicas: 4, selector: selector('web'), template: template('web', '1') },
  })
  await client.create(statefulSet, {
    metadata: named('db'),
    spec: { replicas: 3, serviceName: 'db', selector: selector('db'), template: template('db', '1') },
  })
  const work = template('work', 'succeeds')
  await client.create(job, {
    metadata: named('work'),
    spec: { completions: 4, parallelism: 2, template: { ...work, spec: { ...work.spec, restartPolicy: 'Never' } } },
  })
  await client.create(service, { metadata: named('web'), spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } })
}

const podsOf = async (cluster: WorkloadCluster, app: string) =>
  (await cluster.pods(`app=${app}`, team)).filter(isPodActive)

async function converged(cluster: WorkloadCluster, replicas: number, image: string): Promise<boolean> {
  const { client } = cluster
  const [web, db] = [await podsOf(cluster, 'web'), await podsOf(cluster, 'db')]
  const slices = await client.list(endpointSlice, { namespace: team, labelSelector: 'kubernetes.io/service-name=web' })
  const addresses = slices.items.flatMap(({ endpoints }) => endpoints ?? [])
  const { status } = await client.get(deployment, named('web'))
  return (
    web.length === replicas &&
    web.every(({ spec }) => spec?.containers[0]?.image === `orrery.dev/web:${image}`) &&
    status?.availableReplicas === replicas &&
    status.replicas === replicas &&
    db.length === 3 &&
    addresses.length === replicas &&
    (await client.get(job, named('work'))).status?.conditions?.some(({ type }) => type === 'Complete') === true
  )
}

/** What must hold at every moment, whatever goes wrong. */
async function checkInvariants(cluster: WorkloadCluster, atLeastReady: number): Promise<void> {
  const ready = (await podsOf(cluster, 'web')).filter(({ status }) =>
    status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
  )
  expect(ready.length).toBeGreaterThanOrEqual(atLeastReady)
  const hosts = (await podsOf(cluster, 'db')).map(({ spec }) => spec?.hostname)
  expect(new Set(hosts).size).toBe(hosts.length)
  const sets = (await cluster.client.list(replicaSet, { namespace: team })).items
  expect(sets.length).toBeLessThanOrEqual(2)
}

describe('on a bad day, with lost answers, conflicts and late news', () => {
  it.each(seeds)('everything converges and nothing is left behind (seed %i)', async (seed) => {
    const faults = { rate: 0.15, latestMs: 400, over: false }
    const cluster = await startWorkloadCluster(['one', 'two', 'three'], { seed, faults })
    const { client, clock } = cluster
    await createAll(cluster)
    await cluster.until(() => converged(cluster, 4, '1'), 600_000)
    const random = seededRandom(seed)
    const containers = [{ name: 'web', image: 'orrery.dev/web:2' }]
    const patch = { spec: { template: { spec: { containers } } } }
    await client.patch(deployment, named('web'), { type: 'strategic', patch })
    await cluster.until(async () => {
      await checkInvariants(cluster, 3)
      await clock.advance(random.integer(500))
      return converged(cluster, 4, '2')
    }, 600_000)
    await client.patch(deployment, named('web'), { type: 'merge', patch: { spec: { replicas: 2 } } })
    await cluster.until(() => converged(cluster, 2, '2'), 600_000)
    await client.delete(namespace, { name: team })
    await cluster.until(async () => {
      const { items } = await client.list(namespace)
      return items.every(({ metadata }) => metadata.name !== team)
    }, 600_000)
    expect(await cluster.pods(undefined, team)).toEqual([])
    // Otherwise the day was not bad at all.
    expect(cluster.complaints.length).toBeGreaterThan(10)
    faults.over = true
    await cluster.stop()
  })
})
