/** Claims, volumes and load balancers on a cluster whose kubelets only say what kubelets say. */
import { afterEach, describe, expect, it } from 'vitest'
import { event } from '../../src-main/api/kinds/core/event.ts'
import { node } from '../../src-main/api/kinds/core/node.ts'
import { persistentVolumeClaim } from '../../src-main/api/kinds/core/persistent-volume-claim.ts'
import { persistentVolume } from '../../src-main/api/kinds/core/persistent-volume.ts'
import { pod } from '../../src-main/api/kinds/core/pod.ts'
import { service } from '../../src-main/api/kinds/core/service.ts'
import { storageClass } from '../../src-main/api/kinds/storage/storage-class.ts'
import type { PersistentVolumeClaimSpec, PersistentVolumeSpec } from '../../src-main/api/types/core-v1.ts'
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

const named = (name: string) => ({ name, namespace: 'default' })
const merge = (patch: object) => ({ type: 'merge', patch }) as const
const claim = async ({ client }: WorkloadCluster, name: string, spec: PersistentVolumeClaimSpec = {}) =>
  client.create(persistentVolumeClaim, {
    metadata: named(name),
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: '',
      ...spec,
    },
  })
const volume = async ({ client }: WorkloadCluster, name: string, spec: PersistentVolumeSpec = {}) =>
  client.create(persistentVolume, {
    metadata: { name },
    spec: { capacity: { storage: '2Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' }, ...spec },
  })
const claimPhase = async ({ client }: WorkloadCluster, name: string) =>
  (await client.get(persistentVolumeClaim, named(name))).status?.phase
const volumePhase = async ({ client }: WorkloadCluster, name: string) =>
  (await client.list(persistentVolume)).items.find(({ metadata }) => metadata.name === name)?.status?.phase
const reasons = async ({ client }: WorkloadCluster) => (await client.list(event)).items.map(({ reason }) => reason)

describe('a claim', () => {
  it('is bound to a volume that fits, which is released when the claim is gone', async () => {
    const cluster = await aCluster()
    await volume(cluster, 'a')
    await cluster.until(async () => (await volumePhase(cluster, 'a')) === 'Available')
    await claim(cluster, 'data')
    await cluster.until(async () => (await claimPhase(cluster, 'data')) === 'Bound')
    await cluster.until(async () => (await volumePhase(cluster, 'a')) === 'Bound')
    const bound = await cluster.client.get(persistentVolumeClaim, named('data'))
    expect(bound).toMatchObject({
      spec: { volumeName: 'a' },
      status: { capacity: { storage: '2Gi' }, accessModes: ['ReadWriteOnce'] },
    })
    await cluster.client.delete(persistentVolumeClaim, named('data'))
    await cluster.until(async () => (await volumePhase(cluster, 'a')) === 'Released')
    await claim(cluster, 'next')
    await cluster.clock.advance(60_000)
    expect(await claimPhase(cluster, 'next')).toBe('Pending')
  })

  it('gets a volume each, however many want the same', async () => {
    const cluster = await aCluster()
    for (const name of ['a', 'b', 'c']) await volume(cluster, name)
    await Promise.all(['1', '2', '3', '4'].map((name) => claim(cluster, `data-${name}`)))
    const all = async () => (await cluster.client.list(persistentVolumeClaim)).items
    await cluster.until(async () => (await all()).filter(({ status }) => status?.phase === 'Bound').length === 3)
    const taken = (await all()).flatMap(({ spec }) => spec?.volumeName ?? [])
    expect(taken.sort()).toEqual(['a', 'b', 'c'])
    await volume(cluster, 'd')
    await cluster.until(async () => (await all()).every(({ status }) => status?.phase === 'Bound'))
  })

  it('is lost with its volume', async () => {
    const cluster = await aCluster()
    await volume(cluster, 'a')
    await claim(cluster, 'data')
    await cluster.until(async () => (await claimPhase(cluster, 'data')) === 'Bound')
    await cluster.client.patch(persistentVolume, { name: 'a' }, merge({ metadata: { finalizers: null } }))
    await cluster.client.delete(persistentVolume, { name: 'a' })
    await cluster.client
      .patch(persistentVolume, { name: 'a' }, merge({ metadata: { finalizers: null } }))
      .catch(() => 0)
    await cluster.until(async () => (await claimPhase(cluster, 'data')) === 'Lost')
    expect(await reasons(cluster)).toContain('ClaimLost')
  })
})

