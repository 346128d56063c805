/** The scheduler against an API server, on a virtual clock. */
import { afterEach, describe, expect, it } from 'vitest'
import { configMap } from '../../src-main/api/kinds/core/config-map.ts'
import { event } from '../../src-main/api/kinds/core/event.ts'
import { node as nodeKind } from '../../src-main/api/kinds/core/node.ts'
import { persistentVolumeClaim } from '../../src-main/api/kinds/core/persistent-volume-claim.ts'
import { persistentVolume } from '../../src-main/api/kinds/core/persistent-volume.ts'
import { pod as podKind } from '../../src-main/api/kinds/core/pod.ts'
import { podDisruptionBudget } from '../../src-main/api/kinds/policy/pod-disruption-budget.ts'
import { priorityClass } from '../../src-main/api/kinds/scheduling/priority-class.ts'
import { storageClass } from '../../src-main/api/kinds/storage/storage-class.ts'
import { podCondition } from '../../src-main/api/meta/pod.ts'
import type { Live } from '../../src-main/api/meta/object.ts'
import type { Pod, PodSpec } from '../../src-main/api/types/core-v1.ts'
import { createClient } from '../../src-main/client/resource-client.ts'
import { silentProbe } from '../../src-main/glass/probe.ts'
import type { Clock } from '../../src-main/lib/clock.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'
import { DisposableStack } from '../../src-main/lib/disposable.ts'
import { silentLog } from '../../src-main/lib/log.ts'
import { seededRandom } from '../../src-main/lib/random.ts'
import { startScheduler } from '../../src-main/scheduler/scheduler.ts'
import { until as realUntil } from '../support/until.ts'
import { startTestServer, type TestServer } from '../support/api-server.ts'

const running = new DisposableStack()
afterEach(() => running.dispose())

interface Options extends Partial<PodSpec> {
  readonly cpu?: string
  readonly labels?: Record<string, string>
  readonly finalizers?: string[]
}

/** `ownClock`: the scheduler's, where it waits for threads that know no virtual time. */
async function aCluster(nodes: Record<string, Record<string, string>>, ownClock?: Clock) {
  const server: TestServer = await startTestServer()
  running.use(server.server)
  const { client, clock } = server
  const addNode = async (name: string, labels: Record<string, string> = {}): Promise<void> => {
    await client.create(nodeKind, { metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } } })
    const status = { allocatable: { cpu: '1', memory: '8Gi', pods: '110' } }
    await client.update(nodeKind, { metadata: { name }, status }, { subresource: 'status' })
    // New nodes are tainted until the controllers hear that they are ready; there are none here.
    await client.patch(nodeKind, { name }, { type: 'merge', patch: { spec: { taints: null } } })
  }
  for (const [name, labels] of Object.entries(nodes)) await addNode(name, labels)
  for (const [name, value] of Object.entries({ low: 1, middle: 50, high: 100 }))
    await client.create(priorityClass, { metadata: { name }, value })
  const scheduler = startScheduler({
    ...{ clock: ownClock ?? clock, random: seededRandom(1), log: silentLog, probe: silentProbe },
    pluginLimits: { startMs: 20_000, callMs: 10_000, memoryMiB: 32 },
    client: createClient(server.server.transport({ name: 'system:kube-scheduler', groups: ['system:authenticated'] })),
  })
  running.use(scheduler)
  const read = (name: string): Promise<Live<Pod>> => client.get(podKind, { name, namespace: 'default' })
  const until = async (condition: () => Promise<boolean>): Promise<void> => {
    if (ownClock === undefined) await clock.advanceUntil(condition, 120_000)
    else await realUntil('the scheduler', condition)
  }
  return {
    ...{ client, clock, scheduler, addNode, read, until },
    async create(name: string, { cpu = '100m', labels = {}, finalizers, ...spec }: Options = {}) {
      const metadata = { name, namespace: 'default', labels: { app: name, ...labels } }
      const resources = { requests: { cpu } }
      const containers = [{ name: 'main', image: 'orrery.dev/web:1', resources }]
      await client.create(podKind, {
        metadata: finalizers === undefined ? metadata : { ...metadata, finalizers },
        spec: { terminationGracePeriodSeconds: 0, ...spec, containers },
      })
    },
    bound: (name: string, nodeName?: string) =>
      until(async () => {
        const at = (await read(name)).spec?.nodeName ?? ''
        return nodeName === undefined ? at !== '' : at === nodeName
      }),
    refused: (name: string) =>
      until(async () => podCondition(await read(name), 'PodScheduled')?.status === 'False').then(async () =>
        podCondition(await read(name), 'PodScheduled'),
      ),
    reasons: async (name: string) =>
      (await client.list(event, { namespace: 'default' })).items
        .filter(({ involvedObject }) => involvedObject.name === name)
        .map(({ reason }) => reason),
  }
}

