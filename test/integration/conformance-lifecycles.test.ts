/** The claims of the official conformance tests on the lives of workloads, with their controllers at work meanwhile. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { daemonSet } from '../../src-main/api/kinds/apps/daemon-set.ts'
import { deployment } from '../../src-main/api/kinds/apps/deployment.ts'
import { replicaSet } from '../../src-main/api/kinds/apps/replica-set.ts'
import { statefulSet } from '../../src-main/api/kinds/apps/stateful-set.ts'
import { job } from '../../src-main/api/kinds/batch/job.ts'
import { namespace as namespaceKind } from '../../src-main/api/kinds/core/namespace.ts'
import { replicationController } from '../../src-main/api/kinds/core/replication-controller.ts'
import { resourceQuota } from '../../src-main/api/kinds/core/resource-quota.ts'
import { podDisruptionBudget } from '../../src-main/api/kinds/policy/pod-disruption-budget.ts'
import type { Kind } from '../../src-main/api/define-kind.ts'
import type { Live } from '../../src-main/api/meta/object.ts'
import type { Scale } from '../../src-main/api/types/autoscaling-v1.ts'
import { pathOf } from '../../src-main/client/paths.ts'
import { timestamp } from '../../src-main/lib/clock.ts'
import { startWorkloadCluster, type WorkloadCluster } from '../support/workload-cluster.ts'

let cluster: WorkloadCluster
beforeAll(async () => {
  cluster = await startWorkloadCluster()
})
afterAll(() => cluster.stop())

/** A namespace of its own for each test of the shared cluster. */
let made = 0
async function aNamespace(): Promise<string> {
  const name = `life-${++made}`
  await cluster.client.create(namespaceKind, { metadata: { name } })
  return name
}

const selector = { matchLabels: { app: 'web' } }
const podSpec = (tag: string) => ({ containers: [{ name: 'web', image: `orrery.dev/web:${tag}` }] })
const template = (tag = '1') => ({ metadata: { labels: { app: 'web' } }, spec: podSpec(tag) })
const merge = (patch: object) => ({ type: 'merge', patch }) as const
const strategic = (patch: object) => ({ type: 'strategic', patch }) as const

interface Workload {
  metadata?: { name?: string; namespace?: string; labels?: Record<string, string> }
  spec?: { replicas?: number; template?: object }
  status?: { conditions?: { type: string; status: string; reason?: string; message?: string }[] }
}

/** The kinds with pods of their own, and when such an object with one pod a node has all that it wants. */
const workloads = {
  Deployment: [deployment, (extra: object) => ({ replicas: 1, selector, template: template(), ...extra })],
  ReplicaSet: [replicaSet, (extra: object) => ({ replicas: 1, selector, template: template(), ...extra })],
  StatefulSet: [
    statefulSet,
    (extra: object) => ({ replicas: 1, serviceName: 'web', selector, template: template(), ...extra }),
  ],
  DaemonSet: [daemonSet, (extra: object) => ({ selector, template: template(), ...extra })],
  ReplicationController: [
    replicationController,
    (extra: object) => ({ replicas: 1, selector: { app: 'web' }, template: template(), ...extra }),
  ],
} as unknown as Record<string, readonly [Kind<Workload>, (extra: object) => object]>

async function create(name: string, namespace: string, extra: object = {}): Promise<Live<Workload>> {
  const [kind, specOf] = workloads[name]!
  const metadata = { name: 'web', namespace, labels: { suite: namespace } }
  return cluster.client.create(kind, { metadata, spec: specOf(extra) } as Workload)
}

const running = async (namespace: string, count: number): Promise<void> =>
  cluster.until(async () => {
    const pods = await cluster.pods('app=web', namespace)
    return pods.length === count && pods.every(({ status }) => status?.phase === 'Running')
  })

/** Everything of the kind that has this label, in all namespaces. */
const labelled = async (kind: Kind<Workload>, label: string) =>
  (await cluster.client.list(kind, { labelSelector: `suite=${label}` })).items
const deleteLabelled = (kind: Kind<Workload>, namespace: string) =>
  cluster.client.raw({
    method: 'DELETE',
    path: pathOf(kind, { namespace }),
    query: { labelSelector: `suite=${namespace}` },
  })

