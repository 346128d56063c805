import { afterEach, describe, expect, it } from 'vitest'
import { daemonSet } from '../../src-main/api/kinds/apps/daemon-set.ts'
import { deployment } from '../../src-main/api/kinds/apps/deployment.ts'
import { replicaSet } from '../../src-main/api/kinds/apps/replica-set.ts'
import { statefulSet } from '../../src-main/api/kinds/apps/stateful-set.ts'
import { cronJob } from '../../src-main/api/kinds/batch/cron-job.ts'
import { job } from '../../src-main/api/kinds/batch/job.ts'
import { configMap } from '../../src-main/api/kinds/core/config-map.ts'
import { endpoints } from '../../src-main/api/kinds/core/endpoints.ts'
import { event } from '../../src-main/api/kinds/core/event.ts'
import { namespace } from '../../src-main/api/kinds/core/namespace.ts'
import { node } from '../../src-main/api/kinds/core/node.ts'
import { persistentVolumeClaim } from '../../src-main/api/kinds/core/persistent-volume-claim.ts'
import { pod } from '../../src-main/api/kinds/core/pod.ts'
import { replicationController } from '../../src-main/api/kinds/core/replication-controller.ts'
import { resourceQuota } from '../../src-main/api/kinds/core/resource-quota.ts'
import { service } from '../../src-main/api/kinds/core/service.ts'
import { serviceAccount } from '../../src-main/api/kinds/core/service-account.ts'
import { endpointSlice } from '../../src-main/api/kinds/discovery/endpoint-slice.ts'
import type { Deployment, DeploymentSpec } from '../../src-main/api/types/apps-v1.ts'
import type { Job, JobSpec } from '../../src-main/api/types/batch-v1.ts'
import { isTerminating } from '../../src-main/api/meta/pod.ts'
import { startWorkloadCluster, type WorkloadCluster } from '../support/workload-cluster.ts'

let running: WorkloadCluster | undefined
afterEach(async () => {
  // Every controller gets by with the rights of its own role.
  expect(running?.complaints.filter(({ message }) => / is forbidden: User /.test(message)) ?? []).toEqual([])
  await running?.stop()
  running = undefined
})

async function aCluster(nodes?: string[]): Promise<WorkloadCluster> {
  running = await startWorkloadCluster(nodes)
  return running
}

const web = { name: 'web', namespace: 'default' }
const aDeployment = (spec: Partial<DeploymentSpec> = {}, metadata = web): Deployment => ({
  metadata,
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'orrery.dev/web:1' }] },
    },
    ...spec,
  },
})
const image = (tag: string) => ({ spec: { template: { spec: { containers: [{ name: 'web', image: tag }] } } } })

async function rolledOut({ client, until }: WorkloadCluster, replicas = 3): Promise<void> {
  await until(async () => {
    const { status, metadata } = await client.get(deployment, web)
    return (
      status?.observedGeneration === metadata.generation &&
      status?.updatedReplicas === replicas &&
      status.replicas === replicas &&
      status.availableReplicas === replicas
    )
  })
}

async function toldOf({ client }: WorkloadCluster, kind: string, name: string): Promise<(string | undefined)[]> {
  const { items } = await client.list(event)
  return items
    .filter(({ involvedObject: about }) => about.kind === kind && about.name === name)
    .map(({ message }) => message)
}

