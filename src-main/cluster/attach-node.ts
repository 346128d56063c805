/** Makes a node of a machine: the images that it needs, its network, its kubelet, its proxy and its DNS. */
import type { Duplex } from 'node:stream'
import { node as nodeKind } from '../api/kinds/core/node.ts'
import { parseQuantity, wholeValue } from '../api/meta/quantity.ts'
import type { Live } from '../api/meta/object.ts'
import type { Machine as MachineObject } from '../api/types/lab-v1.ts'
import type { NodeAgent } from '../apiserver/node-agent.ts'
import type { Client } from '../client/client.ts'
import { Informer } from '../client/informer.ts'
import type { Recorder } from '../glass/recorder.ts'
import { startKubelet } from '../kubelet/kubelet.ts'
import type { PodNetwork } from '../kubelet/pod-network.ts'
import { createDockerRuntime } from '../kubelet/runtime/docker.ts'
import type { ContainerRuntime } from '../kubelet/runtime/runtime.ts'
import { createSimulatedRuntime } from '../kubelet/runtime/simulated.ts'
import { labName } from '../lab/lab-wish.ts'
import type { Clock } from '../lib/clock.ts'
import { DisposableStack, type Disposable } from '../lib/disposable.ts'
import type { Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import type { Machine } from '../machines/machine.ts'
import type { ReportStep } from '../machines/provider.ts'
import { startApiTunnel } from '../network/api-tunnel.ts'
import { dnsRoutes, startDns } from '../network/dns/dns.ts'
import { createNodeNetwork } from '../network/node-network.ts'
import { startProxy } from '../network/proxy/proxy.ts'
import { readMachineIds, type MachineIds } from './machine-ids.ts'
import { SimulatedNetwork } from './simulated-network.ts'

export interface NodeAttachment {
  readonly machine: Machine
  readonly object: Live<MachineObject>
  readonly report: ReportStep
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly recorder: Recorder
  /** Where the node's agent is registered for as long as it is attached. */
  readonly agents: Map<string, NodeAgent>
  readonly podNetworks: string
  /** The service addresses of the cluster's DNS and API server. */
  readonly dns: string
  readonly kubernetes: string
  readonly images: () => Promise<readonly { readonly name: string; readonly archive: Uint8Array }[]>
  readonly connectToApi: () => Duplex
  readonly kubeletClient: Client
  readonly networkClient: Client
  readonly proxyClient: Client
  readonly dnsClient: Client
}

/** What every node says of its version. */
const kubeletVersion = 'v1.36.0'
const domain = 'cluster.local'
const maxPods = 110

/** Disposing detaches the node from the app; its pods keep running on the machine. */
export async function attachNode(options: NodeAttachment): Promise<Disposable> {
  const parts = new DisposableStack()
  try {
    if (options.object.spec?.provider === 'simulated') await attachSimulated(options, parts)
    else await attachReal(options, parts)
    return parts
  } catch (error) {
    await parts.dispose()
    throw error
  }
}

async function attachReal(options: NodeAttachment, parts: DisposableStack): Promise<void> {
  const { machine, report, clock, random, recorder, networkClient, proxyClient, dnsClient, podNetworks } = options
  const log = options.log
  const nodeName = machine.name
  report('Load images')
  const runtime = parts.use(createDockerRuntime({ machine, clock, random }))
  await loadMissingImages(runtime, options.images)
  report('Connect the pod network')
  const tunnel = parts.use(
    await startApiTunnel({ machine, connect: options.connectToApi, serviceAddress: options.kubernetes }),
  )
  const shared = { machine, nodeName, clock, random, log }
  const network = parts.use(
    createNodeNetwork({
      ...{ ...shared, clusterCidr: podNetworks, client: networkClient },
      probe: recorder.probe('network'),
    }),
  )
  parts.use(startDns({ ...shared, domain, client: dnsClient, probe: recorder.probe('dns') }))
  parts.use(
    startProxy({
      ...{ ...shared, clusterCidr: podNetworks, client: proxyClient },
      lab: labName,
      localRoutes: [...dnsRoutes(options.dns, machine), tunnel.route],
      probe: recorder.probe('proxy'),
    }),
  )
  report('Start the kubelet')
  startNode(options, runtime, network, await readMachineIds(machine), parts)
}

async function attachSimulated(options: NodeAttachment, parts: DisposableStack): Promise<void> {
  const { machine, report, clock, random, log, kubeletClient } = options
  report('Start the kubelet')
  const own = new Informer(
    nodeKind,
    { fieldSelector: `metadata.name=${machine.name}` },
    { client: kubeletClient, clock, random, log },
  )
  parts.use(own.start())
  const network = parts.use(new SimulatedNetwork(own, machine.name))
  // Nothing of it is real but its object, whose id is as much its own.
  const machineId = options.object.metadata.uid.replaceAll('-', '')
  startNode(options, parts.use(createSimulatedRuntime({ clock, random })), network, { machineId }, parts)
  await own.synced()
}

/** The kubelet, and its agent where the API server finds it. */
function startNode(
  { machine, object, clock, random, log, recorder, agents, kubeletClient, dns }: NodeAttachment,
  runtime: ContainerRuntime,
  podNetwork: PodNetwork,
  ids: MachineIds,
  parts: DisposableStack,
): void {
  const { cpus = 1, memory = '1Gi', provider } = object.spec ?? {}
  const kubelet = parts.use(
    startKubelet({
      ...{ clock, random, log, runtime, podNetwork },
      client: kubeletClient,
      probe: recorder.probe('kubelet'),
      nodeName: machine.name,
      address: machine.address,
      capacity: { cpus, memoryBytes: wholeValue(parseQuantity(memory)), maxPods },
      clusterDns: { address: dns, domain },
      version: kubeletVersion,
      ...ids,
      ...(provider === 'simulated' ? {} : { machine }),
    }),
  )
  agents.set(machine.name, kubelet.agent)
  parts.defer(() => void agents.delete(machine.name))
}

async function loadMissingImages(runtime: ContainerRuntime, images: NodeAttachment['images']): Promise<void> {
  const present = new Set((await runtime.images()).flatMap(({ names }) => names))
  const missing = (await images()).filter(({ name }) => !present.has(name))
  await Promise.all(missing.map(({ archive }) => runtime.loadImage(archive)))
}