describe.each(['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'])('a %s', (name) => {
  it('has a scale that is read, replaced and patched, and followed by its pods', async () => {
    const namespace = await aNamespace()
    await create(name, namespace)
    await running(namespace, 1)
    const [kind] = workloads[name]!
    const path = `${pathOf(kind, { namespace })}/web/scale`
    const scale = (await cluster.client.raw({ method: 'GET', path })) as Scale
    expect(scale).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 1 } })
    const body = { ...scale, spec: { replicas: 2 } }
    expect(await cluster.client.raw({ method: 'PUT', path, body })).toMatchObject({ spec: { replicas: 2 } })
    await running(namespace, 2)
    await cluster.client.patch(kind, { name: 'web', namespace }, merge({ spec: { replicas: 4 } }), {
      subresource: 'scale',
    })
    expect((await cluster.client.get(kind, { name: 'web', namespace })).spec?.replicas).toBe(4)
    await running(namespace, 4)
    await cluster.until(
      async () => ((await cluster.client.raw({ method: 'GET', path })) as Scale).status?.replicas === 4,
    )
  })
})

describe.each(Object.keys(workloads))('a %s', (name) => {
  it('keeps what is written to its status while its controller works, and both are read', async () => {
    const namespace = await aNamespace()
    await create(name, namespace)
    await running(namespace, name === 'DaemonSet' ? 2 : 1)
    await cluster.clock.advance(2000)
    const { client } = cluster
    const [kind] = workloads[name]!
    const at = { name: 'web', namespace }
    const options = { subresource: 'status' }
    const condition = (type: string) => ({ type, status: 'True', reason: 'E2E', message: 'set by a test' })
    const has = async (type: string) =>
      (await client.get(kind, at, 'status')).status?.conditions?.some((one) => one.type === type) === true
    expect(await has('StatusUpdate')).toBe(false)
    const before = await client.get(kind, at, 'status')
    const conditions = [...(before.status?.conditions ?? []), condition('StatusUpdate')]
    await client.update(kind, { ...before, status: { ...before.status, conditions } }, options)
    expect(await has('StatusUpdate')).toBe(true)
    await client.patch(kind, at, merge({ status: { conditions: [condition('StatusPatched')] } }), options)
    await cluster.clock.advance(2000)
    expect(await has('StatusPatched')).toBe(true)
    const { status } = await client.get(kind, at)
    expect(status).toMatchObject({ ...before.status, conditions: expect.anything() as unknown })
  })

  it('is listed by a label in all namespaces, patched, and deleted as a collection with its pods', async () => {
    const namespace = await aNamespace()
    const { client } = cluster
    const [kind] = workloads[name]!
    await create(name, namespace)
    const count = name === 'DaemonSet' ? 2 : 1
    await running(namespace, count)
    expect(await labelled(kind, namespace)).toHaveLength(1)
    const at = { name: 'web', namespace }
    const patch = { metadata: { labels: { patched: 'yes' } }, spec: { template: { spec: podSpec('2') } } }
    await client.patch(kind, at, strategic(patch))
    const found = await client.get(kind, at)
    expect(found.metadata.labels).toEqual({ suite: namespace, patched: 'yes' })
    expect(JSON.stringify(found.spec?.template)).toContain('orrery.dev/web:2')
    await deleteLabelled(kind, namespace)
    await cluster.until(async () => (await labelled(kind, namespace)).length === 0)
    await cluster.until(async () => (await cluster.pods('app=web', namespace)).length === 0)
  })
})