describe('a deployment', () => {
  it('becomes pods that run on all nodes, and says so', async () => {
    const cluster = await aCluster()
    await cluster.client.create(deployment, aDeployment())
    await rolledOut(cluster)
    const pods = await cluster.pods('app=web')
    expect(new Set(pods.map(({ spec }) => spec?.nodeName))).toEqual(new Set(['one', 'two']))
    const { items } = await cluster.client.list(event, { namespace: 'default' })
    const messages = items.map(({ reason, message }) => `${reason}: ${message}`)
    const [owner] = (await cluster.client.list(replicaSet)).items
    expect(messages).toContain(`ScalingReplicaSet: Scaled up replica set ${owner?.metadata.name} from 0 to 3`)
    expect(messages).toContain(`SuccessfulCreate: Created pod: ${pods[0]?.metadata.name}`)
    const { metadata, spec } = pods[0]!
    expect(messages).toContain(`Scheduled: Successfully assigned default/${metadata.name} to ${spec?.nodeName}`)
    expect(cluster.complaints).toEqual([])
  })

  it('scales up and down, and replaces a pod that is deleted', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(deployment, aDeployment())
    await rolledOut(cluster)
    await client.patch(deployment, web, { type: 'merge', patch: { spec: { replicas: 5 } } })
    await rolledOut(cluster, 5)
    await client.patch(deployment, web, { type: 'merge', patch: { spec: { replicas: 2 } } })
    await rolledOut(cluster, 2)
    await cluster.until(async () => (await cluster.pods('app=web')).length === 2)
    const [first] = await cluster.pods('app=web')
    await client.delete(pod, { namespace: 'default', name: first!.metadata.name })
    await cluster.until(async () => {
      const pods = await cluster.pods('app=web')
      return pods.length === 2 && pods.every(({ metadata }) => metadata.uid !== first?.metadata.uid)
    })
    await rolledOut(cluster, 2)
  })

  it('rolls to a new template and back without running fewer or more pods than it may', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(deployment, aDeployment({ replicas: 4 }))
    await rolledOut(cluster, 4)
    for (const tag of ['orrery.dev/web:2', 'orrery.dev/web:1']) {
      await client.patch(deployment, web, { type: 'strategic', patch: image(tag) })
      await cluster.until(async () => {
        const alive = (await cluster.pods('app=web')).filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        expect(await cluster.ready('app=web')).toBeGreaterThanOrEqual(3)
        expect(alive.length).toBeLessThanOrEqual(5)
        const { status, metadata } = await client.get(deployment, web)
        return (
          status?.observedGeneration === metadata.generation && status?.updatedReplicas === 4 && status.replicas === 4
        )
      })
      await rolledOut(cluster, 4)
      const images = (await cluster.pods('app=web')).map(({ spec }) => spec?.containers[0]?.image)
      expect(new Set(images)).toContain(tag)
    }
    const { metadata } = await client.get(deployment, web)
    expect(metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3')
    expect((await client.list(replicaSet)).items).toHaveLength(2)
  })

  it('with Recreate, never runs two versions at once', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(deployment, aDeployment({ strategy: { type: 'Recreate' } }))
    await rolledOut(cluster)
    await client.patch(deployment, web, { type: 'strategic', patch: image('orrery.dev/web:2') })
    await cluster.until(async () => {
      const images = new Set((await cluster.pods('app=web')).map(({ spec }) => spec?.containers[0]?.image))
      expect(images.size).toBeLessThanOrEqual(1)
      return images.has('orrery.dev/web:2')
    })
    await rolledOut(cluster)
  })

  it('whose new pods never become ready keeps the old ones and fails at its deadline', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(deployment, aDeployment({ progressDeadlineSeconds: 60 }))
    await rolledOut(cluster)
    await client.patch(deployment, web, { type: 'strategic', patch: image('orrery.dev/web:broken') })
    await cluster.until(async () => {
      const { status } = await client.get(deployment, web)
      return status?.conditions?.some(({ reason }) => reason === 'ProgressDeadlineExceeded') === true
    })
    expect(await cluster.ready('app=web')).toBe(3)
  })

  it('says that it may have no ReplicaSet, and rolls out once it may', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    const quota = { name: 'none', namespace: 'default' }
    await client.create(resourceQuota, { metadata: quota, spec: { hard: { 'count/replicasets.apps': '0' } } })
    await cluster.until(async () => (await client.get(resourceQuota, quota)).status?.hard !== undefined)
    await client.create(deployment, aDeployment())
    const progressing = async () =>
      (await client.get(deployment, web)).status?.conditions?.find(({ type }) => type === 'Progressing')
    await cluster.until(async () => (await progressing())?.reason === 'ReplicaSetCreateError')
    const message = /^Failed to create new replica set "web-\w+": .*exceeded quota: none/
    expect(await progressing()).toMatchObject({ status: 'False', message: expect.stringMatching(message) as string })
    const { items } = await client.list(event, { namespace: 'default' })
    expect(items).toContainEqual(expect.objectContaining({ type: 'Warning', reason: 'ReplicaSetCreateError' }))
    await client.delete(resourceQuota, quota)
    await rolledOut(cluster)
    expect(await progressing()).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' })
  })

  it('takes everything with it when it is deleted', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    for (const propagationPolicy of ['Background', 'Foreground'] as const) {
      await client.create(deployment, aDeployment())
      await rolledOut(cluster)
      await client.delete(deployment, web, { propagationPolicy })
      await cluster.until(async () => {
        const [pods, sets] = [await cluster.pods('app=web'), (await client.list(replicaSet)).items]
        const { items } = await client.list(deployment)
        if (propagationPolicy === 'Foreground' && sets.length > 0) expect(items).toHaveLength(1)
        return pods.length === 0 && sets.length === 0 && items.length === 0
      })
    }
  })

  it('that is deleted as an orphaner leaves its ReplicaSet, which a new one adopts', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(deployment, aDeployment())
    await rolledOut(cluster)
    const before = (await cluster.pods('app=web')).map(({ metadata }) => metadata.uid).sort()
    await client.delete(deployment, web, { propagationPolicy: 'Orphan' })
    await cluster.until(async () => (await client.list(deployment)).items.length === 0)
    await cluster.clock.advance(60_000)
    const [orphan] = (await client.list(replicaSet)).items
    expect(orphan?.metadata.ownerReferences).toBeUndefined()
    await client.create(deployment, aDeployment())
    await rolledOut(cluster)
    expect((await cluster.pods('app=web')).map(({ metadata }) => metadata.uid).sort()).toEqual(before)
  })
})