describe('preemption in a cluster', () => {
  it('evicts a less important pod, says so on it, and gives the node to the other', async () => {
    const cluster = await aCluster({ a: {} })
    await cluster.create('victim', { cpu: '1', priorityClassName: 'low', finalizers: ['example.com/keep'] })
    await cluster.bound('victim')
    await cluster.create('urgent', { cpu: '1', priorityClassName: 'high' })
    await cluster.until(async () => (await cluster.read('victim')).metadata.deletionTimestamp !== undefined)
    const victim = await cluster.read('victim')
    expect(podCondition(victim, 'DisruptionTarget')).toMatchObject({
      ...{ status: 'True', reason: 'PreemptionByScheduler' },
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
    })
    await cluster.until(async () => (await cluster.read('urgent')).status?.nominatedNodeName === 'a')
    expect(await cluster.reasons('victim')).toContain('Preempted')
    const keep = { metadata: { finalizers: null } }
    await cluster.client.patch(podKind, victim.metadata as { name: string }, { type: 'merge', patch: keep })
    await cluster.bound('urgent', 'a')
    const { preemption } = cluster.scheduler.decisions.of('default', 'urgent') ?? {}
    expect(preemption).toBeUndefined()
  })

  it('does not let a less important pod take the room that is being made', async () => {
    const cluster = await aCluster({ a: {} })
    await cluster.create('victim', { cpu: '1', priorityClassName: 'low', finalizers: ['example.com/keep'] })
    await cluster.bound('victim')
    await cluster.create('urgent', { cpu: '900m', priorityClassName: 'high' })
    await cluster.until(async () => (await cluster.read('urgent')).status?.nominatedNodeName === 'a')
    await cluster.create('sneaky', { cpu: '500m', priorityClassName: 'middle' })
    const victim = await cluster.read('victim')
    const keep = { metadata: { finalizers: null } }
    await cluster.client.patch(podKind, victim.metadata as { name: string }, { type: 'merge', patch: keep })
    await cluster.bound('urgent', 'a')
    expect((await cluster.refused('sneaky'))?.message).toContain('Insufficient cpu')
  })

  it('is for pods whose policy allows it, and says why nobody goes', async () => {
    const cluster = await aCluster({ a: {} })
    await cluster.create('low', { cpu: '1', priorityClassName: 'low' })
    await cluster.bound('low')
    await cluster.client.create(priorityClass, { metadata: { name: 'polite' }, value: 100, preemptionPolicy: 'Never' })
    await cluster.create('polite', { cpu: '1', priorityClassName: 'polite' })
    expect(await cluster.refused('polite')).toMatchObject({
      reason: 'Unschedulable',
      message:
        '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
    })
  })

  it('keeps to the budgets where it can', async () => {
    const cluster = await aCluster({ a: {}, b: {} })
    const metadata = { name: 'guard', namespace: 'default' }
    await cluster.client.create(podDisruptionBudget, {
      metadata,
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'guarded' } } },
    })
    await cluster.create('guarded', { cpu: '1', priorityClassName: 'low' })
    await cluster.bound('guarded')
    await cluster.create('free', { cpu: '1', priorityClassName: 'middle' })
    await cluster.bound('free')
    const free = (await cluster.read('free')).spec?.nodeName ?? ''
    await cluster.create('urgent', { cpu: '1', priorityClassName: 'high' })
    await cluster.bound('urgent', free)
    expect((await cluster.read('guarded')).metadata.deletionTimestamp).toBeUndefined()
  })
})

