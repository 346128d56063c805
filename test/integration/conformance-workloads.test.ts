/** The claims of the official conformance tests on Deployments, ReplicaSets, StatefulSets, DaemonSets and CronJobs. */
import { afterEach, describe, expect, it } from 'vitest'
import { controllerRevision } from '../../src-main/api/kinds/apps/controller-revision.ts'
import { daemonSet } from '../../src-main/api/kinds/apps/daemon-set.ts'
import { deployment } from '../../src-main/api/kinds/apps/deployment.ts'
import { replicaSet } from '../../src-main/api/kinds/apps/replica-set.ts'
import { statefulSet } from '../../src-main/api/kinds/apps/stateful-set.ts'
import { cronJob } from '../../src-main/api/kinds/batch/cron-job.ts'
import { job } from '../../src-main/api/kinds/batch/job.ts'
import { event } from '../../src-main/api/kinds/core/event.ts'
import { node } from '../../src-main/api/kinds/core/node.ts'
import { pod } from '../../src-main/api/kinds/core/pod.ts'
import { controllerOf } from '../../src-main/api/meta/owner-references.ts'
import { isTerminating } from '../../src-main/api/meta/pod.ts'
import type { DeploymentSpec, StatefulSetSpec } from '../../src-main/api/types/apps-v1.ts'
import { startWorkloadCluster, type WorkloadCluster } from '../support/workload-cluster.ts'

let running: WorkloadCluster | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})
async function aCluster(nodes?: string[]): Promise<WorkloadCluster> {
  running = await startWorkloadCluster(nodes)
  return running
}

const web = { name: 'web', namespace: 'default' }
const named = (name: string) => ({ name, namespace: 'default' })
const container = (tag: string) => ({ name: 'web', image: `orrery.dev/web:${tag}` })
const template = (tag = '1', app = 'web') => ({ metadata: { labels: { app } }, spec: { containers: [container(tag)] } })
const selector = { matchLabels: { app: 'web' } }
const image = (tag: string) => ({ spec: { template: { spec: { containers: [container(tag)] } } } })
const merge = (patch: object) => ({ type: 'merge', patch }) as const
const strategic = (patch: object) => ({ type: 'strategic', patch }) as const

describe('a replica set', () => {
  it('adopts a matching pod that nobody has, and releases one whose labels stop to match', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(pod, {
      metadata: { ...named('stray'), labels: { app: 'web' } },
      spec: { containers: [container('1')] },
    })
    await client.create(replicaSet, { metadata: web, spec: { replicas: 1, selector, template: template() } })
    await cluster.until(async () => controllerOf(await client.get(pod, named('stray')))?.name === 'web')
    expect(await cluster.pods('app=web')).toHaveLength(1)
    await client.patch(pod, named('stray'), merge({ metadata: { labels: { app: 'mine' } } }))
    await cluster.until(async () => {
      const { metadata } = await client.get(pod, named('stray'))
      return metadata.ownerReferences === undefined && (await cluster.ready('app=web')) === 1
    })
  })

  it('scales by its scale subresource', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(replicaSet, { metadata: web, spec: { replicas: 1, selector, template: template() } })
    await cluster.until(async () => (await cluster.ready('app=web')) === 1)
    await client.patch(replicaSet, web, merge({ spec: { replicas: 2 } }), { subresource: 'scale' })
    await cluster.until(async () => (await client.get(replicaSet, web)).status?.availableReplicas === 2)
  })
})