describe('a daemon set', () => {
  it('runs on every node, follows nodes that come and go, and rolls to a new template', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    const { spec } = aDeployment()
    const agent = { name: 'agent', namespace: 'default' }
    await client.create(daemonSet, { metadata: agent, spec: { selector: spec!.selector, template: spec!.template } })
    const nodesOf = async () => (await cluster.pods('app=web')).map((one) => one.spec?.nodeName).sort()
    const settled = async (count: number) => {
      const { status, metadata } = await client.get(daemonSet, agent)
      return (
        status?.observedGeneration === metadata.generation &&
        status?.numberAvailable === count &&
        status.updatedNumberScheduled === count &&
        (await cluster.pods('app=web')).length === count
      )
    }
    await cluster.until(() => settled(2))
    await cluster.addNode('three')
    await cluster.until(() => settled(3))
    expect(await nodesOf()).toEqual(['one', 'three', 'two'])
    await client.patch(daemonSet, agent, { type: 'strategic', patch: image('orrery.dev/web:2') })
    await cluster.until(async () => {
      expect(await cluster.ready('app=web')).toBeGreaterThanOrEqual(2)
      return settled(3)
    })
    const images = (await cluster.pods('app=web')).map((one) => one.spec?.containers[0]?.image)
    expect(new Set(images)).toEqual(new Set(['orrery.dev/web:2']))
    await client.delete(node, { name: 'three' })
    await cluster.until(() => settled(2))
    await client.delete(daemonSet, agent)
    await cluster.until(async () => (await cluster.pods('app=web')).length === 0)
    expect(cluster.complaints).toEqual([])
  })
})

