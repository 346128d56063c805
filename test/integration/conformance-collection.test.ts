/** The claims of the official conformance tests on garbage collection, namespaces and endpoints. */
import { afterEach, describe, expect, it } from 'vitest'
import { deployment } from '../../src-main/api/kinds/apps/deployment.ts'
import { replicaSet } from '../../src-main/api/kinds/apps/replica-set.ts'
import { configMap } from '../../src-main/api/kinds/core/config-map.ts'
import { event } from '../../src-main/api/kinds/core/event.ts'
import { endpoints } from '../../src-main/api/kinds/core/endpoints.ts'
import { namespace } from '../../src-main/api/kinds/core/namespace.ts'
import { pod } from '../../src-main/api/kinds/core/pod.ts'
import { replicationController } from '../../src-main/api/kinds/core/replication-controller.ts'
import { service } from '../../src-main/api/kinds/core/service.ts'
import { endpointSlice } from '../../src-main/api/kinds/discovery/endpoint-slice.ts'
import { ownerReference } from '../../src-main/api/meta/owner-references.ts'
import type { ReplicationController } from '../../src-main/api/types/core-v1.ts'
import { startWorkloadCluster, type WorkloadCluster } from '../support/workload-cluster.ts'

let running: WorkloadCluster | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})
async function aCluster(): Promise<WorkloadCluster> {
  running = await startWorkloadCluster()
  return running
}

const named = (name: string, namespace = 'default') => ({ name, namespace })
const spec = { containers: [{ name: 'web', image: 'orrery.dev/web:1' }] }
const template = { metadata: { labels: { app: 'web' } }, spec }
const aController = (name: string, replicas = 2): ReplicationController => ({
  metadata: named(name),
  spec: {
    replicas,
    selector: { app: 'web', of: name },
    template: { ...template, metadata: { labels: { app: 'web', of: name } } },
  },
})
const gone = async ({ client }: WorkloadCluster, name: string) =>
  (await client.list(replicationController)).items.every(({ metadata }) => metadata.name !== name)

describe('the garbage collector', () => {
  it('in the background, removes an owner at once and what it had thereafter', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(replicationController, aController('rc'))
    await cluster.until(async () => (await cluster.ready('of=rc')) === 2)
    await client.delete(replicationController, named('rc'), { propagationPolicy: 'Background' })
    expect(await gone(cluster, 'rc')).toBe(true)
    await cluster.until(async () => (await cluster.pods('of=rc')).length === 0)
  })

  it('in the foreground, keeps an owner until its pods are gone', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(replicationController, aController('rc'))
    await cluster.until(async () => (await cluster.ready('of=rc')) === 2)
    await client.delete(replicationController, named('rc'), { propagationPolicy: 'Foreground' })
    await cluster.until(async () => {
      const left = (await cluster.pods('of=rc')).length
      const owner = (await client.list(replicationController)).items[0]
      if (left > 0) expect(owner?.metadata.finalizers).toContain('foregroundDeletion')
      return owner === undefined
    })
    expect(await cluster.pods('of=rc')).toEqual([])
  })

  it('as an orphaner, leaves pods and replica sets, without their owner', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(replicationController, aController('rc'))
    await client.create(deployment, {
      metadata: named('web'),
      spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template },
    })
    await cluster.until(async () => (await cluster.ready('app=web')) === 3)
    await client.delete(replicationController, named('rc'), { propagationPolicy: 'Orphan' })
    await client.delete(deployment, named('web'), { propagationPolicy: 'Orphan' })
    await cluster.until(async () => (await gone(cluster, 'rc')) && (await client.list(deployment)).items.length === 0)
    await cluster.clock.advance(30_000)
    const pods = await cluster.pods('of=rc')
    expect(pods.map(({ metadata }) => metadata.ownerReferences)).toEqual([undefined, undefined])
    expect((await client.list(replicaSet)).items.map(({ metadata }) => metadata.ownerReferences)).toEqual([undefined])
  })

  it('keeps what has another owner that stays, and takes the leaving one off it', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    const leaving = await client.create(replicationController, aController('leaving'))
    const staying = await client.create(replicationController, aController('staying', 0))
    await cluster.until(async () => (await cluster.ready('of=leaving')) === 2)
    const [shared] = await cluster.pods('of=leaving')
    const references = [
      ownerReference(leaving, replicationController),
      ownerReference(staying, replicationController, { controller: false }),
    ]
    const place = named(shared!.metadata.name)
    await client.patch(pod, place, { type: 'merge', patch: { metadata: { ownerReferences: references } } })
    await client.delete(replicationController, named('leaving'), { propagationPolicy: 'Foreground' })
    await cluster.until(() => gone(cluster, 'leaving'))
    const left = await cluster.pods('of=leaving')
    expect(left.map(({ metadata }) => metadata.ownerReferences?.map(({ name }) => name))).toEqual([['staying']])
  })

  it('ends circles of owners', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    const names = ['a', 'b', 'c']
    for (const name of names) await client.create(pod, { metadata: named(name), spec })
    const uids = await Promise.all(names.map(async (name) => (await client.get(pod, named(name))).metadata.uid))
    for (const [index, name] of names.entries()) {
      const before = (index + 2) % 3
      const owner = ownerReference({ metadata: { name: names[before]!, uid: uids[before]! } }, pod)
      await client.patch(pod, named(name), { type: 'merge', patch: { metadata: { ownerReferences: [owner] } } })
    }
    await client.delete(pod, named('a'), { propagationPolicy: 'Foreground' })
    await cluster.until(async () => (await cluster.pods()).length === 0)
  })

  it('removes what names an owner that never was', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid: 'never-was' }]
    await client.create(configMap, { metadata: { ...named('lost'), ownerReferences } })
    await cluster.until(async () =>
      (await client.list(configMap, { namespace: 'default' })).items.every(({ metadata }) => metadata.name !== 'lost'),
    )
  })
})