describe('a deployment', () => {
  const create = async ({ client }: WorkloadCluster, spec: Partial<DeploymentSpec> = {}) =>
    client.create(deployment, { metadata: web, spec: { replicas: 3, selector, template: template(), ...spec } })
  const available = async ({ client }: WorkloadCluster) => (await client.get(deployment, web)).status?.availableReplicas
  const complete = async ({ client }: WorkloadCluster) => {
    const { metadata, spec, status } = await client.get(deployment, web)
    return (
      status?.observedGeneration === metadata.generation &&
      [status?.updatedReplicas, status?.availableReplicas, status?.replicas].every((count) => count === spec?.replicas)
    )
  }

  it('takes over the pods of a replica set that its selector finds, and replaces them', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(replicaSet, {
      metadata: {
        ...named('old'),
        labels: { app: 'web' },
        annotations: { 'deployment.kubernetes.io/revision': '3546343826724305832' },
      },
      spec: { replicas: 1, selector, template: template('0') },
    })
    await cluster.until(async () => (await cluster.ready('app=web')) === 1)
    await create(cluster, { replicas: 1 })
    await cluster.until(() => complete(cluster))
    expect((await client.get(replicaSet, named('old'))).spec?.replicas).toBe(0)
    const { metadata } = await client.get(deployment, web)
    expect(metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3546343826724305833')
  })

  it('keeps no old replica set with a history limit of 0', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await create(cluster, { revisionHistoryLimit: 0 })
    await cluster.until(() => complete(cluster))
    await client.patch(deployment, web, strategic(image('2')))
    await cluster.until(async () => (await complete(cluster)) && (await client.list(replicaSet)).items.length === 1)
  })

  it('rolls over to a newer template in the middle of a rollout that cannot succeed', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await create(cluster, { minReadySeconds: 5 })
    await cluster.until(() => complete(cluster))
    await client.patch(deployment, web, strategic(image('broken')))
    await cluster.until(async () => (await client.list(replicaSet)).items.length === 2)
    await cluster.clock.advance(3000)
    await client.patch(deployment, web, strategic(image('3')))
    await cluster.until(async () => {
      expect(await cluster.ready('app=web')).toBeGreaterThanOrEqual(3)
      return complete(cluster)
    })
    const sizes = (await client.list(replicaSet)).items.map(({ spec }) => spec?.replicas).sort()
    expect(sizes).toEqual([0, 0, 3])
  })

  it('shares a new count in proportion while a rollout is stuck', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await create(cluster, {
      replicas: 10,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } },
    })
    await cluster.until(() => complete(cluster))
    await client.patch(deployment, web, strategic(image('broken')))
    const sizes = async () => (await client.list(replicaSet)).items.map(({ spec }) => spec?.replicas ?? 0).sort()
    const totalOf = async () => (await sizes()).reduce((sum, one) => sum + one, 0)
    await cluster.until(async () => (await sizes()).join() === '5,8')
    await client.patch(deployment, web, merge({ spec: { replicas: 30 } }))
    await cluster.until(async () => (await totalOf()) === 33)
    expect(await sizes()).toEqual([13, 20])
  })

  it('does nothing while it is paused, and everything at once when it goes on', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await create(cluster)
    await cluster.until(() => complete(cluster))
    await client.patch(deployment, web, merge({ spec: { paused: true } }))
    await client.patch(deployment, web, strategic(image('2')))
    await cluster.clock.advance(30_000)
    expect((await client.list(replicaSet)).items).toHaveLength(1)
    await client.patch(deployment, web, merge({ spec: { paused: false } }))
    await cluster.until(async () => (await complete(cluster)) && (await client.list(replicaSet)).items.length === 2)
  })

  it('counts pods that are on their way out', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await create(cluster)
    await cluster.until(async () => (await available(cluster)) === 3)
    await client.patch(deployment, web, merge({ spec: { replicas: 1 } }))
    await cluster.until(async () => (await client.get(deployment, web)).status?.terminatingReplicas === 2)
    await cluster.until(async () => (await client.get(deployment, web)).status?.terminatingReplicas === 0)
  })
})