describe('a stateful set', () => {
  it('brings its pods up in order, rolls them from the last to the first, and leaves their claims', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    const { spec } = aDeployment()
    const db = { name: 'db', namespace: 'default' }
    const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
    await client.create(statefulSet, {
      metadata: db,
      spec: {
        replicas: 3,
        serviceName: 'db',
        selector: spec!.selector,
        template: spec!.template,
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }],
      },
    })
    const order: string[] = []
    const settled = async (replicas: number) => {
      for (const { metadata } of await cluster.pods('app=web'))
        if (order.at(-1) !== metadata.name && !order.includes(metadata.uid)) order.push(metadata.uid, metadata.name)
      const { status, metadata } = await client.get(statefulSet, db)
      return (
        status?.observedGeneration === metadata.generation &&
        status?.updatedReplicas === replicas &&
        status.availableReplicas === replicas &&
        status.replicas === replicas &&
        status.currentRevision === status.updateRevision
      )
    }
    const names = () => order.filter((one) => one.startsWith('db-'))
    await cluster.until(() => settled(3))
    expect(names()).toEqual(['db-0', 'db-1', 'db-2'])
    order.length = 0
    for (const { metadata } of await cluster.pods('app=web')) order.push(metadata.uid)
    await client.patch(statefulSet, db, { type: 'strategic', patch: image('orrery.dev/web:2') })
    await cluster.until(async () => {
      expect(await cluster.ready('app=web')).toBeGreaterThanOrEqual(2)
      return settled(3)
    })
    expect(names()).toEqual(['db-2', 'db-1', 'db-0'])
    await client.patch(statefulSet, db, { type: 'merge', patch: { spec: { replicas: 1 } } })
    await cluster.until(() => settled(1))
    const claims = (await client.list(persistentVolumeClaim)).items.map(({ metadata }) => metadata.name)
    expect(claims).toEqual(['data-db-0', 'data-db-1', 'data-db-2'])
    expect(cluster.complaints).toEqual([])
  })
})

describe('a stateful set whose claim is deleted', () => {
  it('waits until it is gone, and gives its pod a new one', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    const { spec } = aDeployment()
    const resources = { requests: { storage: '1Gi' } }
    const data = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources } }
    const container = { name: 'web', image: 'orrery.dev/web:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }
    const template = { ...spec!.template, spec: { containers: [container] } }
    await client.create(statefulSet, {
      metadata: web,
      spec: { replicas: 1, serviceName: 'web', selector: spec!.selector, template, volumeClaimTemplates: [data] },
    })
    const claim = { name: 'data-web-0', namespace: 'default' }
    const claimUid = async () =>
      (await client.list(persistentVolumeClaim)).items.find(({ metadata }) => metadata.name === claim.name)?.metadata
        .uid
    await cluster.until(async () => (await cluster.ready('app=web')) === 1)
    const [before] = await cluster.pods('app=web')
    const first = await claimUid()
    await client.delete(persistentVolumeClaim, claim)
    expect(await claimUid()).toBe(first)
    await client.delete(pod, { name: 'web-0', namespace: 'default' })
    await cluster.until(async () => {
      const [now] = await cluster.pods('app=web')
      return (await cluster.ready('app=web')) === 1 && now?.metadata.uid !== before?.metadata.uid
    })
    expect(await claimUid()).not.toBe(first)
    expect(await claimUid()).toBeDefined()
  })
})

describe('a job', () => {
  const work = { name: 'work', namespace: 'default' }
  const aJob = (tag: string, spec: Partial<JobSpec> = {}): Job => ({
    metadata: work,
    spec: {
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'web', image: `orrery.dev/web:${tag}` }] } },
      ...spec,
    },
  })
  const is = async ({ client }: WorkloadCluster, type: string) =>
    (await client.get(job, work)).status?.conditions?.some((one) => one.type === type && one.status === 'True') === true

  it('runs its pods to completion, a few at a time, and goes when its time is over', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(
      job,
      aJob('succeeds', { completions: 5, parallelism: 2, completionMode: 'Indexed', ttlSecondsAfterFinished: 60 }),
    )
    await cluster.until(() => is(cluster, 'Complete'))
    const { status } = await client.get(job, work)
    expect(status).toMatchObject({ succeeded: 5, completedIndexes: '0-4' })
    expect(status?.active).toBeUndefined()
    const pods = await cluster.pods()
    expect(pods).toHaveLength(5)
    await cluster.until(async () => (await cluster.pods()).every(({ metadata }) => metadata.finalizers === undefined))
    await cluster.until(async () => (await client.list(job)).items.length === 0 && (await cluster.pods()).length === 0)
    expect(cluster.complaints).toEqual([])
  })

  it('fails after as many tries as it may have', async () => {
    const cluster = await aCluster()
    await cluster.client.create(job, aJob('fails', { backoffLimit: 2 }))
    await cluster.until(() => is(cluster, 'Failed'))
    expect((await cluster.client.get(job, work)).status?.failed).toBe(3)
  })

  it('has no pods while it is suspended', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(job, aJob('1', { parallelism: 3, completions: 3 }))
    await cluster.until(async () => (await client.get(job, work)).status?.ready === 3)
    await client.patch(job, work, { type: 'merge', patch: { spec: { suspend: true } } })
    await cluster.until(async () => (await is(cluster, 'Suspended')) && (await cluster.pods()).length === 0)
    await client.patch(job, work, { type: 'merge', patch: { spec: { suspend: false } } })
    await cluster.until(async () => (await client.get(job, work)).status?.ready === 3)
    await client.delete(job, work)
    await cluster.until(async () => (await cluster.pods()).length === 0)
  })
})