describe('where pods may go', () => {
  it('a node selector is respected', async () => {
    const cluster = await aCluster({ a: {}, b: { disk: 'ssd' } })
    await cluster.create('fast', { nodeSelector: { disk: 'ssd' } })
    await cluster.bound('fast', 'b')
    await cluster.create('nowhere', { nodeSelector: { disk: 'tape' } })
    expect((await cluster.refused('nowhere'))?.message).toBe(
      "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
    )
    await cluster.client.patch(
      ...([nodeKind, { name: 'a' }, { type: 'merge', patch: { metadata: { labels: { disk: 'tape' } } } }] as const),
    )
    await cluster.bound('nowhere', 'a')
  })

  it('a host port on all addresses is in the way of the same port on one', async () => {
    const cluster = await aCluster({ a: {} })
    const port = (name: string, hostIP: string) =>
      cluster.client.create(podKind, {
        metadata: { name, namespace: 'default' },
        spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80, hostPort: 54_322, hostIP }] }] },
      })
    await port('everywhere', '0.0.0.0')
    await cluster.bound('everywhere')
    await port('somewhere', '127.0.0.1')
    expect((await cluster.refused('somewhere'))?.message).toContain(
      "1 node(s) didn't have free ports for the requested pod ports",
    )
  })

  it('a pod with gates waits for all of them to go', async () => {
    const cluster = await aCluster({ a: {} })
    await cluster.create('gated', { schedulingGates: [{ name: 'example.com/wait' }] })
    expect(await cluster.refused('gated')).toMatchObject({
      reason: 'SchedulingGated',
      message: 'Scheduling is blocked due to non-empty scheduling gates',
    })
    const open = { spec: { schedulingGates: null } }
    await cluster.client.patch(podKind, { name: 'gated', namespace: 'default' }, { type: 'merge', patch: open })
    await cluster.bound('gated')
  })
})

describe('volumes', () => {
  it('are bound before the pod, on the node where they are', async () => {
    const cluster = await aCluster({ a: {}, b: {} })
    const { client } = cluster
    await client.create(storageClass, {
      metadata: { name: 'local' },
      ...{ provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' },
    })
    const required = {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['b'] }] }],
    }
    await client.create(persistentVolume, {
      metadata: { name: 'disk' },
      spec: {
        ...{ capacity: { storage: '10Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 'local' },
        ...{ local: { path: '/mnt' }, nodeAffinity: { required } },
      },
    })
    const available = { status: { phase: 'Available' } }
    await client.patch(
      ...([
        persistentVolume,
        { name: 'disk' },
        { type: 'merge', patch: available },
        { subresource: 'status' },
      ] as const),
    )
    const metadata = { name: 'data', namespace: 'default' }
    await client.create(persistentVolumeClaim, {
      metadata,
      spec: {
        ...{ accessModes: ['ReadWriteOnce'], storageClassName: 'local' },
        resources: { requests: { storage: '5Gi' } },
      },
    })
    await cluster.create('db', {
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    })
    const claimRef = async () => (await client.get(persistentVolume, { name: 'disk' })).spec?.claimRef
    await cluster.until(async () => (await claimRef())?.name === 'data')
    expect((await cluster.read('db')).spec?.nodeName).toBeUndefined()
    const patch = {
      metadata: { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
      spec: { volumeName: 'disk' },
    }
    await client.patch(persistentVolumeClaim, metadata, { type: 'merge', patch })
    await cluster.bound('db', 'b')
  })

  it('make a pod wait for its claim, and go on when it comes', async () => {
    const cluster = await aCluster({ a: {} })
    await cluster.create('db', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] })
    expect((await cluster.refused('db'))?.message).toMatch(
      /^0\/1 nodes are available: persistentvolumeclaim "data" not found\./,
    )
  })
})

