/** The kubelet of one real worker: an API server in memory, containers in a real Docker Engine. */
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configMap } from '../../src-main/api/kinds/core/config-map.ts'
import { event as eventKind } from '../../src-main/api/kinds/core/event.ts'
import { node as nodeKind } from '../../src-main/api/kinds/core/node.ts'
import { pod as podKind } from '../../src-main/api/kinds/core/pod.ts'
import { isReason } from '../../src-main/api/errors.ts'
import { isConditionTrue } from '../../src-main/api/meta/conditions.ts'
import type { Live } from '../../src-main/api/meta/object.ts'
import { isPodReady } from '../../src-main/api/meta/pod.ts'
import type { Container, Pod, PodSpec } from '../../src-main/api/types/core-v1.ts'
import type { Client } from '../../src-main/client/client.ts'
import { silentProbe } from '../../src-main/glass/probe.ts'
import { startKubelet, type Kubelet } from '../../src-main/kubelet/kubelet.ts'
import { createDockerRuntime } from '../../src-main/kubelet/runtime/docker.ts'
import type { ContainerRuntime } from '../../src-main/kubelet/runtime/runtime.ts'
import { DisposableStack } from '../../src-main/lib/disposable.ts'
import { silentLog } from '../../src-main/lib/log.ts'
import { systemRandom } from '../../src-main/lib/random.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'
import { startNodeIpam } from '../../src-main/network/ipam.ts'
import { createNodeNetwork } from '../../src-main/network/node-network.ts'
import { describeRuntime } from '../contract/runtime-contract.ts'
import { startTestServer } from '../support/api-server.ts'
import { sandboxMissing } from '../support/host-state.ts'
import { startSandboxWorker, type SandboxWorker } from '../support/sandbox-worker.ts'
import { until } from '../support/until.ts'

const missing = sandboxMissing()
const parts = { clock: systemClock, random: systemRandom, log: silentLog, probe: silentProbe }
const clusterCidr = '10.244.0.0/16'
const namespace = 'default'

describeRuntime(
  'docker',
  async () => {
    const worker = await startSandboxWorker('engine', '10.29.8')
    const runtime = createDockerRuntime({ machine: worker.machine, ...parts })
    return {
      runtime,
      until: async (condition) => void (await until('the condition', condition, 20_000, 20)),
      async dispose() {
        await runtime.dispose()
        await worker.destroy()
      },
    }
  },
  missing,
)