describe('a cron job', () => {
  it('starts a job each minute, and keeps as many as it should', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    const template = {
      spec: { restartPolicy: 'Never', containers: [{ name: 'web', image: 'orrery.dev/web:succeeds' }] },
    }
    await client.create(cronJob, {
      metadata: { name: 'tick', namespace: 'default' },
      spec: { schedule: '* * * * *', jobTemplate: { spec: { template } }, successfulJobsHistoryLimit: 2 },
    })
    const ended = async () => {
      const { items } = await client.list(event, { namespace: 'default' })
      return items.filter(({ reason }) => reason === 'SawCompletedJob').length
    }
    await cluster.until(async () => (await ended()) === 4)
    expect((await client.list(job)).items.length).toBeLessThanOrEqual(3)
    expect(cluster.complaints).toEqual([])
  })
})

describe('a replication controller', () => {
  it('keeps its pods, takes strays and lets strangers go', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    const { spec } = aDeployment()
    await client.create(replicationController, {
      metadata: web,
      spec: { replicas: 3, selector: { app: 'web' }, template: spec!.template },
    })
    await cluster.until(async () => (await client.get(replicationController, web)).status?.readyReplicas === 3)
    const [first] = await cluster.pods('app=web')
    const { name } = first!.metadata
    await client.patch(
      pod,
      { namespace: 'default', name },
      { type: 'merge', patch: { metadata: { labels: { app: 'mine' } } } },
    )
    await cluster.until(async () => (await cluster.ready('app=web')) === 3)
    expect((await client.get(pod, { namespace: 'default', name })).metadata.ownerReferences).toBeUndefined()
    await client.patch(
      pod,
      { namespace: 'default', name },
      { type: 'merge', patch: { metadata: { labels: { app: 'web' } } } },
    )
    await cluster.until(async () => (await cluster.pods('app=web')).length === 3)
    expect(cluster.complaints).toEqual([])
  })
})

describe('a service', () => {
  it('has the ready pods that it selects as its endpoints, in both forms', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    const ports = [{ port: 80, targetPort: 8080, name: 'http' }]
    await client.create(service, { metadata: web, spec: { selector: { app: 'web' }, ports } })
    await client.create(deployment, aDeployment())
    await rolledOut(cluster)
    const slices = async () =>
      (await client.list(endpointSlice, { labelSelector: 'kubernetes.io/service-name=web' })).items
    await cluster.until(async () => (await slices())[0]?.endpoints?.length === 3)
    const [slice, ...more] = await slices()
    expect(more).toEqual([])
    expect(slice?.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }])
    expect(slice?.endpoints?.every(({ conditions }) => conditions?.ready)).toBe(true)
    const found = await client.get(endpoints, web)
    expect(found.subsets).toMatchObject([{ ports: [{ name: 'http', port: 8080 }] }])
    expect(found.subsets?.[0]?.addresses).toHaveLength(3)
    await client.delete(service, web)
    await cluster.until(async () => (await slices()).length === 0)
    await cluster.until(async () =>
      (await client.list(endpoints)).items.every(({ metadata }) => metadata.name !== 'web'),
    )
  })
})