describe('the configuration in kube-system', () => {
  const metadata = { name: 'kube-scheduler', namespace: 'kube-system' }
  const text = `
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
  - schedulerName: default-scheduler
  - schedulerName: packer
    plugins: { score: { disabled: [{ name: '*' }], enabled: [{ name: NodeResourcesFit }] } }
    pluginConfig:
      - name: NodeResourcesFit
        args: { scoringStrategy: { type: MostAllocated } }
`
  it('gives the cluster more schedulers, by their names', async () => {
    const cluster = await aCluster({ a: {}, b: {} })
    await cluster.create('packed', { schedulerName: 'packer', cpu: '300m' })
    await cluster.clock.advance(10_000)
    expect((await cluster.read('packed')).spec?.nodeName).toBeUndefined()
    await cluster.client.create(configMap, { metadata, data: { 'config.yaml': text } })
    await cluster.bound('packed')
    const first = (await cluster.read('packed')).spec?.nodeName
    await cluster.create('second', { schedulerName: 'packer' })
    await cluster.bound('second', first)
    await cluster.create('spread')
    await cluster.bound('spread', first === 'a' ? 'b' : 'a')
  })

  it('changes nothing when it cannot be read, and an event says why', async () => {
    const cluster = await aCluster({ a: {} })
    await cluster.client.create(configMap, { metadata, data: { 'config.yaml': text.replace('profiles', 'profilez') } })
    await cluster.until(async () =>
      (await cluster.client.list(event, { namespace: 'kube-system' })).items.some(
        ({ reason, message }) =>
          reason === 'InvalidConfiguration' && message === 'configuration.profilez: unknown field',
      ),
    )
    await cluster.create('web')
    await cluster.bound('web', 'a')
  })
})

describe("a user's plugin in a ConfigMap", () => {
  const metadata = (name: string) => ({
    ...{ name: `scheduler-plugin-${name}`, namespace: 'kube-system' },
    labels: { 'scheduler.orrery.dev/plugin': 'true' },
  })

  it('takes part in decisions, is swapped, and its verdicts are recorded', async () => {
    const cluster = await aCluster({ a: {}, b: {} }, systemClock)
    const text = (node: string) => `export const filter = (pod, view: { name: string }): true | string =>
      view.name === '${node}' || 'not the one'`
    await cluster.client.create(configMap, { metadata: metadata('picky'), data: { 'plugin.ts': text('b') } })
    for (const name of ['one', 'two', 'three']) await cluster.create(name)
    for (const name of ['one', 'two', 'three']) await cluster.bound(name, 'b')
    expect(cluster.scheduler.decisions.of('default', 'one')?.refusals).toMatchObject([
      { node: 'a', predicate: 'picky', reasons: ['not the one'] },
    ])
    await cluster.client.update(configMap, { metadata: metadata('picky'), data: { 'plugin.ts': text('nowhere') } })
    await cluster.create('four')
    expect((await cluster.refused('four'))?.message).toMatch(/^0\/2 nodes are available: 2 not the one\./)
    await cluster.client.update(configMap, { metadata: metadata('picky'), data: { 'plugin.ts': text('a') } })
    await cluster.bound('four', 'a')
  })

  it('that is faulty is named and bypassed', async () => {
    const cluster = await aCluster({ a: {} }, systemClock)
    const text = "export const filter = () => { throw new Error('oops') }"
    await cluster.client.create(configMap, { metadata: metadata('broken'), data: { 'plugin.ts': text } })
    await cluster.create('web')
    await cluster.bound('web', 'a')
    await cluster.until(() => faults(cluster))
    expect(cluster.scheduler.decisions.of('default', 'web')?.bypassed).toMatchObject([
      { rule: 'broken', reason: expect.stringContaining('oops') },
    ])
    await cluster.until(async () => (await cluster.reasons('web')).includes('SchedulerPluginBypassed'))
  })

  const faults = async ({ client }: Awaited<ReturnType<typeof aCluster>>): Promise<boolean> =>
    (await client.list(event, { namespace: 'kube-system' })).items.some(
      ({ reason, involvedObject }) =>
        reason === 'SchedulerPluginFailed' && involvedObject.name === 'scheduler-plugin-broken',
    )
})