describe.skipIf(missing !== undefined)(`a kubelet${missing === undefined ? '' : ` (${missing})`}`, () => {
  let worker: SandboxWorker
  let client: Client
  let runtime: ContainerRuntime
  let kubelet: Kubelet
  let running = new DisposableStack()
  const lasting = new DisposableStack()

  /** As the app starts a node, and starts it again after its end. */
  const startNode = (): void => {
    const { machine } = worker
    const nodeName = machine.name
    running = new DisposableStack()
    runtime = running.use(createDockerRuntime({ machine, ...parts }))
    const podNetwork = running.use(createNodeNetwork({ machine, client, nodeName, clusterCidr, ...parts }))
    const capacity = { cpus: 2, memoryBytes: 2 ** 30, maxPods: 110 }
    const clusterDns = { address: '10.96.0.10', domain: 'cluster.local' }
    const node = { nodeName, address: machine.address, capacity, clusterDns, version: 'v1.36.0' }
    kubelet = running.use(startKubelet({ client, runtime, podNetwork, machine, ...node, ...parts }))
  }

  beforeAll(async () => {
    worker = await startSandboxWorker('lone', '10.29.9')
    const { server, client: admin } = await startTestServer({ clock: systemClock })
    client = admin
    lasting.use(server)
    lasting.use(startNodeIpam({ client, clusterCidr, ...parts }))
    startNode()
    await until('a Ready node', async () => {
      const { items } = await client.list(nodeKind)
      return items.some(({ status }) => isConditionTrue(status?.conditions, 'Ready'))
    })
  }, 120_000)
  afterAll(async () => {
    await running.dispose()
    await lasting.dispose()
    await worker.destroy()
  }, 60_000)

  const create = (name: string, container: Partial<Container> = {}, spec: Partial<PodSpec> = {}): Promise<Live<Pod>> =>
    client.create(podKind, {
      metadata: { name, namespace },
      spec: {
        nodeName: 'lone',
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'main', image: 'orrery.dev/busybox:1', command: ['sleep', '1000'], ...container }],
        ...spec,
      },
    })
  const get = (name: string): Promise<Live<Pod>> => client.get(podKind, { name, namespace })
  const shell = (script: string): Partial<Container> => ({ command: ['sh', '-c', script] })
  const whenReady = (name: string): Promise<Live<Pod>> =>
    until(`${name} is ready`, async () => {
      const pod = await get(name)
      return isPodReady(pod) ? pod : undefined
    })
  const whenGone = (name: string): Promise<boolean> =>
    until(`${name} is gone`, async () =>
      get(name).then(
        () => false,
        (error) => isReason(error, 'NotFound'),
      ),
    )
  const inPod = async (name: string, command: string): Promise<string> => {
    const { metadata } = await get(name)
    const out = new PassThrough()
    let text = ''
    out.on('data', (chunk: Buffer) => (text += chunk.toString()))
    const address = { namespace, pod: name, uid: metadata.uid, container: 'main' }
    const streams = { stdout: out, stderr: out, tty: false }
    await kubelet.agent.exec(address, ['sh', '-c', command], streams, new AbortController().signal)
    return text.trim()
  }
  const waitingReason = async (name: string): Promise<string | undefined> =>
    (await get(name)).status?.containerStatuses?.[0]?.state?.waiting?.reason

  it('runs a pod with its own address, name, hosts and resolver', async () => {
    await create('plain')
    const { status } = await whenReady('plain')
    expect(status).toMatchObject({ phase: 'Running', hostIP: '10.29.9.11' })
    const shown = await inPod('plain', 'hostname; ip addr show eth0; cat /etc/hosts /etc/resolv.conf')
    expect(shown).toContain('plain\n')
    expect(shown).toContain(`inet ${status?.podIP}/24`)
    expect(shown).toContain('# Kubernetes-managed hosts file.')
    expect(shown).toContain('search default.svc.cluster.local svc.cluster.local cluster.local')
    expect(shown).toContain('nameserver 10.96.0.10')
  })

  it('follows init containers by the others, and tells of each step', async () => {
    const first = { name: 'first', image: 'orrery.dev/busybox:1', command: ['true'] }
    await create('steps', {}, { initContainers: [first] })
    const { status, metadata } = await whenReady('steps')
    expect(status?.initContainerStatuses?.[0]?.state?.terminated?.reason).toBe('Completed')
    const reasons = await until('all events', async () => {
      const { items } = await client.list(eventKind, { namespace })
      const own = items.filter(({ involvedObject }) => involvedObject.uid === metadata.uid)
      return own.length >= 6 ? own.map(({ reason }) => reason) : undefined
    })
    expect(reasons.toSorted()).toEqual(['Created', 'Created', 'Pulled', 'Pulled', 'Started', 'Started'])
  })

  it('shows the last words of a container that ends, and waits before the next try', async () => {
    await create('crash', shell('echo because > /dev/termination-log; exit 3'))
    await until('CrashLoopBackOff', async () => (await waitingReason('crash')) === 'CrashLoopBackOff')
    const [status] = (await get('crash')).status?.containerStatuses ?? []
    expect(status?.restartCount).toBe(1)
    expect(status?.lastState?.terminated).toMatchObject({ exitCode: 3, reason: 'Error', message: 'because\n' })
  })

  it('says in the words of the registry why an image cannot be had', async () => {
    await create('noimage', { image: 'registry.invalid/none:1' })
    await until('ImagePullBackOff', async () => (await waitingReason('noimage')) === 'ImagePullBackOff')
    const message = (await get('noimage')).status?.containerStatuses?.[0]?.state?.waiting?.message
    expect(message).toContain('Back-off pulling image "registry.invalid/none:1"')
    expect(message).toContain('registry.invalid')
  })

  it('mounts a config map, and shows its changes in the running container', async () => {
    await client.create(configMap, { metadata: { name: 'settings', namespace }, data: { colour: 'blue' } })
    const volumes = [{ name: 'v', configMap: { name: 'settings' } }]
    await create('mounts', { volumeMounts: [{ name: 'v', mountPath: '/v' }] }, { volumes })
    await whenReady('mounts')
    expect(await inPod('mounts', 'cat /v/colour')).toBe('blue')
    const patch = { data: { colour: 'green' } }
    await client.patch(configMap, { name: 'settings', namespace }, { type: 'merge', patch })
    await until('the new value', async () => (await inPod('mounts', 'cat /v/colour')) === 'green')
  })

  it('takes a pod out of service while its probe fails, and restarts what is not alive', async () => {
    const periodSeconds = 1
    await create('probed', {
      readinessProbe: { exec: { command: ['test', '-f', '/tmp/ready'] }, periodSeconds },
      livenessProbe: { exec: { command: ['test', '!', '-f', '/tmp/sick'] }, periodSeconds, failureThreshold: 2 },
    })
    await until('it runs', async () => (await get('probed')).status?.phase === 'Running')
    expect(isPodReady(await get('probed'))).toBe(false)
    await inPod('probed', 'touch /tmp/ready')
    await whenReady('probed')
    await inPod('probed', 'touch /tmp/sick')
    await until('a restart', async () => (await get('probed')).status?.containerStatuses?.[0]?.restartCount === 1)
  })

  it('answers probes over the network', async () => {
    const web = { image: 'orrery.dev/web:1', ports: [{ name: 'http', containerPort: 80 }] }
    const { command: _, ...rest } = {
      command: [],
      ...web,
      readinessProbe: { httpGet: { port: 'http', path: '/' }, periodSeconds: 1 },
    }
    await client.create(podKind, {
      metadata: { name: 'web', namespace },
      spec: { nodeName: 'lone', terminationGracePeriodSeconds: 1, containers: [{ name: 'main', ...rest }] },
    })
    const { status } = await whenReady('web')
    expect(await inPod('plain', `wget -qO- http://${status?.podIP}`)).toBe('web')
  })

  it('keeps what runs when the app is started again, and restarts no container', async () => {
    const shown = async (): Promise<string[]> =>
      (await runtime.list()).filter(({ state }) => state === 'running').map(({ id, startedAt }) => `${id} ${startedAt}`)
    const before = await shown()
    const addressBefore = (await get('plain')).status?.podIP
    await running.dispose()
    await client.delete(podKind, { name: 'web', namespace }, { gracePeriodSeconds: 0 })
    startNode()
    const gone = (await runtime.list()).filter(({ identity }) => identity.podName === 'web').map(({ id }) => id)
    await until('the deleted pod is cleared away', async () =>
      (await runtime.list()).every(({ identity }) => identity.podName !== 'web'),
    )
    const after = new Set(await shown())
    const kept = before.filter((one) => !gone.some((id) => one.startsWith(id)))
    expect(kept.filter((one) => !after.has(one))).toEqual([])
    expect((await get('plain')).status?.podIP).toBe(addressBefore)
    expect(await inPod('plain', 'echo still here')).toBe('still here')
  })

  it('makes a new sandbox when the old one has died', async () => {
    const sandbox = (await runtime.list()).find(
      ({ identity }) => identity.podName === 'plain' && identity.role === 'sandbox',
    )
    await runtime.stop(sandbox?.id ?? '', 0)
    const restarted = await until('it runs again', async () => {
      const pod = await get('plain')
      return pod.status?.containerStatuses?.[0]?.restartCount === 1 && isPodReady(pod) ? pod : undefined
    })
    expect(await inPod('plain', 'ip addr show eth0')).toContain(restarted.status?.podIP ?? 'none')
  })

  it('leaves nothing of its pods when they are deleted', async () => {
    const { items } = await client.list(podKind, { namespace })
    await Promise.all(items.map(({ metadata }) => client.delete(podKind, { name: metadata.name, namespace })))
    await Promise.all(items.map(({ metadata }) => whenGone(metadata.name)))
    await until('no container is left', async () => (await runtime.list()).length === 0)
    await until('no folder is left', async () => {
      const { stdout } = await worker.machine.exec(['ls', '/var/lib/kubelet/pods'])
      return stdout === ''
    })
  })
})