describe('the scheduler', () => {
  it('says why a pod has no node, and gives it one as soon as that is over', async () => {
    const cluster = await aCluster([])
    const { client } = cluster
    await cluster.addNode('small')
    await cluster.addNode('closed', { taints: [{ key: 'dedicated', effect: 'NoSchedule' }] })
    const resources = { requests: { cpu: '5' } }
    const name = { name: 'big', namespace: 'default' }
    await client.create(pod, { metadata: name, spec: { containers: [{ name: 'c', image: 'i', resources }] } })
    const message =
      '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.'
    await cluster.until(async () => {
      const { status } = await client.get(pod, name)
      return status?.conditions?.some((one) => one.type === 'PodScheduled' && one.message === message) === true
    })
    const { items } = await client.list(event, { namespace: 'default' })
    expect(items).toContainEqual(expect.objectContaining({ type: 'Warning', reason: 'FailedScheduling', message }))
    const status = { allocatable: { cpu: '8', memory: '8Gi', pods: '10' } }
    await client.patch(node, { name: 'small' }, { type: 'merge', patch: { status } }, { subresource: 'status' })
    await cluster.until(async () => (await client.get(pod, name)).spec?.nodeName === 'small', 20_000)
  })
})

describe('a node that falls silent', () => {
  it('is marked, and its pods move to another one after the time that they tolerate', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(deployment, aDeployment())
    await rolledOut(cluster)
    cluster.silence('two')
    await cluster.until(async () => {
      const { status, spec } = await client.get(node, { name: 'two' })
      const ready = status?.conditions?.find(({ type }) => type === 'Ready')
      return ready?.status === 'Unknown' && spec?.taints?.some(({ effect }) => effect === 'NoExecute') === true
    }, 60_000)
    await cluster.until(async () => (await client.get(deployment, web)).status?.availableReplicas !== 3)
    await cluster.until(async () => {
      const onOne = (await cluster.pods('app=web')).filter(({ spec }) => spec?.nodeName === 'one')
      return onOne.length === 3
    }, 400_000)
    expect(await toldOf(cluster, 'Node', 'two')).toEqual([
      'Node two event: Registered Node two in Controller',
      'Node two status is now: NodeNotReady',
    ])
    const { items } = await client.list(event)
    const ofPods = items.filter(
      ({ involvedObject, reason }) => involvedObject.kind === 'Pod' && reason === 'NodeNotReady',
    )
    expect(new Set(ofPods.map(({ message }) => message))).toEqual(new Set(['Node is not ready']))
  })

  it('gives up its pods when it is deleted', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(deployment, aDeployment())
    await rolledOut(cluster)
    cluster.silence('two')
    await client.delete(node, { name: 'two' })
    await cluster.until(async () => {
      const pods = await cluster.pods('app=web')
      return pods.length === 3 && pods.every(({ spec }) => spec?.nodeName === 'one')
    })
    expect(await toldOf(cluster, 'Node', 'two')).toContain('Node two event: Removing Node two from Controller')
  })
})

describe('a pod whose node is lost', () => {
  // The finalizer keeps it for a look at how it ended.
  const aPodOn = async ({ client }: WorkloadCluster, nodeName: string) =>
    client.create(pod, {
      metadata: { ...web, finalizers: ['example.com/look'] },
      spec: { nodeName, containers: [{ name: 'web', image: 'orrery.dev/web:1' }] },
    })
  const isGoing = async ({ client }: WorkloadCluster) => isTerminating(await client.get(pod, web))

  it('has failed for that when the node is deleted', async () => {
    const cluster = await aCluster()
    await aPodOn(cluster, 'two')
    cluster.silence('two')
    await cluster.client.delete(node, { name: 'two' })
    await cluster.until(() => isGoing(cluster), 60_000)
    const { status } = await cluster.client.get(pod, web)
    expect(status?.phase).toBe('Failed')
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', reason: 'DeletionByPodGC' }),
    )
  })

  it('has failed once somebody says that the node is out of service', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await aPodOn(cluster, 'two')
    cluster.silence('two')
    await client.delete(pod, web)
    await cluster.until(async () => {
      const { status } = await client.get(node, { name: 'two' })
      return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'Unknown'
    }, 60_000)
    expect((await client.get(pod, web)).status?.phase).not.toBe('Failed')
    const taints = [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }]
    await client.patch(node, { name: 'two' }, { type: 'merge', patch: { spec: { taints } } })
    await cluster.until(async () => (await client.get(pod, web)).status?.phase === 'Failed')
  })
})

