import { afterEach, describe, expect, it } from 'vitest'
import { createApiServer } from '../../src-main/apiserver/apiserver.ts'
import { kinds } from '../../src-main/api/kinds/index.ts'
import { replicaSet } from '../../src-main/api/kinds/apps/replica-set.ts'
import { replicationController } from '../../src-main/api/kinds/core/replication-controller.ts'
import { secret } from '../../src-main/api/kinds/core/secret.ts'
import { configMap } from '../../src-main/api/kinds/core/config-map.ts'
import { persistentVolumeClaim } from '../../src-main/api/kinds/core/persistent-volume-claim.ts'
import { pod } from '../../src-main/api/kinds/core/pod.ts'
import { resourceQuota } from '../../src-main/api/kinds/core/resource-quota.ts'
import { service } from '../../src-main/api/kinds/core/service.ts'
import { canonicalQuantity } from '../../src-main/api/meta/quantity.ts'
import type { Kind } from '../../src-main/api/define-kind.ts'
import type { KubernetesObject } from '../../src-main/api/meta/object.ts'
import type { PodSpec, ResourceQuotaSpec, ResourceRequirements } from '../../src-main/api/types/core-v1.ts'
import type { Client } from '../../src-main/client/client.ts'
import { createClient } from '../../src-main/client/resource-client.ts'
import { silentProbe } from '../../src-main/glass/probe.ts'
import { silentLog } from '../../src-main/lib/log.ts'
import { seededRandom } from '../../src-main/lib/random.ts'
import { admin, startTestServer } from '../support/api-server.ts'
import { startWorkloadCluster, type WorkloadCluster } from '../support/workload-cluster.ts'

let running: WorkloadCluster | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})

const namespace = 'default'
const aPod = (name: string, resources: ResourceRequirements = {}, spec: Partial<PodSpec> = {}) => ({
  metadata: { name, namespace },
  spec: { containers: [{ name: 'c', image: 'x', resources }], ...spec },
})

async function aCluster(): Promise<WorkloadCluster> {
  running = await startWorkloadCluster([])
  return running
}

async function aQuota({ client, until }: WorkloadCluster, name: string, spec: ResourceQuotaSpec): Promise<void> {
  await client.create(resourceQuota, { metadata: { name, namespace }, spec })
  await until(async () => {
    const { status } = await client.get(resourceQuota, { name, namespace })
    return Object.keys(spec.hard ?? {}).every((one) => status?.used?.[one] !== undefined)
  })
}

const usedOf = async ({ client }: { client: Client }, name: string): Promise<Record<string, string> | undefined> =>
  (await client.get(resourceQuota, { name, namespace })).status?.used

async function untilUsed(cluster: WorkloadCluster, name: string, used: Record<string, string>): Promise<void> {
  await cluster.until(async () => {
    const now = await usedOf(cluster, name)
    return Object.entries(used).every(([one, amount]) => now?.[one] === canonicalQuantity(amount))
  })
}