describe('the class local-path', () => {
  const selected = merge({ metadata: { annotations: { 'volume.kubernetes.io/selected-node': 'one' } } })
  const provisioned = async (cluster: WorkloadCluster) => {
    await claim(cluster, 'data', { storageClassName: 'local-path' })
    await cluster.until(async () => (await reasons(cluster)).includes('WaitForFirstConsumer'))
    await cluster.client.patch(persistentVolumeClaim, named('data'), selected)
    await cluster.until(async () => (await claimPhase(cluster, 'data')) === 'Bound')
    const { spec } = await cluster.client.get(persistentVolumeClaim, named('data'))
    return cluster.client.get(persistentVolume, { name: spec?.volumeName ?? '' })
  }

  it('is the default of a new cluster', async () => {
    const cluster = await aCluster()
    await cluster.until(async () => (await cluster.client.list(storageClass)).items.length === 1)
    const { storageClassName: _none, ...spec } = (await claim(cluster, 'other')).spec ?? {}
    await cluster.client.create(persistentVolumeClaim, { metadata: named('data'), spec })
    await cluster.until(async () => {
      const found = await cluster.client.get(persistentVolumeClaim, named('data'))
      return found.spec?.storageClassName === 'local-path'
    })
  })

  it('makes a folder on the node of the first consumer, lets it grow, and removes it in the end', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    const made = await provisioned(cluster)
    expect(made.spec).toMatchObject({ storageClassName: 'local-path', capacity: { storage: '1Gi' } })
    await client.patch(
      persistentVolumeClaim,
      named('data'),
      merge({ spec: { resources: { requests: { storage: '3Gi' } } } }),
    )
    await cluster.until(async () => {
      const { status } = await client.get(persistentVolumeClaim, named('data'))
      return status?.capacity?.storage === '3Gi'
    })
    expect((await client.get(persistentVolume, { name: made.metadata.name })).spec?.capacity?.storage).toBe('3Gi')
    await client.delete(persistentVolumeClaim, named('data'))
    const helpers = async () => (await client.list(pod, { namespace: 'kube-system' })).items
    await cluster.until(async () => (await helpers()).length === 1)
    const [helper] = await helpers()
    expect(helper?.spec).toMatchObject({ nodeName: 'one' })
    const status = { phase: 'Succeeded' }
    const place = { name: helper!.metadata.name, namespace: 'kube-system' }
    await client.patch(pod, place, merge({ status }), { subresource: 'status' })
    await cluster.until(async () => (await volumePhase(cluster, made.metadata.name)) === undefined)
    await cluster.until(async () => (await helpers()).length === 0)
  })

  it('forgets a volume whose node is gone', async () => {
    const cluster = await aCluster()
    const made = await provisioned(cluster)
    cluster.silence('one')
    await cluster.client.delete(node, { name: 'one' })
    await cluster.client.delete(persistentVolumeClaim, named('data'))
    await cluster.until(async () => (await volumePhase(cluster, made.metadata.name)) === undefined)
  })
})

describe('an ephemeral volume', () => {
  it('has a claim that goes with its pod', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    await client.create(pod, {
      metadata: named('web'),
      spec: {
        containers: [{ name: 'web', image: 'orrery.dev/web:1' }],
        volumes: [
          {
            name: 'scratch',
            ephemeral: {
              volumeClaimTemplate: {
                metadata: { labels: { kind: 'scratch' } },
                spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
              },
            },
          },
        ],
      },
    })
    const claims = async () => (await client.list(persistentVolumeClaim)).items
    await cluster.until(async () => (await claims()).length === 1)
    expect((await claims())[0]?.metadata).toMatchObject({
      name: 'web-scratch',
      labels: { kind: 'scratch' },
      ownerReferences: [{ kind: 'Pod', name: 'web', controller: true }],
    })
    await client.delete(pod, named('web'), { gracePeriodSeconds: 0 })
    await cluster.until(async () => (await claims()).length === 0)
  })
})

describe('a service of type LoadBalancer', () => {
  it('gets an address of its own, and gives it back', async () => {
    const cluster = await aCluster()
    const { client } = cluster
    for (const name of ['a', 'b'])
      await client.create(service, { metadata: named(name), spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } })
    const addresses = async () =>
      (await client.list(service, { namespace: 'default' })).items.flatMap(({ status }) =>
        (status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip),
      )
    await cluster.until(async () => (await addresses()).length === 2)
    expect((await addresses()).sort()).toEqual(['10.30.255.1', '10.30.255.2'])
    const finalizers = async (name: string) => (await client.get(service, named(name))).metadata.finalizers
    expect(await finalizers('a')).toEqual(['service.kubernetes.io/load-balancer-cleanup'])
    await client.patch(service, named('a'), merge({ spec: { type: 'ClusterIP' } }))
    await cluster.until(async () => (await addresses()).length === 1)
    expect(await finalizers('a')).toBeUndefined()
    await client.delete(service, named('b'))
    await cluster.until(async () => (await addresses()).length === 0)
    expect(
      (await client.list(service, { namespace: 'default' })).items.map(({ metadata }) => metadata.name),
    ).not.toContain('b')
  })
})
