/** Resizing containers that run (KEP-1287): pure. */
import { milliValue, parseQuantity, wholeValue } from '../api/meta/quantity.ts'
import type { Container, Pod } from '../api/types/core-v1.ts'
import { resourcesOf } from './container-resources.ts'
import { attemptsOf, containerEntries, type PodContainers } from './pod-containers.ts'
import type { ContainerResources, ObservedContainer } from './runtime/runtime.ts'

/** How far a pod's containers are from what their spec says. */
export interface ResizeState {
  /** The names of containers that run with other resources than they are to have. */
  readonly differing: ReadonlySet<string>
  /** Why the node does not give them; undefined: it does. */
  readonly pending: PendingResize | undefined
}

export interface PendingResize {
  readonly reason: 'Infeasible' | 'Deferred'
  readonly message: string
}

export const noResize: ResizeState = { differing: new Set(), pending: undefined }

/** What a node has for pods: processors in thousandths, and bytes. */
export interface NodeRoom {
  readonly milliCpu: number
  readonly memoryBytes: number
}

/** `neighbours` is asked only when something differs; the pod itself may be among them. */
export function resizeOf(
  pod: Pod,
  observed: PodContainers,
  room: NodeRoom,
  neighbours: () => Iterable<Pod>,
): ResizeState {
  const differing = new Set<string>()
  for (const { container, role, sidecar } of containerEntries(pod.spec)) {
    const latest = role === 'app' || sidecar ? attemptsOf(observed, container.name)[0] : undefined
    if (latest?.state === 'running' && differs(container, latest)) differing.add(container.name)
  }
  return differing.size === 0 ? noResize : { differing, pending: pendingOf(pod, room, neighbours) }
}

function differs(container: Container, { resources: has }: ObservedContainer): boolean {
  if (has === undefined) return false
  const wants = resourcesOf(container)
  return (['cpuShares', 'cpuQuotaMicros', 'memoryBytes'] as const).some(
    (one) => wants[one] !== undefined && wants[one] !== has[one],
  )
}

/** Whether the change asks for a new container. */
export function needsRestart(container: Container, has: ContainerResources = {}): boolean {
  const wants = resourcesOf(container)
  const cpu = wants.cpuShares !== has.cpuShares || wants.cpuQuotaMicros !== has.cpuQuotaMicros
  const memory = wants.memoryBytes !== has.memoryBytes
  return (container.resizePolicy ?? []).some(
    ({ resourceName, restartPolicy }) =>
      restartPolicy === 'RestartContainer' &&
      ((resourceName === 'cpu' && cpu) || (resourceName === 'memory' && memory)),
  )
}

const resources = [
  { name: 'cpu', value: (text: string): number => milliValue(parseQuantity(text)), room: 'milliCpu' },
  { name: 'memory', value: (text: string): number => wholeValue(parseQuantity(text)), room: 'memoryBytes' },
] as const

function pendingOf(pod: Pod, room: NodeRoom, neighbours: () => Iterable<Pod>): PendingResize | undefined {
  for (const { name, value, room: field } of resources) {
    const requested = requestOf(pod, name, value)
    const words = `${name}, requested: ${requested}`
    if (requested > room[field]) {
      const message = `Node didn't have enough capacity: ${words}, capacity: ${room[field]}`
      return { reason: 'Infeasible', message }
    }
    let used = 0
    for (const other of neighbours()) if (takesRoom(other, pod)) used += allocatedOf(other, name, value)
    if (requested + used > room[field]) {
      const message = `Node didn't have enough resource: ${words}, used: ${used}, capacity: ${room[field]}`
      return { reason: 'Deferred', message }
    }
  }
  return undefined
}

const takesRoom = ({ metadata, status }: Pod, pod: Pod): boolean =>
  metadata?.uid !== pod.metadata?.uid && status?.phase !== 'Succeeded' && status?.phase !== 'Failed'

function requestOf({ spec }: Pod, name: string, value: (text: string) => number): number {
  const texts = (spec?.containers ?? []).map(({ resources: own }) => own?.requests?.[name])
  return texts.reduce((sum, text) => sum + (text === undefined ? 0 : value(text)), 0)
}

/** What the node has promised a pod, which may differ from what it asks for now. */
function allocatedOf(pod: Pod, name: string, value: (text: string) => number): number {
  return requestOf(withAllocated(pod), name, value)
}

/** The pod with the resources that it has been given: what its containers start with while a change is pending. */
export function withAllocated(pod: Pod): Pod {
  if (pod.spec === undefined || pod.status?.containerStatuses === undefined) return pod
  const statuses = new Map(pod.status.containerStatuses.map((status) => [status.name, status]))
  const containers = pod.spec.containers.map((container) => {
    const given = statuses.get(container.name)
    if (given?.allocatedResources === undefined) return container
    const limits = given.resources?.limits ?? container.resources?.limits
    const requests = given.allocatedResources
    return {
      ...container,
      resources: { ...container.resources, requests, ...(limits === undefined ? {} : { limits }) },
    }
  })
  return { ...pod, spec: { ...pod.spec, containers } }
}