describe('a resource quota', () => {
  it('has its status at once, with all that is there already', async () => {
    const cluster = await aCluster()
    await aQuota(cluster, 'q', { hard: { resourcequotas: '1', configmaps: '5', 'count/pods': '3', pods: '2' } })
    const { status } = await cluster.client.get(resourceQuota, { name: 'q', namespace })
    expect(status?.hard).toEqual({ resourcequotas: '1', configmaps: '5', 'count/pods': '3', pods: '2' })
    // The certificates of the API server are in every namespace.
    expect(status?.used).toEqual({ resourcequotas: '1', configmaps: '1', 'count/pods': '0', pods: '0' })
  })

  it('captures the life of a pod', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    const hard = { pods: '2', cpu: '1', memory: '1Gi', 'requests.example.com/gpu': '3', 'limits.cpu': '2' }
    await aQuota(cluster, 'q', { hard })
    const wants = { cpu: '600m', memory: '100Mi', 'example.com/gpu': '2' }
    const resources = { requests: wants, limits: { cpu: '1', memory: '100Mi', 'example.com/gpu': '2' } }
    await client.create(pod, aPod('p', resources))
    const used = { pods: '1', cpu: '600m', memory: '100Mi', 'requests.example.com/gpu': '2', 'limits.cpu': '1' }
    expect(await usedOf(cluster, 'q')).toEqual(used)
    await expect(client.create(pod, aPod('q', resources))).rejects.toMatchObject({
      code: 403,
      message:
        'pods "q" is forbidden: exceeded quota: q, requested: cpu=600m,requests.example.com/gpu=2, used: cpu=600m,requests.example.com/gpu=2, limited: cpu=1,requests.example.com/gpu=3',
    })
    await expect(client.create(pod, aPod('r'))).rejects.toMatchObject({
      code: 403,
      message: 'pods "r" is forbidden: failed quota: q: must specify cpu for: c; limits.cpu for: c; memory for: c',
    })
    expect(await usedOf(cluster, 'q')).toEqual(used)
    await client.delete(pod, { name: 'p', namespace })
    await untilUsed(cluster, 'q', { pods: '0', cpu: '0', memory: '0', 'limits.cpu': '0' })
  })

  it('counts ephemeral storage, and a pod cannot ask for more later', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await aQuota(cluster, 'q', { hard: { pods: '5', cpu: '1', 'requests.ephemeral-storage': '50Gi' } })
    const resources = (cpu: string, storage: string) => ({ requests: { cpu, 'ephemeral-storage': storage } })
    await client.create(pod, aPod('p', resources('500m', '30Gi')))
    await untilUsed(cluster, 'q', { pods: '1', cpu: '500m', 'requests.ephemeral-storage': '30Gi' })
    await expect(client.create(pod, aPod('q', resources('100m', '40Gi')))).rejects.toMatchObject({ code: 403 })
    const containers = [{ name: 'c', image: 'x', resources: resources('100m', '10Gi') }]
    const patch = { type: 'strategic', patch: { spec: { containers } } } as const
    await expect(client.patch(pod, { name: 'p', namespace }, patch)).rejects.toMatchObject({ code: 422 })
    await untilUsed(cluster, 'q', { pods: '1', cpu: '500m', 'requests.ephemeral-storage': '30Gi' })
    await client.delete(pod, { name: 'p', namespace })
    await untilUsed(cluster, 'q', { pods: '0', cpu: '0', 'requests.ephemeral-storage': '0' })
  })

  const labels = { app: 'web' }
  const aController = {
    metadata: { name: 'one', namespace },
    spec: {
      replicas: 0,
      selector: labels,
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'x' }] } },
    },
  }
  it.each<[string, Kind, KubernetesObject]>([
    ['configmaps', configMap as unknown as Kind, { metadata: { name: 'one', namespace } }],
    ['secrets', secret as unknown as Kind, { metadata: { name: 'one', namespace } }],
    ['replicationcontrollers', replicationController as unknown as Kind, aController],
  ])('captures the life of %s', async (resource, kind, object) => {
    const cluster = await aCluster()
    const { client } = cluster
    // Every namespace gets one by itself: the certificates of the API server.
    await cluster.until(async () => (await client.list(configMap, { namespace })).items.length === 1)
    const before = (await client.list(kind, { namespace })).items.length
    await aQuota(cluster, 'q', { hard: { resourcequotas: '1', [resource]: String(before + 1) } })
    await untilUsed(cluster, 'q', { resourcequotas: '1', [resource]: String(before) })
    await client.create(kind, object)
    await untilUsed(cluster, 'q', { [resource]: String(before + 1) })
    const another = { ...object, metadata: { name: 'two', namespace } }
    await expect(client.create(kind, another)).rejects.toMatchObject({ code: 403 })
    await client.delete(kind, { name: 'one', namespace })
    await untilUsed(cluster, 'q', { [resource]: String(before) })
  })

  it('keeps limits of cpu and memory apart by whether pods end', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    const hard = { 'requests.cpu': '1', 'requests.memory': '500M', 'limits.cpu': '2', 'limits.memory': '1G', pods: '5' }
    await aQuota(cluster, 'ends', { hard, scopes: ['Terminating'] })
    await aQuota(cluster, 'stays', { hard, scopes: ['NotTerminating'] })
    const nothing = Object.fromEntries(Object.keys(hard).map((one) => [one, '0']))
    const resources = { requests: { cpu: '500m', memory: '200M' }, limits: { cpu: '1', memory: '400M' } }
    const used = {
      ...{ pods: '1', 'requests.cpu': '500m', 'requests.memory': '200M' },
      ...{ 'limits.cpu': '1', 'limits.memory': '400M' },
    }
    await untilUsed(cluster, 'ends', nothing)
    for (const [spec, filled, empty] of [
      [{}, 'stays', 'ends'],
      [{ activeDeadlineSeconds: 3600 }, 'ends', 'stays'],
    ] as const) {
      await client.create(pod, aPod('p', resources, spec))
      await untilUsed(cluster, filled, used)
      await untilUsed(cluster, empty, nothing)
      await client.delete(pod, { name: 'p', namespace })
      await untilUsed(cluster, filled, nothing)
    }
  })

  it('is replenished by a pod that ends', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await aQuota(cluster, 'q', { hard: { pods: '1', 'count/pods': '5' } })
    await client.create(pod, aPod('p'))
    await expect(client.create(pod, aPod('q'))).rejects.toMatchObject({ code: 403 })
    const patch = { status: { phase: 'Succeeded' } }
    await client.patch(pod, { name: 'p', namespace }, { type: 'merge', patch }, { subresource: 'status' })
    await untilUsed(cluster, 'q', { pods: '0', 'count/pods': '1' })
    await client.create(pod, aPod('q'))
  })

  it('captures the life of services with their node ports', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.delete(service, { name: 'kubernetes', namespace })
    const hard = { services: '10', 'services.nodeports': '1', 'services.loadbalancers': '1' }
    await aQuota(cluster, 'q', { hard })
    const ports = [{ port: 80 }]
    const web = { metadata: { name: 'web', namespace }, spec: { type: 'NodePort', ports } }
    await client.create(service, web)
    await untilUsed(cluster, 'q', { services: '1', 'services.nodeports': '1', 'services.loadbalancers': '0' })
    const balancer = { metadata: { name: 'lb', namespace }, spec: { type: 'LoadBalancer', ports } }
    await expect(client.create(service, balancer)).rejects.toMatchObject({ code: 403 })
    const unreached = { ...balancer, spec: { ...balancer.spec, allocateLoadBalancerNodePorts: false } }
    await client.create(service, unreached)
    await untilUsed(cluster, 'q', { services: '2', 'services.nodeports': '1', 'services.loadbalancers': '1' })
    const patch = { spec: { type: 'ClusterIP' } }
    await client.patch(service, { name: 'web', namespace }, { type: 'merge', patch })
    await untilUsed(cluster, 'q', { 'services.nodeports': '0' })
    await client.delete(service, { name: 'lb', namespace })
    await untilUsed(cluster, 'q', { services: '1', 'services.loadbalancers': '0' })
  })

  it('counts storage in total and by class', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    const gold = 'gold.storageclass.storage.k8s.io'
    const hard = { 'requests.storage': '10Gi', [`${gold}/requests.storage`]: '1Gi', persistentvolumeclaims: '5' }
    await aQuota(cluster, 'q', { hard })
    const claim = (name: string, storageClassName: string, storage: string) => ({
      metadata: { name, namespace },
      spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
    })
    await client.create(persistentVolumeClaim, claim('a', 'gold', '1Gi'))
    await client.create(persistentVolumeClaim, claim('b', 'silver', '2Gi'))
    expect(await usedOf(cluster, 'q')).toEqual({
      'requests.storage': '3Gi',
      [`${gold}/requests.storage`]: '1Gi',
      persistentvolumeclaims: '2',
    })
    await expect(client.create(persistentVolumeClaim, claim('c', 'gold', '1Gi'))).rejects.toMatchObject({ code: 403 })
  })

  it('counts objects of any kind', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await aQuota(cluster, 'q', { hard: { 'count/replicasets.apps': '1' } })
    const labels = { app: 'web' }
    const aSet = (name: string) => ({
      metadata: { name, namespace },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'x' }] } },
      },
    })
    await client.create(replicaSet, aSet('one'))
    await expect(client.create(replicaSet, aSet('two'))).rejects.toMatchObject({
      message:
        'replicasets.apps "two" is forbidden: exceeded quota: q, requested: count/replicasets.apps=1, used: count/replicasets.apps=1, limited: count/replicasets.apps=1',
    })
    await client.delete(replicaSet, { name: 'one', namespace })
    await untilUsed(cluster, 'q', { 'count/replicasets.apps': '0' })
  })

  it('counts only what lies in its scopes', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await aQuota(cluster, 'effort', { hard: { pods: '5' }, scopes: ['BestEffort'] })
    await aQuota(cluster, 'no-effort', { hard: { pods: '5' }, scopes: ['NotBestEffort'] })
    await aQuota(cluster, 'ends', { hard: { pods: '5' }, scopes: ['Terminating'] })
    await aQuota(cluster, 'stays', { hard: { pods: '5' }, scopes: ['NotTerminating'] })
    const expression = { scopeName: 'PriorityClass', operator: 'In', values: ['system-node-critical'] }
    await aQuota(cluster, 'important', { hard: { pods: '5' }, scopeSelector: { matchExpressions: [expression] } })
    await client.create(pod, aPod('p', {}, { activeDeadlineSeconds: 3600 }))
    await client.create(pod, aPod('q', { requests: { cpu: '1' } }, { priorityClassName: 'system-node-critical' }))
    const names = ['effort', 'no-effort', 'ends', 'stays', 'important']
    const used = await Promise.all(names.map(async (name) => (await usedOf(cluster, name))?.pods))
    expect(used).toEqual(['1', '1', '1', '1', '1'])
    await client.delete(pod, { name: 'p', namespace })
    await untilUsed(cluster, 'effort', { pods: '0' })
    await untilUsed(cluster, 'ends', { pods: '0' })
  })

  it('puts its status right when its limits or its status are changed', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await aQuota(cluster, 'q', { hard: { pods: '1' } })
    const ref = { name: 'q', namespace }
    await client.patch(resourceQuota, ref, { type: 'merge', patch: { spec: { hard: { pods: '2' } } } })
    await cluster.until(async () => (await client.get(resourceQuota, ref)).status?.hard?.pods === '2')
    const patch = { status: { hard: { pods: '7' } } }
    await client.patch(resourceQuota, ref, { type: 'merge', patch }, { subresource: 'status' })
    await cluster.until(async () => (await client.get(resourceQuota, ref)).status?.hard?.pods === '2')
  })

  it('is updated and deleted', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await aQuota(cluster, 'q', { hard: { cpu: '1', memory: '500Mi' } })
    const ref = { name: 'q', namespace }
    const current = await client.get(resourceQuota, ref)
    const hard = { cpu: '2', memory: '1Gi' }
    const updated = await client.update(resourceQuota, { ...current, spec: { hard } })
    expect(updated.spec?.hard).toEqual(hard)
    expect((await client.get(resourceQuota, ref)).spec?.hard).toEqual(hard)
    await client.delete(resourceQuota, ref)
    await expect(client.get(resourceQuota, ref)).rejects.toMatchObject({ reason: 'NotFound' })
    await client.create(pod, aPod('p'))
  })

  it('has a status that is written while its controller works, which leaves the spec alone', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    const hard = { cpu: '500m', memory: '500Mi' }
    await aQuota(cluster, 'q', { hard })
    const ref = { name: 'q', namespace }
    const options = { subresource: 'status' }
    const specIs = async (wanted: object) => expect((await client.get(resourceQuota, ref)).spec?.hard).toEqual(wanted)
    const statusIs = (wanted: object) =>
      cluster.until(
        async () =>
          JSON.stringify((await client.get(resourceQuota, ref, 'status')).status?.hard) === JSON.stringify(wanted),
      )
    const current = await client.get(resourceQuota, ref)
    const doubled = { cpu: '1', memory: '1Gi' }
    const written = await client.update(
      resourceQuota,
      { ...current, status: { ...current.status, hard: doubled } },
      options,
    )
    expect(written.status?.hard).toEqual(doubled)
    await statusIs(hard)
    await specIs(hard)
    await client.patch(resourceQuota, ref, { type: 'merge', patch: { spec: { hard: doubled } } })
    await statusIs(doubled)
    const halved = { cpu: '250m', memory: '250Mi' }
    for (let again = 0; again < 2; again++) {
      const patch = { type: 'merge', patch: { status: { hard: halved } } } as const
      expect((await client.patch(resourceQuota, ref, patch, options)).status?.hard).toEqual(halved)
      await statusIs(doubled)
      await specIs(doubled)
    }
  })

  it('is listed by a label in all namespaces, patched, and deleted as a collection', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    const hard = { cpu: '500m', memory: '500Mi' }
    const metadata = { name: 'q', namespace, labels: { suite: 'life' } }
    await client.create(resourceQuota, { metadata, spec: { hard } })
    const found = async () => (await client.list(resourceQuota, { labelSelector: 'suite=life' })).items
    expect(await found()).toHaveLength(1)
    const patch = { metadata: { labels: { q: 'patched' } }, spec: { hard: { memory: '750Mi' } } }
    await client.patch(resourceQuota, { name: 'q', namespace }, { type: 'strategic', patch })
    expect((await found())[0]).toMatchObject({
      metadata: { labels: { suite: 'life', q: 'patched' } },
      spec: { hard: { cpu: '500m', memory: '750Mi' } },
    })
    const path = `/api/v1/namespaces/${namespace}/resourcequotas`
    await client.raw({ method: 'DELETE', path, query: { labelSelector: 'q=patched' } })
    expect(await found()).toEqual([])
  })
})

