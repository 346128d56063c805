/** What nobody can mean is refused with the field that is wrong, or said in an event. */
import { afterEach, describe, expect, it } from 'vitest'
import { deployment } from '../../src-main/api/kinds/apps/deployment.ts'
import { replicaSet } from '../../src-main/api/kinds/apps/replica-set.ts'
import { statefulSet } from '../../src-main/api/kinds/apps/stateful-set.ts'
import { cronJob } from '../../src-main/api/kinds/batch/cron-job.ts'
import { job } from '../../src-main/api/kinds/batch/job.ts'
import { event } from '../../src-main/api/kinds/core/event.ts'
import type { Kind } from '../../src-main/api/define-kind.ts'
import { startWorkloadCluster, type WorkloadCluster } from '../support/workload-cluster.ts'

let running: WorkloadCluster | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})
async function aCluster(): Promise<WorkloadCluster> {
  running = await startWorkloadCluster(['one'])
  return running
}

const web = { name: 'web', namespace: 'default' }
const template = (app: string) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'web', image: 'orrery.dev/web:1' }] },
})
const selector = { matchLabels: { app: 'web' } }

describe('a selector that does not match its template', () => {
  it.each<[string, unknown, object]>([
    ['deployment', deployment, {}],
    ['replica set', replicaSet, {}],
    ['stateful set', statefulSet, { serviceName: 'web' }],
  ])('of a %s is refused', async (_kind, kind, more) => {
    const { client } = await aCluster()
    const object = { metadata: web, spec: { ...more, replicas: 1, selector, template: template('other') } }
    await expect(client.create(kind as Kind, object as never)).rejects.toMatchObject({
      code: 422,
      details: { causes: [{ field: 'spec.template.metadata.labels' }] },
    })
  })
})

describe('a negative count', () => {
  it('is refused, also by a patch that races with another', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(deployment, { metadata: web, spec: { replicas: 2, selector, template: template('web') } })
    const patches = [3, -1, 2, -5].map((replicas) =>
      client.patch(deployment, web, { type: 'merge', patch: { spec: { replicas } } }).then(
        () => 'written',
        (error: { code?: number }) => error.code,
      ),
    )
    expect(await Promise.all(patches)).toEqual(['written', 422, 'written', 422])
    const below = client.patch(
      deployment,
      web,
      { type: 'merge', patch: { spec: { replicas: -1 } } },
      { subresource: 'scale' },
    )
    await expect(below).rejects.toMatchObject({ code: 422 })
    await cluster.until(async () => {
      const { spec, status } = await client.get(deployment, web)
      return [2, 3].includes(spec?.replicas ?? 0) && status?.availableReplicas === spec?.replicas
    })
  })
})

describe('two owners with one selector', () => {
  it('keep to their own pods', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    for (const name of ['a', 'b'])
      await client.create(replicaSet, {
        metadata: { name, namespace: 'default' },
        spec: { replicas: 2, selector, template: template('web') },
      })
    await cluster.until(async () => (await cluster.ready('app=web')) === 4)
    await client.patch(
      replicaSet,
      { name: 'a', namespace: 'default' },
      { type: 'merge', patch: { spec: { replicas: 0 } } },
    )
    await cluster.until(async () => (await cluster.pods('app=web')).length === 2)
    await cluster.clock.advance(30_000)
    const left = await cluster.pods('app=web')
    expect(left.map(({ metadata }) => metadata.ownerReferences?.[0]?.name)).toEqual(['b', 'b'])
  })
})

describe('a schedule', () => {
  const withSchedule = (schedule: string) => ({
    metadata: web,
    spec: {
      schedule,
      jobTemplate: { spec: { template: { spec: { ...template('web').spec, restartPolicy: 'Never' } } } },
    },
  })

  it('that cannot be read is refused', async () => {
    const { client } = await aCluster()
    await expect(client.create(cronJob, withSchedule('every day'))).rejects.toMatchObject({
      code: 422,
      details: { causes: [{ field: 'spec.schedule' }] },
    })
  })

  it('that never fires is told in an event, and costs nothing', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(cronJob, withSchedule('0 0 30 2 *'))
    await cluster.until(async () => {
      const { items } = await client.list(event, { namespace: 'default' })
      return items.some(({ type, reason }) => type === 'Warning' && reason === 'InvalidSchedule')
    })
    await cluster.clock.advance(600_000)
    expect((await client.list(job)).items).toEqual([])
  })
})