describe('a deployment', () => {
  it('lives: created, patched, scaled, its status patched, deleted, and seen so by a watch', async () => {
    const namespace = await aNamespace()
    const { client } = cluster
    const at = { name: 'web', namespace }
    const { resourceVersion } = await client.list(deployment, { namespace })
    const seen: string[] = []
    const over = new AbortController()
    const watching = (async () => {
      for await (const event of client.watch(deployment, { namespace, resourceVersion, signal: over.signal }))
        seen.push(event.type)
    })()
    await create('Deployment', namespace, { replicas: 2 })
    const settled = async (replicas: number) =>
      cluster.until(async () => {
        const { metadata, status } = await client.get(deployment, at)
        return (
          status?.observedGeneration === metadata.generation &&
          status?.availableReplicas === replicas &&
          status.replicas === replicas
        )
      })
    await settled(2)
    await client.patch(deployment, at, strategic({ metadata: { labels: { life: 'patched' } }, spec: { replicas: 1 } }))
    await settled(1)
    await client.patch(deployment, at, merge({ spec: { replicas: 3 } }), { subresource: 'scale' })
    await settled(3)
    await client.patch(deployment, at, strategic({ spec: { template: { spec: podSpec('2') } } }))
    await settled(3)
    const status = await client.get(deployment, at, 'status')
    expect(status.status).toMatchObject({ replicas: 3, readyReplicas: 3 })
    // What a user says about the ready pods is put right by the controller.
    await client.patch(deployment, at, merge({ status: { readyReplicas: 0, availableReplicas: 0 } }), {
      subresource: 'status',
    })
    await cluster.until(async () => (await client.get(deployment, at)).status?.readyReplicas === 3)
    await client.delete(deployment, at)
    await cluster.until(() => seen.at(-1) === 'DELETED')
    expect(seen[0]).toBe('ADDED')
    over.abort()
    await watching
  })

  it('that is deleted in the background takes its replica set and pods with it', async () => {
    const namespace = await aNamespace()
    await create('Deployment', namespace, { replicas: 2 })
    await running(namespace, 2)
    const { client } = cluster
    expect((await client.list(replicaSet, { namespace })).items).toHaveLength(1)
    await client.delete(deployment, { name: 'web', namespace }, { propagationPolicy: 'Background' })
    await cluster.until(async () => (await client.list(replicaSet, { namespace })).items.length === 0)
    await cluster.until(async () => (await cluster.pods(undefined, namespace)).length === 0)
  })
})

describe('a replica set', () => {
  it('is replaced with another count, and patched with an image that new pods have', async () => {
    const namespace = await aNamespace()
    const { client } = cluster
    const at = { name: 'web', namespace }
    await create('ReplicaSet', namespace)
    await running(namespace, 1)
    const current = await client.get(replicaSet, at)
    await client.update(replicaSet, { ...current, spec: { ...current.spec!, replicas: 2 } })
    await running(namespace, 2)
    const patch = { spec: { replicas: 3, template: { spec: podSpec('2') } } }
    await client.patch(replicaSet, at, strategic(patch))
    await running(namespace, 3)
    const images = (await cluster.pods('app=web', namespace)).map(({ spec }) => spec?.containers[0]?.image)
    expect(images.sort()).toEqual(['orrery.dev/web:1', 'orrery.dev/web:1', 'orrery.dev/web:2'])
    await cluster.until(async () => (await client.get(replicaSet, at)).status?.availableReplicas === 3)
  })
})

describe('a replication controller', () => {
  it('lives: created, patched, its status patched and replaced, listed, deleted', async () => {
    const namespace = await aNamespace()
    const { client } = cluster
    const at = { name: 'web', namespace }
    await create('ReplicationController', namespace)
    await cluster.until(async () => (await client.get(replicationController, at)).status?.readyReplicas === 1)
    await client.patch(replicationController, at, strategic({ metadata: { labels: { life: 'patched' } } }))
    expect((await client.get(replicationController, at)).metadata.labels?.['life']).toBe('patched')
    const options = { subresource: 'status' }
    const answer = await client.patch(
      replicationController,
      at,
      merge({ status: { readyReplicas: 0, availableReplicas: 0 } }),
      options,
    )
    expect(answer.status?.readyReplicas).toBeUndefined()
    await cluster.until(async () => (await client.get(replicationController, at)).status?.readyReplicas === 1)
    await client.patch(replicationController, at, merge({ spec: { replicas: 2 } }))
    await cluster.until(async () => (await client.get(replicationController, at)).status?.availableReplicas === 2)
    const current = await client.get(replicationController, at)
    const labels = { ...current.metadata.labels, life: 'replaced' }
    await client.update(replicationController, { ...current, metadata: { ...current.metadata, labels } })
    expect((await client.list(replicationController, { labelSelector: 'life=replaced' })).items).toHaveLength(1)
    await client.raw({
      method: 'DELETE',
      path: pathOf(replicationController, { namespace }),
      query: { labelSelector: 'life=replaced' },
    })
    await cluster.until(async () => (await client.list(replicationController, { namespace })).items.length === 0)
  })

  it('says in a condition that the quota is exceeded, and takes it back once it fits', async () => {
    const namespace = await aNamespace()
    const { client } = cluster
    const at = { name: 'web', namespace }
    await client.create(resourceQuota, { metadata: { name: 'two', namespace }, spec: { hard: { pods: '2' } } })
    await cluster.until(
      async () => (await client.get(resourceQuota, { name: 'two', namespace })).status?.hard?.['pods'] === '2',
    )
    await create('ReplicationController', namespace, { replicas: 3 })
    const failure = async () =>
      (await client.get(replicationController, at)).status?.conditions?.find(({ type }) => type === 'ReplicaFailure')
    await cluster.until(async () => (await failure()) !== undefined)
    expect(await failure()).toMatchObject({ status: 'True', reason: 'FailedCreate' })
    expect((await failure())?.message).toMatch(
      /^pods "web-\w{5}" is forbidden: exceeded quota: two, requested: pods=1, used: pods=2, limited: pods=2$/,
    )
    await client.patch(replicationController, at, merge({ spec: { replicas: 2 } }), { subresource: 'scale' })
    await cluster.until(async () => (await failure()) === undefined)
    await running(namespace, 2)
  })
})

