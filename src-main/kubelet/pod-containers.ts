/** A pod's containers as its spec lists them, and as the runtime shows them. */
import { createHash } from 'node:crypto'
import type { Container, ContainerStatus, EphemeralContainer, Pod, PodSpec } from '../api/types/core-v1.ts'
import type { EntryRole, ObservedContainer } from './runtime/runtime.ts'

export interface ContainerEntry {
  readonly container: Container
  readonly role: EntryRole
  /** An init container that keeps running beside the others (KEP-753). */
  readonly sidecar: boolean
  /** The container whose processes an ephemeral one is to see. */
  readonly target?: string
}

/** Init containers in their order, then the others, then those that were put into the running pod. */
export function containerEntries(spec: PodSpec | undefined): ContainerEntry[] {
  const init = (spec?.initContainers ?? []).map((container) => ({
    container,
    role: 'init' as const,
    sidecar: container.restartPolicy === 'Always',
  }))
  const app = (spec?.containers ?? []).map((container) => ({ container, role: 'app' as const, sidecar: false }))
  return [...init, ...app, ...(spec?.ephemeralContainers ?? []).map(ephemeralEntry)]
}

function ephemeralEntry({ targetContainerName = '', ...container }: EphemeralContainer): ContainerEntry {
  const target = targetContainerName === '' ? {} : { target: targetContainerName }
  return { container, role: 'ephemeral', sidecar: false, ...target }
}

/** What the runtime shows of one pod; newest attempts first. */
export interface PodContainers {
  readonly sandboxes: readonly ObservedContainer[]
  readonly containers: readonly ObservedContainer[]
}

export const noContainers: PodContainers = { sandboxes: [], containers: [] }

export function groupContainers(observed: Iterable<ObservedContainer>): PodContainers {
  const newestFirst = [...observed].toSorted((left, right) => right.identity.attempt - left.identity.attempt)
  return {
    sandboxes: newestFirst.filter(({ identity }) => identity.role === 'sandbox'),
    containers: newestFirst.filter(({ identity }) => identity.role !== 'sandbox'),
  }
}

export const runningSandbox = (pod: PodContainers): ObservedContainer | undefined =>
  pod.sandboxes.find(({ state }) => state === 'running')

/** What the pod's status says of a container; undefined before anything was said. */
export function statusOf({ status = {} }: Pod, name: string): ContainerStatus | undefined {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status
  for (const list of [initContainerStatuses, containerStatuses, ephemeralContainerStatuses]) {
    const found = list.find((one) => one.name === name)
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * How often a container was started of which the runtime knows nothing: what the pod's status tells. A container that it
 * still names has run since it was last counted; once the status says that it is lost, it is counted.
 */
export function attemptsBefore(pod: Pod, name: string): number {
  const { containerID = '', restartCount = 0 } = statusOf(pod, name) ?? {}
  return containerID === '' ? restartCount : restartCount + 1
}

/** All attempts of one container, newest first. */
export const attemptsOf = (pod: PodContainers, name: string): ObservedContainer[] =>
  pod.containers.filter(({ identity }) => identity.container === name)

/** What we write on containers to know later how they were made. */
export const note = {
  sandbox: 'sandbox',
  specHash: 'spec-hash',
  /** How many times in a row the container ended soon after its start, this one's predecessor included. */
  crashes: 'crashes',
  /** The pod's address; on sandboxes. */
  address: 'address',
  /** The file on the worker that is mounted as the termination log. */
  terminationLog: 'termination-log',
} as const

export const belongsTo = (container: ObservedContainer, sandbox: ObservedContainer): boolean =>
  container.notes[note.sandbox] === sandbox.id

/** The part of a container whose change replaces a running one: a pod's update may change its image alone. */
export function specHash(container: Container): string {
  return createHash('sha256')
    .update(JSON.stringify([container.name, container.image]))
    .digest('hex')
    .slice(0, 16)
}

/** Whether a container that ended with this code is to run again. */
export function restarts({ sidecar, role }: ContainerEntry, spec: PodSpec | undefined, exitCode: number): boolean {
  const policy = spec?.restartPolicy ?? 'Always'
  if (role === 'ephemeral') return false
  if (sidecar) return true
  if (role === 'init') return exitCode !== 0 && policy !== 'Never'
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

/** `web-x_default(uid)`, as messages name a pod. */
export function podLabel({ metadata }: Pod): string {
  return `${metadata?.name ?? ''}_${metadata?.namespace ?? ''}(${metadata?.uid ?? ''})`
}
