import { afterEach, describe, expect, it } from 'vitest'
import { deployment } from '../../src-main/api/kinds/apps/deployment.ts'
import { horizontalPodAutoscaler } from '../../src-main/api/kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { event } from '../../src-main/api/kinds/core/event.ts'
import { nodeMetrics, podMetrics } from '../../src-main/api/kinds/metrics/resource-metrics.ts'
import type { Deployment } from '../../src-main/api/types/apps-v1.ts'
import { aDeployment, startVirtualCluster, type VirtualCluster } from '../support/virtual-cluster.ts'

let running: VirtualCluster | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})
async function aCluster(): Promise<VirtualCluster> {
  running = await startVirtualCluster({ seed: 1, workers: 2 })
  return running
}

const web = { name: 'web', namespace: 'default' }
function loaded(replicas: number, load: string): Deployment {
  const { metadata, spec } = aDeployment('web', replicas)
  const container = {
    name: 'web',
    image: 'orrery.dev/web:1',
    resources: { requests: { cpu: '100m' } },
    env: [{ name: 'SIMULATED_CPU', value: load }],
  }
  return {
    metadata: { ...metadata },
    spec: { ...spec!, template: { ...spec!.template, spec: { containers: [container] } } },
  }
}
const sizeOf = async ({ cluster }: VirtualCluster) => (await cluster.client.get(deployment, web)).spec?.replicas
const ready = async ({ cluster }: VirtualCluster) => (await cluster.client.get(deployment, web)).status?.readyReplicas

describe('the metrics of nodes and pods', () => {
  it('are what the kubelets measure, with the labels of the objects', async () => {
    const cluster = await aCluster()
    const { client } = cluster.cluster
    await client.create(deployment, loaded(2, '250m'))
    await cluster.until(async () => (await ready(cluster)) === 2)
    await cluster.clock.advance(30_000)
    const { items } = await client.list(podMetrics, { namespace: 'default', labelSelector: 'app=web' })
    expect(items).toHaveLength(2)
    expect(items[0]).toMatchObject({
      kind: 'PodMetrics',
      metadata: { namespace: 'default', labels: { app: 'web' } },
      containers: [{ name: 'web', usage: { cpu: '250000000n', memory: '8192Ki' } }],
    })
    const one = await client.get(podMetrics, { namespace: 'default', name: items[0]!.metadata.name })
    expect(one.window).toMatch(/s$/)
    expect((await client.list(podMetrics, { namespace: 'default', labelSelector: 'app=other' })).items).toEqual([])
    const nodes = (await client.list(nodeMetrics)).items
    expect(nodes.map(({ usage }) => usage.cpu).sort()).toEqual(['250000000n', '250000000n'])
  })
})

describe('a horizontal pod autoscaler', () => {
  it('gives a deployment the replicas that its usage asks for, and takes them back in time', async () => {
    const cluster = await aCluster()
    const { client } = cluster.cluster
    await client.create(deployment, loaded(1, '200m'))
    await client.create(horizontalPodAutoscaler, {
      metadata: web,
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 1,
        maxReplicas: 4,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 100 } } },
        ],
        behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
      },
    })
    await cluster.until(async () => (await sizeOf(cluster)) === 4, 1_200_000)
    const found = await client.get(horizontalPodAutoscaler, web)
    expect(found.status?.lastScaleTime).toBeDefined()
    const { items } = await client.list(event, { namespace: 'default' })
    expect(items).toContainEqual(
      expect.objectContaining({
        reason: 'SuccessfulRescale',
        message: 'New size: 2; reason: cpu resource utilization (percentage of request) above target',
      }),
    )
    const { spec } = loaded(4, '10m')
    await client.patch(deployment, web, { type: 'strategic', patch: { spec: { template: spec!.template } } })
    await cluster.until(async () => (await sizeOf(cluster)) === 1, 1_200_000)
  })

  it('takes nothing from what it finds before it has watched it for a while', async () => {
    const cluster = await aCluster()
    const { client } = cluster.cluster
    await client.create(deployment, loaded(3, '1m'))
    await cluster.until(async () => (await ready(cluster)) === 3)
    const metrics = [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
    ]
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
    await client.create(horizontalPodAutoscaler, { metadata: web, spec: { scaleTargetRef, maxReplicas: 5, metrics } })
    await cluster.clock.advance(240_000)
    expect(await sizeOf(cluster)).toBe(3)
    const { status } = await client.get(horizontalPodAutoscaler, web)
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'AbleToScale', reason: 'ScaleDownStabilized' }),
    )
    await cluster.until(async () => (await sizeOf(cluster)) === 1, 300_000)
  })

  it('says when its target is not there', async () => {
    const cluster = await aCluster()
    const { client } = cluster.cluster
    await client.create(horizontalPodAutoscaler, {
      metadata: web,
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nobody' }, maxReplicas: 4 },
    })
    await cluster.until(async () => {
      const { status } = await client.get(horizontalPodAutoscaler, web)
      const able = status?.conditions?.find(({ type }) => type === 'AbleToScale')
      return able?.status === 'False' && able.reason === 'FailedGetScale'
    })
  })
})
