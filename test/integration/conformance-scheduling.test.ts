/** The claims of the official conformance tests on scheduling: who goes where, and who makes room for whom. */
import { afterEach, describe, expect, it } from 'vitest'
import { replicaSet } from '../../src-main/api/kinds/apps/replica-set.ts'
import { node } from '../../src-main/api/kinds/core/node.ts'
import { pod } from '../../src-main/api/kinds/core/pod.ts'
import { kindByResource } from '../../src-main/api/kinds/index.ts'
import { priorityClass } from '../../src-main/api/kinds/scheduling/priority-class.ts'
import { podCondition } from '../../src-main/api/meta/pod.ts'
import type { Container, PodSpec } from '../../src-main/api/types/core-v1.ts'
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

const runtimeClass = kindByResource('node.k8s.io', 'v1', 'runtimeclasses')!
const merge = (patch: object) => ({ type: 'merge', patch }) as const
const asking = (cpu: string): Container => ({
  ...{ name: 'web', image: 'orrery.dev/web:1' },
  resources: { requests: { cpu }, limits: { cpu } },
})

async function create({ client }: WorkloadCluster, name: string, spec: PodSpec, namespace = 'default') {
  await client.create(pod, {
    metadata: { name, namespace, labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 0, ...spec },
  })
}

const isBound = async ({ client }: WorkloadCluster, name: string, namespace = 'default'): Promise<string> =>
  (await client.get(pod, { name, namespace })).spec?.nodeName ?? ''

describe('preemption', () => {
  it('lets replica sets of four priorities have a full node in the order of their priorities', async () => {
    const cluster = await aCluster(['one'])
    const { client } = cluster
    const wanted = { one: 5, two: 4, three: 4, four: 1 }
    const cpu = { one: '200m', two: '250m', three: '500m', four: '1500m' }
    const start = async (name: keyof typeof wanted, value: number): Promise<void> => {
      await client.create(priorityClass, { metadata: { name }, value })
      await client.create(replicaSet, {
        metadata: { name, namespace: 'default' },
        spec: {
          replicas: wanted[name],
          selector: { matchLabels: { app: name } },
          template: {
            metadata: { labels: { app: name } },
            spec: { priorityClassName: name, terminationGracePeriodSeconds: 0, containers: [asking(cpu[name])] },
          },
        },
      })
    }
    const ready = (name: keyof typeof wanted): Promise<number> => cluster.ready(`app=${name}`)
    await start('one', 1)
    await start('two', 2)
    await start('three', 3)
    // Together they ask for all of the node.
    for (const name of ['one', 'two', 'three'] as const)
      await cluster.until(async () => (await ready(name)) === wanted[name])
    await start('four', 4)
    await cluster.until(async () => (await ready('four')) === 1)
    await cluster.until(async () => {
      const { items } = await client.list(replicaSet, { namespace: 'default' })
      return items.every(({ metadata, status }) => status?.replicas === wanted[metadata.name as keyof typeof wanted])
    })
    expect([await ready('one'), await ready('two'), await ready('three'), await ready('four')]).toEqual([0, 2, 4, 1])
  })

  it('makes room for a critical pod', async () => {
    const cluster = await aCluster(['one'])
    const { client } = cluster
    await client.create(priorityClass, { metadata: { name: 'low' }, value: 1 })
    await create(cluster, 'low', { priorityClassName: 'low', containers: [asking('3')] })
    await cluster.until(async () => (await isBound(cluster, 'low')) === 'one')
    const critical = { priorityClassName: 'system-cluster-critical', containers: [asking('3')] }
    await create(cluster, 'critical', critical, 'kube-system')
    await cluster.until(async () => (await isBound(cluster, 'critical', 'kube-system')) === 'one')
    await cluster.until(async () => (await cluster.pods('app=low')).length === 0)
    expect((await client.get(pod, { name: 'critical', namespace: 'kube-system' })).spec?.priority).toBe(2_000_000_000)
  })
})

