import { afterEach, describe, expect, it } from 'vitest'
import type { StatusError } from '../../src-main/api/errors.ts'
import { deployment } from '../../src-main/api/kinds/apps/deployment.ts'
import { event } from '../../src-main/api/kinds/core/event.ts'
import { pod } from '../../src-main/api/kinds/core/pod.ts'
import { podDisruptionBudget } from '../../src-main/api/kinds/policy/pod-disruption-budget.ts'
import type { PodDisruptionBudgetSpec } from '../../src-main/api/types/policy-v1.ts'
import { kubectlMissing, kubectlVersions } from '../support/kubectl.ts'
import { openTlsLab, type TlsLab } from '../support/tls-lab.ts'
import { startWorkloadCluster, type WorkloadCluster } from '../support/workload-cluster.ts'

let running: WorkloadCluster | undefined
let lab: TlsLab | undefined
afterEach(async () => {
  await lab?.dispose()
  await running?.stop()
  running = lab = undefined
})

const namespace = 'default'
const labels = { app: 'web' }

async function aCluster(replicas = 3, image = 'orrery.dev/web:1'): Promise<WorkloadCluster> {
  running = await startWorkloadCluster()
  const { client } = running
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } }
  const spec = { replicas, selector: { matchLabels: labels }, template }
  await client.create(deployment, { metadata: { name: 'web', namespace }, spec })
  await running.until(async () => {
    const pods = await running!.pods('app=web')
    return pods.length === replicas && pods.every(({ status }) => status?.phase === 'Running')
  })
  return running
}

async function aBudget({ client, until }: WorkloadCluster, name: string, spec: PodDisruptionBudgetSpec): Promise<void> {
  const budget = { metadata: { name, namespace }, spec: { selector: { matchLabels: labels }, ...spec } }
  const { metadata } = await client.create(podDisruptionBudget, budget)
  await until(async () => {
    const { status } = await client.get(podDisruptionBudget, { name, namespace })
    return (status?.observedGeneration ?? 0) >= (metadata.generation ?? 1)
  })
}

const evict = ({ client }: WorkloadCluster, name: string, deleteOptions: object = {}) =>
  client.post(pod, { name, namespace }, 'eviction', {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    deleteOptions,
  })

const firstPod = async (cluster: WorkloadCluster): Promise<string> => (await cluster.pods('app=web'))[0]!.metadata.name

describe('an eviction', () => {
  it('is a deletion where no budget says otherwise, and the pod tells why it goes', async () => {
    const cluster = await aCluster()
    const name = await firstPod(cluster)
    await evict(cluster, name)
    const { metadata, status } = await cluster.client.get(pod, { name, namespace })
    expect(metadata.deletionTimestamp).toBeDefined()
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }),
    )
    await expect(evict(cluster, 'nobody')).rejects.toMatchObject({ code: 404 })
  })

  it('is blocked until the budget is changed so that it allows it', async () => {
    const cluster = await aCluster()
    const { client, until } = cluster
    await aBudget(cluster, 'b', { minAvailable: 3 })
    const [name = '', other = ''] = (await cluster.pods('app=web')).map(({ metadata }) => metadata.name)
    const refusal = await evict(cluster, name).catch((error: unknown) => error)
    expect(refusal).toMatchObject({
      code: 429,
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
    })
    expect((refusal as StatusError).details?.causes).toEqual([
      {
        reason: 'DisruptionBudget',
        message: 'The disruption budget b needs 3 healthy pods and has 3 currently',
      },
    ])
    const patch = { spec: { minAvailable: 2 } }
    await client.patch(podDisruptionBudget, { name: 'b', namespace }, { type: 'merge', patch })
    await until(async () => {
      const { status } = await client.get(podDisruptionBudget, { name: 'b', namespace })
      return status?.disruptionsAllowed === 1
    })
    await evict(cluster, name)
    await expect(evict(cluster, other)).rejects.toMatchObject({ code: 429 })
    const ready = async () => (await client.get(podDisruptionBudget, { name: 'b', namespace })).status
    await until(async () => (await ready())?.disruptionsAllowed === 1 && (await ready())?.disruptedPods === undefined)
  })

  it('takes as many pods as the owner of the pods can miss', async () => {
    const cluster = await aCluster(4)
    await aBudget(cluster, 'b', { maxUnavailable: '50%' })
    const pods = await cluster.pods('app=web')
    const evictions = await Promise.allSettled(pods.map(({ metadata }) => evict(cluster, metadata.name)))
    expect(evictions.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    const { status } = await cluster.client.get(podDisruptionBudget, { name: 'b', namespace })
    expect(status).toMatchObject({ expectedPods: 4, desiredHealthy: 2 })
  })

  it('takes pods that are not healthy as the budget says', async () => {
    const cluster = await aCluster(2, 'orrery.dev/web:broken')
    await aBudget(cluster, 'b', { minAvailable: 1 })
    const name = await firstPod(cluster)
    await expect(evict(cluster, name)).rejects.toMatchObject({ code: 429 })
    const patch = { spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } }
    await cluster.client.patch(podDisruptionBudget, { name: 'b', namespace }, { type: 'merge', patch })
    await evict(cluster, name)
  })

  it('cannot serve two budgets', async () => {
    const cluster = await aCluster()
    await aBudget(cluster, 'a', { minAvailable: 1 })
    await aBudget(cluster, 'b', { minAvailable: 1 })
    await expect(evict(cluster, await firstPod(cluster))).rejects.toMatchObject({
      code: 500,
      message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    })
  })

  it('may be tried first, and may have conditions of its own', async () => {
    const cluster = await aCluster()
    await aBudget(cluster, 'b', { minAvailable: 2 })
    const name = await firstPod(cluster)
    await evict(cluster, name, { dryRun: ['All'] })
    expect((await cluster.client.get(pod, { name, namespace })).metadata.deletionTimestamp).toBeUndefined()
    const { status } = await cluster.client.get(podDisruptionBudget, { name: 'b', namespace })
    expect(status).toMatchObject({ disruptionsAllowed: 1 })
    await expect(evict(cluster, name, { preconditions: { uid: 'other' } })).rejects.toMatchObject({ code: 409 })
    const { metadata } = await cluster.client.get(pod, { name, namespace })
    await cluster.until(async () => {
      const { status: now } = await cluster.client.get(podDisruptionBudget, { name: 'b', namespace })
      return now?.disruptionsAllowed === 1 || (await cluster.clock.advance(130_000), false)
    })
    await evict(cluster, name, { preconditions: { uid: metadata.uid, resourceVersion: metadata.resourceVersion } })
  })
})

