import { afterEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../test/support/api-server.ts'
import { configMap } from '../api/kinds/core/config-map.ts'
import { event as eventKind } from '../api/kinds/core/event.ts'
import { node as nodeKind } from '../api/kinds/core/node.ts'
import { pod as podKind } from '../api/kinds/core/pod.ts'
import { isPodReady } from '../api/meta/pod.ts'
import type { Live } from '../api/meta/object.ts'
import type { Container, Pod, PodSpec } from '../api/types/core-v1.ts'
import { silentProbe } from '../glass/probe.ts'
import { silentLog } from '../lib/log.ts'
import { seededRandom } from '../lib/random.ts'
import { startKubelet, type Kubelet } from './kubelet.ts'
import type { PodNetwork } from './pod-network.ts'
import type { ContainerRuntime } from './runtime/runtime.ts'
import { createSimulatedRuntime } from './runtime/simulated.ts'

const namespace = 'default'

/** Gives addresses and connects nothing. */
function aNetwork(): PodNetwork & { problemNow: string | undefined; changed(): void } {
  const listeners = new Set<() => void>()
  const addresses = new Map<string, string>()
  return {
    problemNow: undefined,
    problem() {
      return this.problemNow
    },
    onChange(listener) {
      listeners.add(listener)
      return { dispose: () => void listeners.delete(listener) }
    },
    changed: () => listeners.forEach((listener) => listener()),
    reserve(podUid) {
      const address = addresses.get(podUid) ?? `10.244.0.${addresses.size + 2}`
      addresses.set(podUid, address)
      return address
    },
    setUp: () => Promise.resolve(),
    tearDown: (podUid) => void addresses.delete(podUid),
    adopt: () => Promise.resolve(),
  }
}

class Node {
  readonly test: TestServer
  readonly runtime: ContainerRuntime
  readonly network = aNetwork()
  /** Images that the registry has. */
  readonly images = new Set<string>()
  kubelet: Kubelet

  constructor(test: TestServer) {
    this.test = test
    const { clock } = test
    this.runtime = createSimulatedRuntime({ clock, random: seededRandom(1), hasImage: (name) => this.images.has(name) })
    this.kubelet = this.startKubelet()
  }

  startKubelet(): Kubelet {
    const { client, clock } = this.test
    return startKubelet({
      ...{ client, clock, random: seededRandom(2), log: silentLog, probe: silentProbe, runtime: this.runtime },
      ...{ nodeName: 'one', address: '10.0.0.1', capacity: { cpus: 2, memoryBytes: 2 ** 30, maxPods: 110 } },
      ...{
        podNetwork: this.network,
        clusterDns: { address: '10.96.0.10', domain: 'cluster.local' },
        version: 'v1.36.0',
      },
    })
  }

  create(name: string, container: Partial<Container> = {}, spec: Partial<PodSpec> = {}): Promise<Live<Pod>> {
    const containers = [{ name: 'main', image: 'orrery.dev/busybox:1', command: ['sleep', '9999'], ...container }]
    return this.test.client.create(podKind, {
      metadata: { name, namespace },
      spec: { nodeName: 'one', containers, ...spec },
    })
  }

  get = (name: string): Promise<Live<Pod>> => this.test.client.get(podKind, { name, namespace })
  until = (condition: () => Promise<boolean>): Promise<void> => this.test.clock.advanceUntil(condition, 700_000)
  ready = (name: string): Promise<void> => this.until(async () => isPodReady(await this.get(name)))
  waits = async (name: string): Promise<string | undefined> =>
    (await this.get(name)).status?.containerStatuses?.[0]?.state?.waiting?.reason
}

let node: Node | undefined
afterEach(async () => {
  await node?.kubelet.dispose()
  await node?.test.server.dispose()
})

async function aNode(): Promise<Node> {
  node = new Node(await startTestServer())
  return node
}

describe('a kubelet', () => {
  it('waits longer before each restart of what crashes', async () => {
    const one = await aNode()
    await one.create('crash', { command: ['false'] })
    const starts: number[] = []
    for (let restarts = 1; restarts <= 4; restarts++) {
      await one.until(async () => (await one.get('crash')).status?.containerStatuses?.[0]?.restartCount === restarts)
      starts.push(one.test.clock.now())
    }
    const gaps = starts.slice(1).map((at, index) => Math.round((at - (starts[index] ?? 0)) / 1000))
    expect(gaps).toEqual([10, 20, 40])
  })

  it('tries again for an image that cannot be had, and starts the container when it can', async () => {
    const one = await aNode()
    await one.create('late', { image: 'example.com/app:1' })
    await one.until(async () => (await one.waits('late')) === 'ErrImagePull')
    await one.until(async () => (await one.waits('late')) === 'ImagePullBackOff')
    one.images.add('example.com/app:1')
    await one.ready('late')
    const { items } = await one.test.client.list(eventKind, { namespace })
    const reasons = new Set(items.map(({ reason }) => reason))
    expect([...reasons]).toEqual(
      expect.arrayContaining(['Pulling', 'Failed', 'BackOff', 'Pulled', 'Created', 'Started']),
    )
  })

  it('starts a pod when its config map comes', async () => {
    const one = await aNode()
    const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } }]
    await one.create('needs', { env })
    await one.until(async () => (await one.waits('needs')) === 'CreateContainerConfigError')
    await one.test.client.create(configMap, { metadata: { name: 'settings', namespace }, data: { a: '1' } })
    await one.ready('needs')
  })

  it('refuses a pod for which it has no room, says why, and takes the next one', async () => {
    const one = await aNode()
    const ports = [{ containerPort: 80, hostPort: 8080 }]
    await one.create('first', { ports })
    await one.ready('first')
    await one.create('second', { ports })
    const refused = async (name: string): Promise<boolean> => (await one.get(name)).status?.phase === 'Failed'
    await one.until(() => refused('second'))
    const { status } = await one.get('second')
    const why = "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"
    expect(status).toMatchObject({ reason: 'NodePorts', message: `Pod was rejected: ${why}` })
    expect(status).not.toHaveProperty('containerStatuses')
    const { items } = await one.test.client.list(eventKind, { namespace })
    expect(items.find(({ reason }) => reason === 'NodePorts')).toMatchObject({ type: 'Warning', message: why })
    await one.test.client.delete(podKind, { name: 'second', namespace })
    await one.test.client.delete(podKind, { name: 'first', namespace }, { gracePeriodSeconds: 0 })
    await one.create('third', { ports })
    await one.ready('third')
  })

  it('refuses nothing that it has taken when it starts again', async () => {
    const one = await aNode()
    const ports = [{ containerPort: 80, hostPort: 8080 }]
    await one.create('zz-first', { ports, resources: { requests: { cpu: '1500m' } } })
    await one.ready('zz-first')
    await one.kubelet.dispose()
    await one.create('aa-second', { resources: { requests: { cpu: '1' } } })
    one.kubelet = one.startKubelet()
    await one.until(async () => (await one.get('aa-second')).status?.phase === 'Failed')
    expect((await one.get('aa-second')).status?.reason).toBe('OutOfcpu')
    expect(isPodReady(await one.get('zz-first'))).toBe(true)
  })

  it('reads the node anew before it refuses a pod for its labels', async () => {
    const one = await aNode()
    await one.create('any')
    await one.ready('any')
    const known = await one.test.client.get(nodeKind, { name: 'one' })
    const labels = { ...known.metadata.labels, disk: 'ssd' }
    await one.test.client.update(nodeKind, { ...known, metadata: { ...known.metadata, labels } })
    await one.create('picky', {}, { nodeSelector: { disk: 'ssd' } })
    await one.create('wrong', {}, { nodeSelector: { disk: 'hdd' } })
    await one.ready('picky')
    await one.until(async () => (await one.get('wrong')).status?.reason === 'NodeAffinity')
  })

  it('takes on what runs when it starts again, and ends what was deleted meanwhile', async () => {
    const one = await aNode()
    await one.create('stays')
    await one.create('goes')
    await one.ready('stays')
    await one.ready('goes')
    const running = async (): Promise<string[]> =>
      (await one.runtime.list())
        .filter(({ state }) => state === 'running')
        .map(({ identity, id }) => `${identity.podName} ${id}`)
    const before = await running()
    await one.kubelet.dispose()
    await one.test.client.delete(podKind, { name: 'goes', namespace }, { gracePeriodSeconds: 0 })
    one.kubelet = one.startKubelet()
    await one.until(async () => (await one.runtime.list()).every(({ identity }) => identity.podName !== 'goes'))
    expect(await running()).toEqual(before.filter((name) => name.startsWith('stays')))
    expect((await one.get('stays')).status?.containerStatuses?.[0]?.restartCount).toBe(0)
  })

  it('removes a deleted pod from the API when nothing of it runs any more', async () => {
    const one = await aNode()
    await one.create('short')
    await one.ready('short')
    await one.test.client.delete(podKind, { name: 'short', namespace })
    await one.until(async () => (await one.test.client.list(podKind, { namespace })).items.length === 0)
    await one.until(async () => (await one.runtime.list()).length === 0)
  })

  it('starts no pod while the network has a problem, and starts it when that is over', async () => {
    const one = await aNode()
    one.network.problemNow = 'no bridge'
    await one.create('patient')
    await one.test.clock.advance(30_000)
    expect(await one.runtime.list()).toEqual([])
    one.network.problemNow = undefined
    one.network.changed()
    await one.ready('patient')
  })

  it('tells of the end of a pod when nothing of it runs any more, its sidecars last', async () => {
    const one = await aNode()
    const sidecar = { name: 'beside', image: 'orrery.dev/busybox:1', command: ['sleep', '9999'] }
    const initContainers = [{ ...sidecar, restartPolicy: 'Always' }]
    await one.create('both', { command: ['sleep', '5'] }, { restartPolicy: 'Never', initContainers })
    await one.until(async () => (await one.get('both')).status?.phase === 'Succeeded')
    const { status } = await one.get('both')
    expect(status?.initContainerStatuses?.[0]?.state?.terminated).toBeDefined()
    expect(status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(0)
  })

  it('ends a pod at its deadline, and says why', async () => {
    const one = await aNode()
    await one.create('late', {}, { activeDeadlineSeconds: 3 })
    await one.until(async () => (await one.get('late')).status?.phase === 'Failed')
    const { status } = await one.get('late')
    expect(status?.reason).toBe('DeadlineExceeded')
    expect(status?.containerStatuses?.[0]?.state?.terminated).toBeDefined()
    const { items } = await one.test.client.list(eventKind, { namespace })
    expect(items.filter(({ reason }) => reason === 'DeadlineExceeded')).toMatchObject([{ type: 'Normal', count: 1 }])
  })

  it('starts nothing of a name that no image can have, and says so', async () => {
    const one = await aNode()
    await one.create('odd', { image: 'UPPER:case' })
    await one.until(async () => (await one.waits('odd')) === 'InvalidImageName')
    const { items } = await one.test.client.list(eventKind, { namespace })
    expect(items.find(({ reason }) => reason === 'InspectFailed')?.message).toContain('must be lowercase')
  })

  it("runs a job's pod once, and keeps its end", async () => {
    const one = await aNode()
    await one.create('job', { command: ['sleep', '5'] }, { restartPolicy: 'Never' })
    await one.until(async () => (await one.get('job')).status?.phase === 'Succeeded')
    await one.test.clock.advance(60_000)
    const { status } = await one.get('job')
    expect(status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 0,
      state: { terminated: { reason: 'Completed' } },
    })
  })
})