describe('a namespace', () => {
  it('gets a service account and the root certificates', async () => {
    const cluster = await aCluster()
    await cluster.client.create(namespace, { metadata: { name: 'team' } })
    await cluster.until(async () => {
      const accounts = await cluster.client.list(serviceAccount, { namespace: 'team' })
      const maps = await cluster.client.list(configMap, { namespace: 'team' })
      return accounts.items.length === 1 && maps.items[0]?.data?.['ca.crt'] === 'PEM'
    })
  })

  it('goes with everything in it', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(namespace, { metadata: { name: 'team' } })
    await client.create(deployment, aDeployment({}, { name: 'web', namespace: 'team' }))
    await client.create(service, {
      metadata: { name: 'web', namespace: 'team' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    })
    await cluster.until(async () => (await cluster.pods('app=web', 'team')).length === 3)
    await client.delete(namespace, { name: 'team' })
    await cluster.until(async () =>
      (await client.list(namespace)).items.every(({ metadata }) => metadata.name !== 'team'),
    )
    expect(await cluster.pods(undefined, 'team')).toEqual([])
    expect((await client.list(configMap, { namespace: 'team' })).items).toEqual([])
  })
})

describe('a taint with the effect NoExecute', () => {
  const taint = { key: 'kubernetes.io/e2e-evict', value: 'evictTaintVal', effect: 'NoExecute' }
  // Without a time of its own, as `kubectl taint` writes it.
  const tainted = ({ client }: WorkloadCluster, taints: object[] | null) =>
    client.patch(node, { name: 'one' }, { type: 'merge', patch: { spec: { taints } } })
  const aPod = async (cluster: WorkloadCluster, name: string, tolerationSeconds?: number) => {
    const tolerations = [{ ...taint, operator: 'Equal', tolerationSeconds }]
    const spec = {
      containers: [{ name: 'web', image: 'orrery.dev/web:1' }],
      ...(tolerationSeconds === undefined ? {} : { tolerations }),
    }
    await cluster.client.create(pod, { metadata: { ...web, name, labels: { group: 'taint' } }, spec })
  }
  const left = async (cluster: WorkloadCluster) =>
    (await cluster.pods('group=taint')).filter((one) => !isTerminating(one)).map(({ metadata }) => metadata.name)

  it('evicts each pod when its own time is over, and those that do not tolerate it at once', async () => {
    const cluster = await aCluster(['one'])
    await aPod(cluster, 'a', 5)
    await aPod(cluster, 'b', 20)
    await aPod(cluster, 'c')
    await cluster.until(async () => (await cluster.ready('group=taint')) === 3)
    await tainted(cluster, [taint])
    await cluster.clock.advance(2000)
    expect(await left(cluster)).toEqual(['a', 'b'])
    await cluster.clock.advance(6000)
    expect(await left(cluster)).toEqual(['b'])
    await cluster.clock.advance(10_000)
    expect(await left(cluster)).toEqual(['b'])
    await cluster.clock.advance(5000)
    expect(await left(cluster)).toEqual([])
  })

  it('that is taken away in time evicts nobody', async () => {
    const cluster = await aCluster(['one'])
    await aPod(cluster, 'a', 60)
    await cluster.until(async () => (await cluster.ready('group=taint')) === 1)
    await tainted(cluster, [taint])
    await cluster.clock.advance(30_000)
    await tainted(cluster, null)
    await cluster.clock.advance(90_000)
    expect(await left(cluster)).toEqual(['a'])
    const reasons = (await cluster.client.list(event, { namespace: 'default' })).items.map(({ reason }) => reason)
    expect(reasons).toContain('TaintManagerEviction')
  })
})
