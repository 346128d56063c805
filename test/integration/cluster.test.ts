import { afterEach, describe, expect, it } from 'vitest'
import { endpointSlice } from '../../src-main/api/kinds/discovery/endpoint-slice.ts'
import { node } from '../../src-main/api/kinds/core/node.ts'
import { service } from '../../src-main/api/kinds/core/service.ts'
import { isConditionTrue } from '../../src-main/api/meta/conditions.ts'
import { aDeployment, deploymentKind, startVirtualCluster, type VirtualCluster } from '../support/virtual-cluster.ts'

let running: VirtualCluster | undefined
afterEach(async () => {
  // Every component gets by with the rights of its own role.
  expect(running?.log.filter(({ message }) => / is forbidden: User /.test(message)) ?? []).toEqual([])
  await running?.stop()
  running = undefined
})

async function aCluster(options = { seed: 1, workers: 3 }): Promise<VirtualCluster> {
  const cluster = await startVirtualCluster(options)
  running = cluster
  await cluster.until(() => readyNodes(cluster).then((ready) => ready === options.workers))
  return cluster
}

const readyNodes = async ({ cluster }: VirtualCluster): Promise<number> => {
  const { items } = await cluster.client.list(node)
  return items.filter(({ status }) => isConditionTrue(status?.conditions, 'Ready')).length
}

const runningPods = async (cluster: VirtualCluster, selector: string): Promise<number> =>
  (await cluster.pods(selector)).filter(
    ({ metadata, status }) => status?.phase === 'Running' && metadata.deletionTimestamp === undefined,
  ).length

describe('a whole cluster in one thread', () => {
  it('brings every worker of the lab up as a Ready node', async () => {
    const cluster = await aCluster()
    expect(await readyNodes(cluster)).toBe(3)
  })

  it('names every machine by an id of its own', async () => {
    const cluster = await aCluster()
    const { items } = await cluster.cluster.client.list(node)
    const ids = items.map(({ status }) => status?.nodeInfo?.machineID ?? '')
    expect(new Set(ids).size).toBe(3)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
  })

  it('runs a deployment spread over the nodes and publishes its endpoints', async () => {
    const cluster = await aCluster()
    const { client } = cluster.cluster
    await client.create(deploymentKind, aDeployment('web', 6))
    await client.create(service, {
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    })
    await cluster.until(async () => (await runningPods(cluster, 'app=web')) === 6)
    const pods = await cluster.pods('app=web')
    expect(new Set(pods.map(({ spec }) => spec?.nodeName)).size).toBe(3)
    const ready = async (): Promise<number> => {
      const slices = await client.list(endpointSlice, { labelSelector: 'kubernetes.io/service-name=web' })
      return slices.items.flatMap(({ endpoints }) => endpoints ?? []).filter((one) => one.conditions?.ready).length
    }
    await cluster.until(async () => (await ready()) === 6)
  })

  it('rolls to a new template without ever running fewer than it may', async () => {
    const cluster = await aCluster()
    const { client } = cluster.cluster
    await client.create(deploymentKind, aDeployment('web', 4))
    await cluster.until(async () => (await runningPods(cluster, 'app=web')) === 4)
    const image = { spec: { template: { spec: { containers: [{ name: 'web', image: 'orrery.dev/busybox:1' }] } } } }
    await client.patch(deploymentKind, { namespace: 'default', name: 'web' }, { type: 'strategic', patch: image })
    let fewest = 4
    await cluster.until(async () => {
      fewest = Math.min(fewest, await runningPods(cluster, 'app=web'))
      const { status } = await client.get(deploymentKind, { namespace: 'default', name: 'web' })
      return status?.updatedReplicas === 4 && status.availableReplicas === 4 && status.replicas === 4
    })
    expect(fewest).toBeGreaterThanOrEqual(3)
  })

  it('cleans up what a deleted deployment owned', async () => {
    const cluster = await aCluster()
    const { client } = cluster.cluster
    await client.create(deploymentKind, aDeployment('web', 3))
    await cluster.until(async () => (await runningPods(cluster, 'app=web')) === 3)
    await client.delete(deploymentKind, { namespace: 'default', name: 'web' })
    await cluster.until(async () => (await cluster.pods('app=web')).length === 0)
  })

  it('tells the birth of a pod from the request to the running container', async () => {
    const cluster = await aCluster()
    await cluster.cluster.client.create(deploymentKind, aDeployment('web', 1))
    await cluster.until(async () => (await runningPods(cluster, 'app=web')) === 1)
    const [pod] = await cluster.pods('app=web')
    const spans = cluster.recorder.of({ kind: 'Pod', namespace: 'default', name: pod?.metadata.name ?? '' })
    const components = new Set(spans.map(({ component }) => component))
    for (const component of ['apiserver', 'scheduler', 'kubelet']) expect(components).toContain(component)
  })

  it('does exactly the same again from the same seed', async () => {
    const history = async (): Promise<string[]> => {
      const cluster = await startVirtualCluster({ seed: 7, workers: 2 })
      await cluster.cluster.client.create(deploymentKind, aDeployment('web', 3))
      await cluster.clock.advance(60_000)
      const lines: string[] = []
      const text = new TextDecoder()
      const watch = cluster.store.watch(
        { prefix: '', after: 0 },
        {
          events: (batch) => {
            for (const { type, key, revision, entry } of batch)
              lines.push(`${revision} ${type} ${key} ${text.decode(entry.value)}`)
          },
          failed: (error) => lines.push(error.message),
        },
      )
      await cluster.clock.advance(1)
      await watch.dispose()
      await cluster.stop()
      return lines
    }
    const first = await history()
    expect(first.length).toBeGreaterThan(50)
    expect(await history()).toEqual(first)
  })
})