describe('a job', () => {
  const aJob = (namespace: string, extra: object = {}) =>
    cluster.client.create(job, {
      metadata: { name: 'work', namespace, labels: { suite: namespace } },
      spec: { template: { spec: { ...podSpec('1'), restartPolicy: 'Never' } }, ...extra },
    })

  it('lives: created as suspended, patched, replaced, listed, and deleted as a collection', async () => {
    const namespace = await aNamespace()
    const { client } = cluster
    const at = { name: 'work', namespace }
    await aJob(namespace, { suspend: true })
    await cluster.until(async () => {
      const { status } = await client.get(job, at)
      return status?.conditions?.some(({ type, status: is }) => type === 'Suspended' && is === 'True') === true
    })
    await client.patch(job, at, strategic({ metadata: { labels: { life: 'patched' } } }))
    const patched = await client.get(job, at)
    expect(patched.metadata.labels?.['life']).toBe('patched')
    await client.update(job, { ...patched, metadata: { ...patched.metadata, annotations: { updated: 'true' } } })
    expect((await client.get(job, at)).metadata.annotations).toMatchObject({ updated: 'true' })
    const all = job as unknown as Kind<Workload>
    expect(await labelled(all, namespace)).toHaveLength(1)
    expect(await cluster.pods(undefined, namespace)).toEqual([])
    await deleteLabelled(all, namespace)
    await cluster.until(async () => (await labelled(all, namespace)).length === 0)
  })

  it('that runs keeps what is written to its status', async () => {
    const namespace = await aNamespace()
    const { client } = cluster
    const at = { name: 'work', namespace }
    await aJob(namespace, { parallelism: 2, completions: 2 })
    await cluster.until(async () => (await client.get(job, at)).status?.ready === 2)
    const options = { subresource: 'status' }
    const condition = (type: string) => ({ type, status: 'True', reason: 'E2E', message: 'set by a test' })
    const patch = {
      metadata: { annotations: { patched: 'yes' } },
      status: { conditions: [condition('CustomPatched')] },
    }
    await client.patch(job, at, merge(patch), options)
    const patched = await client.get(job, at)
    expect(patched.metadata.annotations).toMatchObject({ patched: 'yes' })
    const conditions = [...(patched.status?.conditions ?? []), condition('CustomUpdated')]
    await client.update(job, { ...patched, status: { ...patched.status, conditions } }, options)
    await cluster.clock.advance(5000)
    const { status } = await client.get(job, at, 'status')
    expect(status?.conditions?.map(({ type }) => type)).toEqual(['CustomPatched', 'CustomUpdated'])
    expect(status).toMatchObject({ active: 2, ready: 2 })
  })
})

