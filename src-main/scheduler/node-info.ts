/** A node as the scheduler sees it: with the pods that are there or on their way. Values, never changed in place. */
import type { Live } from '../api/meta/object.ts'
import type { Node, Pod, Taint } from '../api/types/core-v1.ts'
import { addResources, parseResources, requestsOf, subtractResources, type Resources } from './resources.ts'

export interface HostPort {
  readonly protocol: string
  readonly ip: string
  readonly port: number
}

export interface NodeInfo {
  readonly name: string
  readonly node: Live<Node>
  /** What nearly every predicate asks, at hand. */
  readonly unschedulable: boolean
  readonly taints: readonly Taint[]
  readonly allocatable: Resources
  readonly requested: Resources
  readonly scoredRequested: Resources
  /** By uid. */
  readonly pods: ReadonlyMap<string, Live<Pod>>
  readonly hostPorts: readonly HostPort[]
  /** Pods without a node for which room is being made here. */
  readonly hopeful: readonly Live<Pod>[]
  /** Where it stands in the list of nodes; -1: nowhere, it is only supposed. */
  readonly place: number
  /** No two values in the list of nodes have the same. */
  readonly version: number
}

export function hostPortsOf(pod: Pod): HostPort[] {
  return [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]
    .flatMap((container) => container.ports ?? [])
    .filter(({ hostPort }) => hostPort !== undefined && hostPort > 0)
    .map(({ hostPort = 0, hostIP = '', protocol = 'TCP' }) => ({
      port: hostPort,
      protocol,
      ip: hostIP === '' ? '0.0.0.0' : hostIP,
    }))
}

/** The kubelet may report nothing but capacity at first. */
export const allocatableOf = ({ status }: Node): Resources => parseResources(status?.allocatable ?? status?.capacity)

const noTaints: readonly Taint[] = []
const factsOf = ({ spec }: Node): Pick<NodeInfo, 'unschedulable' | 'taints'> => ({
  unschedulable: spec?.unschedulable ?? false,
  taints: spec?.taints ?? noTaints,
})

const noPods: readonly Live<Pod>[] = []
const supposed = { place: -1, version: 0 }

export function nodeInfoOf(node: Live<Node>, pods: Iterable<Live<Pod>>): NodeInfo {
  let info: NodeInfo = {
    name: node.metadata.name,
    node,
    ...factsOf(node),
    allocatable: allocatableOf(node),
    requested: {},
    scoredRequested: {},
    pods: new Map(),
    hostPorts: [],
    hopeful: noPods,
    ...supposed,
  }
  for (const pod of pods) info = withPod(info, pod)
  return info
}

export const withNode = (info: NodeInfo, node: Live<Node>): NodeInfo => ({
  ...info,
  node,
  ...factsOf(node),
  allocatable: allocatableOf(node),
  ...supposed,
})

export function withPod(info: NodeInfo, pod: Live<Pod>): NodeInfo {
  const { requests, scored } = requestsOf(pod)
  const ports = hostPortsOf(pod)
  return {
    ...info,
    requested: addResources(info.requested, requests),
    scoredRequested: addResources(info.scoredRequested, scored),
    pods: new Map(info.pods).set(pod.metadata.uid, pod),
    hostPorts: ports.length === 0 ? info.hostPorts : [...info.hostPorts, ...ports],
    ...supposed,
  }
}

export function withoutPod(info: NodeInfo, uid: string): NodeInfo {
  const pod = info.pods.get(uid)
  if (pod === undefined) return info
  const { requests, scored } = requestsOf(pod)
  const pods = new Map(info.pods)
  pods.delete(uid)
  return {
    ...info,
    requested: subtractResources(info.requested, requests),
    scoredRequested: subtractResources(info.scoredRequested, scored),
    pods,
    hostPorts: hostPortsOf(pod).length === 0 ? info.hostPorts : [...pods.values()].flatMap(hostPortsOf),
    ...supposed,
  }
}

export const withHopeful = (info: NodeInfo, hopeful: readonly Live<Pod>[] = noPods): NodeInfo => ({
  ...info,
  hopeful,
  ...supposed,
})