describe('many at once', () => {
  const withQuota = async (client: Client, used: string): Promise<void> => {
    const quota = { metadata: { name: 'q', namespace }, spec: { hard: { configmaps: '10' } } }
    await client.create(resourceQuota, quota)
    const status = { hard: { configmaps: '10' }, used: { configmaps: used } }
    await client.update(resourceQuota, { ...quota, status }, { subresource: 'status' })
  }
  const createMany = async (client: Client, prefix: string): Promise<number> => {
    const creations = Array.from({ length: 50 }, (_, index) =>
      client.create(configMap, { metadata: { name: `${prefix}${index}`, namespace } }),
    )
    const results = await Promise.allSettled(creations)
    const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
    for (const refusal of refusals) expect(refusal).toMatchObject({ code: 403 })
    return results.length - refusals.length
  }

  it('never get more than the quota has', async () => {
    const { client } = await startTestServer()
    await withQuota(client, '0')
    expect(await createMany(client, 'a')).toBe(10)
    expect((await client.list(configMap, { namespace })).items).toHaveLength(10)
    expect(await usedOf({ client }, 'q')).toEqual({ configmaps: '10' })
  })

  it('nor through two servers on one store, nor after one that was killed', async () => {
    const { client, store, clock } = await startTestServer()
    const anotherServer = async (seed: number): Promise<Client> => {
      const parts = { kinds, clock, log: silentLog, probe: silentProbe, nodeAgents: () => undefined }
      const random = seededRandom(seed)
      const server = await createApiServer({ ...parts, store, random, serviceCidr: '10.96.0.0/16' })
      return createClient(server.transport(admin))
    }
    const second = await anotherServer(2)
    await withQuota(client, '0')
    const through = await Promise.all([createMany(client, 'a'), createMany(second, 'b')])
    expect(through[0] + through[1]).toBe(10)
    await client.delete(configMap, {
      name: (await client.list(configMap, { namespace })).items[0]!.metadata.name,
      namespace,
    })
    const quota = await client.get(resourceQuota, { name: 'q', namespace })
    const status = { ...quota.status, used: { configmaps: '9' } }
    await client.update(resourceQuota, { ...quota, status }, { subresource: 'status' })
    // The first two never ended: what they charged is in the store all the same.
    expect(await createMany(await anotherServer(3), 'c')).toBe(1)
    expect((await second.list(configMap, { namespace })).items).toHaveLength(10)
  })

  it('leave the quota as it was when they fail', async () => {
    const { client } = await startTestServer()
    await withQuota(client, '0')
    const one = { metadata: { name: 'one', namespace } }
    await client.create(configMap, one)
    await expect(client.create(configMap, one)).rejects.toMatchObject({ reason: 'AlreadyExists' })
    await client.create(configMap, { metadata: { name: 'dry', namespace } }, { dryRun: true })
    expect(await usedOf({ client }, 'q')).toEqual({ configmaps: '1' })
  })
})