describe('an owner', () => {
  it.each([
    ['in another namespace', { namespace: 'elsewhere' }, {}, true],
    ['under another name', {}, { name: 'misnamed' }, false],
  ] as const)('%s is none', async (_where, place, wrong, isTold) => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(namespace, { metadata: { name: 'elsewhere' } })
    const owner = await client.create(configMap, { metadata: { ...named('owner'), ...place } })
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid, ...wrong }
    await client.create(configMap, { metadata: { ...named('lost'), ownerReferences: [reference] } })
    await cluster.until(async () =>
      (await client.list(configMap, { namespace: 'default' })).items.every(({ metadata }) => metadata.name !== 'lost'),
    )
    await client.get(configMap, { ...named('owner'), ...place })
    const { items } = await client.list(event, { namespace: 'default' })
    const told = items.filter(({ reason }) => reason === 'OwnerRefInvalidNamespace').map(({ message }) => message)
    const words = `ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${owner.metadata.uid}]`
    expect(told).toEqual(isTold ? [`${words} does not exist in namespace "default"`] : [])
  })
})

describe('a namespace that is deleted', () => {
  it('loses its pods before everything else, and says what it waits for', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(namespace, { metadata: { name: 'team' } })
    await client.create(pod, { metadata: { ...named('held', 'team'), finalizers: ['example.com/hold'] }, spec })
    await client.create(configMap, { metadata: { ...named('kept', 'team'), finalizers: ['example.com/keep'] } })
    await client.create(service, { metadata: named('web', 'team'), spec: { ports: [{ port: 80 }] } })
    await client.delete(namespace, { name: 'team' })
    const conditions = async () =>
      Object.fromEntries(
        ((await client.get(namespace, { name: 'team' })).status?.conditions ?? []).map((one) => [
          one.type,
          `${one.status} ${one.reason}`,
        ]),
      )
    await cluster.until(async () => 'NamespaceContentRemaining' in (await conditions()))
    expect(await conditions()).toEqual({
      NamespaceDeletionDiscoveryFailure: 'False ResourcesDiscovered',
      NamespaceDeletionGroupVersionParsingFailure: 'False ParsedGroupVersions',
      NamespaceDeletionContentFailure: 'False ContentDeleted',
      NamespaceContentRemaining: 'True SomeResourcesRemain',
      NamespaceFinalizersRemaining: 'True SomeFinalizersRemain',
    })
    await cluster.clock.advance(10_000)
    const map = await client.get(configMap, named('kept', 'team'))
    expect(map.metadata.deletionTimestamp).toBeUndefined()
    await client.patch(pod, named('held', 'team'), { type: 'merge', patch: { metadata: { finalizers: null } } })
    await cluster.until(async () => {
      const { metadata } = await client.get(configMap, named('kept', 'team'))
      return metadata.deletionTimestamp !== undefined
    })
    await client.patch(configMap, named('kept', 'team'), { type: 'merge', patch: { metadata: { finalizers: null } } })
    await cluster.until(async () =>
      (await client.list(namespace)).items.every(({ metadata }) => metadata.name !== 'team'),
    )
  })
})

describe('the endpoints of a service without a selector', () => {
  it('are mirrored into slices as they are made, changed and removed', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(service, { metadata: named('db'), spec: { ports: [{ port: 80 }] } })
    await client.create(endpoints, {
      metadata: named('db'),
      subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 80 }] }],
    })
    const slices = async () =>
      (await client.list(endpointSlice, { namespace: 'default', labelSelector: 'kubernetes.io/service-name=db' })).items
    const addresses = async () =>
      (await slices()).flatMap(({ endpoints: all }) => (all ?? []).flatMap((one) => one.addresses))
    await cluster.until(async () => (await addresses()).join() === '10.1.2.3')
    await client.patch(endpoints, named('db'), {
      type: 'merge',
      patch: { subsets: [{ addresses: [{ ip: '10.2.3.4' }], ports: [{ port: 8080 }] }] },
    })
    await cluster.until(async () => (await addresses()).join() === '10.2.3.4')
    expect((await slices())[0]?.ports?.[0]?.port).toBe(8080)
    await client.delete(endpoints, named('db'))
    await cluster.until(async () => (await slices()).length === 0)
  })
})