describe('priority classes', () => {
  it('are listed, and changed in what may change of them only', async () => {
    const { client } = await aCluster([])
    for (const [name, value] of Object.entries({ first: 1, second: 2 }))
      await client.create(priorityClass, { metadata: { name }, value })
    const { items } = await client.list(priorityClass, {})
    expect(items.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(['first', 'second']))
    const key = { name: 'first' }
    await client.patch(priorityClass, key, merge({ description: 'patched', metadata: { labels: { a: '1' } } }))
    const patched = await client.get(priorityClass, key)
    expect(patched).toMatchObject({ description: 'patched', metadata: { labels: { a: '1' } }, value: 1 })
    await client.update(priorityClass, { ...patched, description: 'updated', globalDefault: true })
    const updated = await client.get(priorityClass, key)
    expect(updated).toMatchObject({ description: 'updated', globalDefault: true, value: 1 })
    for (const change of [{ value: 10 }, { preemptionPolicy: 'Never' }]) {
      const refused = { code: 422, reason: 'Invalid' }
      await expect(client.patch(priorityClass, key, merge(change))).rejects.toMatchObject(refused)
      await expect(client.update(priorityClass, { ...updated, ...change })).rejects.toMatchObject(refused)
    }
    expect(await client.get(priorityClass, key)).toMatchObject({ value: 1, preemptionPolicy: 'PreemptLowerPriority' })
  })
})

describe('host ports', () => {
  it('may be had on one node by several pods whose addresses or protocols differ', async () => {
    const cluster = await aCluster()
    const port = (hostIP: string, protocol: string): PodSpec => ({
      nodeSelector: { 'kubernetes.io/hostname': 'one' },
      containers: [{ ...asking('100m'), ports: [{ containerPort: 8080, hostPort: 54_323, hostIP, protocol }] }],
    })
    await create(cluster, 'first', port('127.0.0.1', 'TCP'))
    await create(cluster, 'other-address', port('10.30.0.2', 'TCP'))
    await create(cluster, 'other-protocol', port('10.30.0.2', 'UDP'))
    for (const name of ['first', 'other-address', 'other-protocol'])
      await cluster.until(async () => (await isBound(cluster, name)) === 'one')
    await create(cluster, 'same', port('10.30.0.2', 'UDP'))
    const condition = async () =>
      podCondition(await cluster.client.get(pod, { name: 'same', namespace: 'default' }), 'PodScheduled')
    await cluster.until(async () => (await condition())?.status === 'False')
    expect((await condition())?.message).toContain("1 node(s) didn't have free ports for the requested pod ports")
  })
})

describe('a pod of a runtime class with an overhead', () => {
  it('bears the overhead, is scheduled, and asks its node for that too', async () => {
    const cluster = await aCluster(['one'])
    const { client } = cluster
    const podFixed = { cpu: '1', memory: '1Gi' }
    await client.create(runtimeClass, {
      metadata: { name: 'heavy' },
      handler: 'heavy',
      overhead: { podFixed },
    } as Parameters<typeof client.create>[1])
    const heavy = { runtimeClassName: 'heavy', containers: [asking('2')] }
    await create(cluster, 'first', heavy)
    await cluster.until(async () => (await isBound(cluster, 'first')) === 'one')
    const first = await client.get(pod, { name: 'first', namespace: 'default' })
    expect(first.spec?.overhead).toEqual(podFixed)
    expect(cluster.scheduler.decisions.of('default', 'first')?.requests).toMatchObject({ cpu: 3000, memory: 2 ** 30 })
    // Of four cores one is left, which would do without the overhead.
    await create(cluster, 'second', { ...heavy, containers: [asking('1')] })
    const condition = async () =>
      podCondition(await client.get(pod, { name: 'second', namespace: 'default' }), 'PodScheduled')
    await cluster.until(async () => (await condition())?.status === 'False')
    expect((await condition())?.message).toContain('Insufficient cpu')
    expect((await client.get(node, { name: 'one' })).status?.allocatable?.['cpu']).toBe('4')
  })
})
