/** What the Node object says of this node: pure. */
import { isExtendedResource } from '../api/kinds/core/resource-name-rules.ts'
import { withCondition } from '../api/meta/conditions.ts'
import type { Live } from '../api/meta/object.ts'
import type { ContainerImage, Node, NodeCondition, NodeStatus } from '../api/types/core-v1.ts'
import { timestamp } from '../lib/clock.ts'
import type { ImageInfo, RuntimeInfo } from './runtime/runtime.ts'

export interface NodeCapacity {
  readonly cpus: number
  readonly memoryBytes: number
  readonly maxPods: number
}

export interface NodeIdentity {
  readonly nodeName: string
  readonly address: string
  readonly capacity: NodeCapacity
  readonly labels: Readonly<Record<string, string>>
  /** `v1.36.0`. */
  readonly version: string
  /** The machine's own, as its /etc/machine-id has it; absent: what the runtime says. */
  readonly machineId?: string
  /** Of the machine's kernel since it booted; absent: what the runtime says. */
  readonly bootId?: string
}

export interface NodeObservation {
  readonly now: number
  /** Absent until the runtime has answered once. */
  readonly info: RuntimeInfo | undefined
  readonly images: readonly ImageInfo[]
  /** Why pods cannot run here now. */
  readonly problem: string | undefined
}

const shownImages = 50
/** Disk that pods may use: not measured, so that no worker is refused for it. */
const ephemeralStorage = '20Gi'

export function nodeLabels({ nodeName, labels }: NodeIdentity, info: RuntimeInfo | undefined): Record<string, string> {
  const architecture = info?.architecture ?? 'amd64'
  return {
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': 'linux',
    'beta.kubernetes.io/arch': architecture,
    ...labels,
  }
}

export function nodeStatus(node: Live<Node>, identity: NodeIdentity, observation: NodeObservation): NodeStatus {
  const { capacity, nodeName, address } = identity
  const amounts = {
    cpu: String(capacity.cpus),
    memory: `${Math.floor(capacity.memoryBytes / 1024)}Ki`,
    pods: String(capacity.maxPods),
    'ephemeral-storage': ephemeralStorage,
    'hugepages-2Mi': '0',
  }
  const whole = { ...node.status?.capacity, ...amounts }
  return {
    ...node.status,
    capacity: whole,
    allocatable: allocatable(node.status?.allocatable ?? {}, whole),
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: nodeName },
    ],
    conditions: conditions(node, observation),
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    images: observation.images.slice(0, shownImages).map(containerImage),
    ...(observation.info === undefined ? {} : { nodeInfo: nodeInfo(observation.info, identity) }),
  }
}

/**
 * All of the capacity: nothing is kept back. Others may write extended resources into a node's capacity, and take them
 * out again.
 */
function allocatable(before: Quantities, capacity: Quantities): Quantities {
  const kept = Object.entries(before).filter(([name]) => name in capacity || !isExtendedResource(name))
  return { ...Object.fromEntries(kept), ...capacity }
}

type Quantities = Readonly<Record<string, string>>

function containerImage({ names, sizeBytes }: ImageInfo): ContainerImage {
  return { names: [...names], sizeBytes }
}

function nodeInfo(
  info: RuntimeInfo,
  { version, nodeName, machineId, bootId }: NodeIdentity,
): NonNullable<NodeStatus['nodeInfo']> {
  return {
    architecture: info.architecture,
    bootID: bootId ?? info.machineId,
    containerRuntimeVersion: `${info.name}://${info.version}`,
    kernelVersion: info.kernelVersion,
    kubeProxyVersion: '',
    kubeletVersion: version,
    machineID: machineId ?? info.machineId,
    operatingSystem: 'linux',
    osImage: info.osImage,
    systemUUID: nodeName,
  }
}

function conditions(node: Live<Node>, { now, problem }: NodeObservation): NodeCondition[] {
  const own: NodeCondition[] = [
    fine('MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    fine('DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    fine('PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    problem === undefined
      ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
      : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: problem },
  ]
  let all = node.status?.conditions ?? []
  for (const condition of own) {
    all = withCondition(all, { ...condition, lastHeartbeatTime: timestamp(now) }, timestamp(now)).conditions
  }
  return all
}

function fine(type: string, reason: string, message: string): NodeCondition {
  return { type, status: 'False', reason, message }
}

/** Whether two statuses differ in more than the time of the heartbeat. */
export function withoutHeartbeat(status: NodeStatus): NodeStatus {
  return { ...status, conditions: (status.conditions ?? []).map(({ lastHeartbeatTime: _, ...rest }) => rest) }
}