describe('a stateful set', () => {
  const create = async ({ client }: WorkloadCluster, spec: Partial<StatefulSetSpec> = {}) =>
    client.create(statefulSet, {
      metadata: web,
      spec: { replicas: 3, serviceName: 'web', selector, template: template(), ...spec },
    })
  const names = async (cluster: WorkloadCluster) =>
    (await cluster.pods('app=web')).map(({ metadata }) => metadata.name).sort()
  const images = async (cluster: WorkloadCluster) =>
    Object.fromEntries(
      (await cluster.pods('app=web')).map(({ metadata, spec }) => [metadata.name, spec?.containers[0]?.image]),
    )
  const unready = async ({ client }: WorkloadCluster, name: string, status: 'True' | 'False') => {
    const condition = { type: 'Ready', status, lastTransitionTime: '2026-01-01T00:00:00Z' }
    const patch = { status: { conditions: [condition] } }
    await client.patch(pod, named(name), strategic(patch), { subresource: 'status' })
  }

  it('halts to scale up and down while a pod is not ready', async () => {
    const cluster = await startWorkloadCluster(['one'], { keepUnready: true })
    running = cluster
    const { client, clock } = cluster
    await create(cluster, { replicas: 1 })
    await cluster.until(async () => (await cluster.ready('app=web')) === 1)
    await unready(cluster, 'web-0', 'False')
    await client.patch(statefulSet, web, merge({ spec: { replicas: 3 } }))
    await clock.advance(20_000)
    expect(await names(cluster)).toEqual(['web-0'])
    await unready(cluster, 'web-0', 'True')
    await cluster.until(async () => (await cluster.ready('app=web')) === 3)
    for (const name of await names(cluster)) await unready(cluster, name, 'False')
    await client.patch(statefulSet, web, merge({ spec: { replicas: 0 } }))
    await clock.advance(20_000)
    expect(await names(cluster)).toEqual(['web-0', 'web-1', 'web-2'])
    for (const name of await names(cluster)) await unready(cluster, name, 'True')
    await cluster.until(async () => (await names(cluster)).length === 0)
  })

  it('in parallel, scales although pods are not ready', async () => {
    const cluster = await startWorkloadCluster(['one'], { keepUnready: true })
    running = cluster
    const { client } = cluster
    await create(cluster, { replicas: 1, podManagementPolicy: 'Parallel' })
    await cluster.until(async () => (await cluster.ready('app=web')) === 1)
    await unready(cluster, 'web-0', 'False')
    await client.patch(statefulSet, web, merge({ spec: { replicas: 3 } }))
    await cluster.until(async () => (await names(cluster)).length === 3)
    await client.patch(statefulSet, web, merge({ spec: { replicas: 0 } }))
    await cluster.until(async () => (await names(cluster)).length === 0)
  })

  it('updates down to its partition, as a canary and in phases, and comes back below it in the old version', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    const partition = (value: number) =>
      merge({ spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: value } } } })
    await create(cluster, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 3 } } })
    await cluster.until(async () => (await cluster.ready('app=web')) === 3)
    await client.patch(statefulSet, web, strategic(image('2')))
    await cluster.clock.advance(10_000)
    const { status } = await client.get(statefulSet, web)
    expect(status?.currentRevision).not.toBe(status?.updateRevision)
    await client.patch(statefulSet, web, partition(2))
    const of = (...tags: string[]) => Object.fromEntries(tags.map((tag, at) => [`web-${at}`, `orrery.dev/web:${tag}`]))
    const settled = async (...tags: string[]) =>
      JSON.stringify(await images(cluster)) === JSON.stringify(of(...tags)) && (await cluster.ready('app=web')) === 3
    await cluster.until(() => settled('1', '1', '2'))
    await client.delete(pod, named('web-0'))
    await client.delete(pod, named('web-2'))
    await cluster.until(() => settled('1', '1', '2'))
    await client.patch(statefulSet, web, partition(0))
    await cluster.until(() => settled('2', '2', '2'))
  })

  it('rolls back from a template whose pods never become ready', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await create(cluster)
    await cluster.until(async () => (await cluster.ready('app=web')) === 3)
    await client.patch(statefulSet, web, strategic(image('broken')))
    await cluster.until(async () => (await images(cluster))['web-2'] === 'orrery.dev/web:broken')
    await cluster.clock.advance(10_000)
    expect((await images(cluster))['web-1']).toBe('orrery.dev/web:1')
    await client.patch(statefulSet, web, strategic(image('1')))
    await cluster.until(async () => (await cluster.ready('app=web')) === 3)
    expect(Object.values(await images(cluster))).toEqual(Array(3).fill('orrery.dev/web:1'))
  })

  it('replaces a pod that failed', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await create(cluster, { replicas: 1 })
    await cluster.until(async () => (await cluster.ready('app=web')) === 1)
    const [before] = await cluster.pods('app=web')
    await client.patch(
      pod,
      named('web-0'),
      merge({ status: { phase: 'Failed', reason: 'Evicted', conditions: null } }),
      { subresource: 'status' },
    )
    await cluster.until(async () => {
      const [now] = await cluster.pods('app=web')
      return now !== undefined && now.metadata.uid !== before?.metadata.uid && (await cluster.ready('app=web')) === 1
    })
  })

  it('numbers its pods from where it is told', async () => {
    const cluster = await aCluster()
    await create(cluster, { replicas: 2, ordinals: { start: 5 } })
    await cluster.until(async () => (await cluster.ready('app=web')) === 2)
    expect(await names(cluster)).toEqual(['web-5', 'web-6'])
    await cluster.client.patch(statefulSet, web, merge({ spec: { ordinals: { start: 6 } } }))
    await cluster.until(async () => (await names(cluster)).join() === 'web-6,web-7')
  })
})