describe('a budget', () => {
  it('says why it cannot count', async () => {
    const cluster = await aCluster(0)
    const { client, until } = cluster
    const spec = { containers: [{ name: 'c', image: 'orrery.dev/web:1' }] }
    await client.create(pod, { metadata: { name: 'lonely', namespace, labels }, spec })
    await aBudget(cluster, 'b', { maxUnavailable: 1 })
    await until(async () => {
      const { items } = await client.list(event, { namespace })
      return items.some(({ reason, involvedObject }) => reason === 'UnmanagedPods' && involvedObject.name === 'b')
    })
    const { status } = await client.get(podDisruptionBudget, { name: 'b', namespace })
    expect(status).toMatchObject({ disruptionsAllowed: 0, expectedPods: 0 })
  })

  it('lets a pod take back that it goes, when it does not', async () => {
    const cluster = await aCluster(1)
    const { client, until } = cluster
    const name = await firstPod(cluster)
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      lastTransitionTime: new Date(cluster.clock.now()).toISOString(),
    }
    const patch = { status: { conditions: [condition] } }
    await client.patch(pod, { name, namespace }, { type: 'strategic', patch }, { subresource: 'status' })
    await until(async () => {
      const { status } = await client.get(pod, { name, namespace })
      return (
        status?.conditions?.some(({ type, status: now }) => type === 'DisruptionTarget' && now === 'False') === true
      )
    })
  })
})

describe.skipIf(kubectlMissing() !== undefined)('kubectl', () => {
  it('shows budgets, and drains a node no faster than they allow', async () => {
    const cluster = await aCluster(4)
    const { client, clock } = cluster
    await aBudget(cluster, 'b', { maxUnavailable: 1 })
    lab = await openTlsLab()
    await lab.start(cluster.handler)
    const kubectl = lab.kubectl([...kubectlVersions().keys()].at(-1) ?? '')
    const table = await kubectl.run(['get', 'pdb'])
    expect(table).toMatch(/^NAME +MIN AVAILABLE +MAX UNAVAILABLE +ALLOWED DISRUPTIONS +AGE\nb +N\/A +1 +1 /)
    const onOne = async () => (await cluster.pods('app=web')).filter(({ spec }) => spec?.nodeName === 'one')
    expect(await onOne()).not.toHaveLength(0)
    let done = false
    const drained = kubectl.try(['drain', 'one', '--ignore-daemonsets', '--timeout=60s']).finally(() => (done = true))
    while (!done) {
      await clock.advance(500)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const { code, stdout } = await drained
    expect(stdout).toContain('node/one drained')
    expect(code).toBe(0)
    expect(await onOne()).toHaveLength(0)
    expect((await client.list(pod, { namespace, labelSelector: 'app=web' })).items).toHaveLength(4)
  })
})
