/** Pods and containers as a kubelet sees them, for tables of cases. */
import type { Live } from '../../src-main/api/meta/object.ts'
import type { Container, Pod, PodSpec } from '../../src-main/api/types/core-v1.ts'
import type { PlanInput } from '../../src-main/kubelet/actions.ts'
import { groupContainers, note, specHash } from '../../src-main/kubelet/pod-containers.ts'
import type { ContainerRole, ObservedContainer } from '../../src-main/kubelet/runtime/runtime.ts'
import { noResize } from '../../src-main/kubelet/resize.ts'

/** The instant at which the tables play: 2026-01-01T00:00:00Z. */
export const now = Date.UTC(2026, 0, 1)

export function aContainer(name = 'web', more: Partial<Container> = {}): Container {
  return { name, image: 'orrery.dev/web:1', ...more }
}

export function aPod(spec: Partial<PodSpec> = {}, more: Partial<Live<Pod>> = {}): Live<Pod> {
  const metadata = { name: 'web-1', namespace: 'default', uid: 'uid-1', resourceVersion: '1', creationTimestamp: '' }
  return { metadata, spec: { containers: [aContainer()], ...spec }, ...more }
}

export interface Seen {
  readonly name?: string
  readonly role?: ContainerRole
  readonly attempt?: number
  readonly state?: ObservedContainer['state']
  readonly exitCode?: number
  readonly image?: string
  readonly sandbox?: string
  readonly crashes?: number
  /** How long ago it started and ended, in seconds. */
  readonly startedAgo?: number
  readonly endedAgo?: number
  readonly error?: string
  readonly outOfMemory?: boolean
}

/** A container that the runtime shows; running since a minute unless told otherwise. */
export function seen(what: Seen = {}): ObservedContainer {
  const { name = 'web', role = 'app', attempt = 0, state = 'running', image = 'orrery.dev/web:1' } = what
  const container = role === 'sandbox' ? '' : name
  const startedAt = now - (what.startedAgo ?? 60) * 1000
  return {
    id: `${container === '' ? 'sandbox' : container}-${attempt}`,
    identity: { podUid: 'uid-1', podNamespace: 'default', podName: 'web-1', role, container, attempt },
    notes:
      role === 'sandbox'
        ? { [note.address]: '10.244.0.2' }
        : {
            [note.sandbox]: what.sandbox ?? 'sandbox-0',
            [note.specHash]: specHash({ name, image }),
            [note.crashes]: String(what.crashes ?? 0),
          },
    image,
    imageId: 'sha256:1',
    state,
    createdAt: startedAt,
    startedAt: state === 'created' ? undefined : startedAt,
    finishedAt: state === 'exited' ? now - (what.endedAgo ?? 0) * 1000 : undefined,
    exitCode: what.exitCode ?? 0,
    outOfMemory: what.outOfMemory ?? false,
    error: what.error ?? '',
    pid: state === 'running' ? 100 : 0,
  }
}

export const aSandbox = (more: Seen = {}): ObservedContainer => seen({ role: 'sandbox', ...more })

export function planInput(
  pod: Live<Pod>,
  containers: readonly ObservedContainer[],
  more: Partial<PlanInput> = {},
): PlanInput {
  return {
    pod,
    observed: groupContainers(containers),
    now,
    busy: new Set(),
    startFailures: new Map(),
    probes: new Map(),
    resize: noResize,
    gone: false,
    ended: false,
    refusal: undefined,
    ...more,
  }
}