describe('a daemon set', () => {
  const create = async ({ client }: WorkloadCluster, nodeSelector?: Record<string, string>) => {
    const { metadata, spec } = template()
    await client.create(daemonSet, {
      metadata: web,
      spec: {
        selector,
        template: { metadata, spec: { ...spec, ...(nodeSelector === undefined ? {} : { nodeSelector }) } },
      },
    })
  }
  const places = async (cluster: WorkloadCluster) =>
    (await cluster.pods('app=web')).filter((one) => !isTerminating(one)).map(({ spec }) => spec?.nodeName)

  it('runs where its node selector says, as labels change', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await create(cluster, { color: 'blue' })
    await cluster.clock.advance(5000)
    expect(await places(cluster)).toEqual([])
    await client.patch(node, { name: 'one' }, merge({ metadata: { labels: { color: 'blue' } } }))
    await cluster.until(async () => (await places(cluster)).join() === 'one')
    await client.patch(node, { name: 'one' }, merge({ metadata: { labels: { color: 'green' } } }))
    await cluster.until(async () => (await places(cluster)).length === 0)
  })

  it('replaces a pod that failed', async () => {
    const cluster = await aCluster(['one'])
    const { client } = cluster
    await create(cluster)
    await cluster.until(async () => (await cluster.ready('app=web')) === 1)
    const [before] = await cluster.pods('app=web')
    const patch = merge({ status: { phase: 'Failed', conditions: null } })
    await client.patch(pod, named(before!.metadata.name), patch, { subresource: 'status' })
    await cluster.until(async () => {
      const pods = await cluster.pods('app=web')
      return (
        pods.length === 1 && pods[0]?.metadata.uid !== before?.metadata.uid && (await cluster.ready('app=web')) === 1
      )
    })
    const { items } = await client.list(event, { namespace: 'default' })
    expect(items.map(({ reason }) => reason)).toContain('FailedDaemonPod')
  })

  it('is rolled back in the middle of an update without restarting the pods that never changed', async () => {
    const cluster = await aCluster(['one', 'two', 'three'])
    const { client } = cluster
    await create(cluster)
    await cluster.until(async () => (await cluster.ready('app=web')) === 3)
    const before = new Set((await cluster.pods('app=web')).map(({ metadata }) => metadata.uid))
    await client.patch(daemonSet, web, strategic(image('broken')))
    await cluster.until(async () => {
      const pods = await cluster.pods('app=web')
      return pods.some(({ spec }) => spec?.containers[0]?.image === 'orrery.dev/web:broken')
    })
    const [first] = (await client.list(controllerRevision)).items.sort((a, b) => a.revision - b.revision)
    // What `kubectl rollout undo` sends.
    await client.patch(daemonSet, web, strategic(first?.data as object))
    await cluster.until(async () => {
      const { status } = await client.get(daemonSet, web)
      return status?.updatedNumberScheduled === 3 && status.numberAvailable === 3
    })
    const after = (await cluster.pods('app=web')).filter(({ metadata }) => before.has(metadata.uid))
    expect(after).toHaveLength(2)
    const revisions = (await client.list(controllerRevision)).items.map(({ revision }) => revision).sort()
    expect(revisions).toEqual([2, 3])
  })
})

describe('a cron job', () => {
  const create = async ({ client }: WorkloadCluster, policy: string, tag: string, suspend = false) => {
    const { metadata, spec } = template(tag)
    await client.create(cronJob, {
      metadata: web,
      spec: {
        schedule: '*/1 * * * ?',
        concurrencyPolicy: policy,
        suspend,
        jobTemplate: { spec: { template: { metadata, spec: { ...spec, restartPolicy: 'OnFailure' } } } },
      },
    })
  }
  const activeOf = async ({ client }: WorkloadCluster) => (await client.get(cronJob, web)).status?.active ?? []
  const minutes = async ({ clock }: WorkloadCluster, count: number) => clock.advance(count * 60_000)

  it('starts nothing while it is suspended', async () => {
    const cluster = await aCluster()
    await create(cluster, 'Allow', '1', true)
    await minutes(cluster, 5)
    expect((await cluster.client.list(job)).items).toEqual([])
  })

  it.each([
    ['Allow', 3],
    ['Forbid', 1],
    ['Replace', 1],
  ])('with the policy %s, has %i jobs after three minutes', async (policy, count) => {
    const cluster = await aCluster()
    await create(cluster, policy, '1')
    await cluster.until(async () => (await activeOf(cluster)).length === 1)
    const [first] = await activeOf(cluster)
    await minutes(cluster, 2)
    await cluster.until(async () => (await cluster.client.list(job)).items.length === count)
    const active = await activeOf(cluster)
    expect(active).toHaveLength(count)
    expect(active.some(({ uid }) => uid === first?.uid)).toBe(policy !== 'Replace')
  })
})