describe('a disruption budget', () => {
  const aBudget = (name: string, namespace: string, minAvailable: number | string = 1) =>
    cluster.client.create(podDisruptionBudget, {
      metadata: { name, namespace, labels: { suite: namespace } },
      spec: { minAvailable, selector },
    })
  const observed = async (name: string, namespace: string) =>
    cluster.until(async () => {
      const { metadata, status } = await cluster.client.get(podDisruptionBudget, { name, namespace })
      return status?.observedGeneration === metadata.generation
    })

  it('is created, read, replaced, patched and deleted, and its controller looks at each version', async () => {
    const namespace = await aNamespace()
    const { client } = cluster
    const at = { name: 'web', namespace }
    await aBudget('web', namespace)
    await observed('web', namespace)
    const current = await client.get(podDisruptionBudget, at)
    await client.update(podDisruptionBudget, { ...current, spec: { ...current.spec, minAvailable: '30%' } })
    await observed('web', namespace)
    await client.patch(podDisruptionBudget, at, strategic({ spec: { minAvailable: null, maxUnavailable: '20%' } }))
    await observed('web', namespace)
    expect((await client.get(podDisruptionBudget, at)).spec).toEqual({ selector, maxUnavailable: '20%' })
    await client.delete(podDisruptionBudget, at)
    await expect(client.get(podDisruptionBudget, at)).rejects.toMatchObject({ reason: 'NotFound' })
  })

  it('is listed in all namespaces, and deleted as a collection in one', async () => {
    const [here, there] = [await aNamespace(), await aNamespace()]
    for (const name of ['a', 'b']) await aBudget(name, here)
    await aBudget('c', there)
    const { client } = cluster
    const names = async () =>
      (await client.list(podDisruptionBudget, { labelSelector: `suite in (${here},${there})` })).items.map(
        ({ metadata }) => metadata.name,
      )
    expect(await names()).toEqual(['a', 'b', 'c'])
    await deleteLabelled(podDisruptionBudget as unknown as Kind<Workload>, here)
    expect(await names()).toEqual(['c'])
  })

  it('has a status that is replaced and patched while its controller works', async () => {
    const namespace = await aNamespace()
    const { client, clock } = cluster
    const at = { name: 'web', namespace }
    await create('ReplicaSet', namespace, { replicas: 3 })
    await running(namespace, 3)
    await aBudget('web', namespace)
    await cluster.until(async () => (await client.get(podDisruptionBudget, at)).status?.disruptionsAllowed === 2)
    const options = { subresource: 'status' }
    const [first] = await cluster.pods('app=web', namespace)
    const disruptedPods = { [first!.metadata.name]: timestamp(clock.now()) }
    const current = await client.get(podDisruptionBudget, at)
    const written = { ...current, status: { ...current.status!, disruptedPods } }
    const updated = await client.update(podDisruptionBudget, written, options)
    expect(updated.status?.disruptedPods).toEqual(disruptedPods)
    // A pod that is on its way out as far as the budget knows is not counted as healthy.
    await cluster.until(async () => (await client.get(podDisruptionBudget, at)).status?.currentHealthy === 2)
    expect((await client.get(podDisruptionBudget, at)).status?.disruptedPods).toEqual(disruptedPods)
    const none = merge({ status: { disruptedPods: null } })
    const patched = await client.patch(podDisruptionBudget, at, none, options)
    expect(patched.status?.disruptedPods).toBeUndefined()
    await cluster.until(async () => (await client.get(podDisruptionBudget, at)).status?.disruptionsAllowed === 2)
  })
})

describe('a namespace', () => {
  it('has a finalizer of a user put on and taken off', async () => {
    const { client } = cluster
    const name = await aNamespace()
    const fake = 'e2e.example.com/fake'
    const finalize = async (finalizers: (current: string[]) => string[]) => {
      const current = await client.get(namespaceKind, { name })
      const spec = { finalizers: finalizers(current.spec?.finalizers ?? []) }
      await client.raw({ method: 'PUT', path: `/api/v1/namespaces/${name}/finalize`, body: { ...current, spec } })
      return (await client.get(namespaceKind, { name })).spec?.finalizers
    }
    expect(await finalize((current) => [...current, fake])).toEqual(['kubernetes', fake])
    await cluster.clock.advance(2000)
    expect(await finalize((current) => current.filter((one) => one !== fake))).toEqual(['kubernetes'])
  })
})
