/** Objects for tests: whole enough to be scheduled, with only what a test names set apart. */
import type { Live } from '../api/meta/object.ts'
import type { Node, Pod, PodSpec } from '../api/types/core-v1.ts'
import { VirtualClock } from '../lib/virtual-clock.ts'
import { SchedulerCache } from './cache.ts'
import { noDevices, type DeviceView } from './devices/device-view.ts'
import type { Snapshot } from './framework.ts'
import { noStorage, type StorageView } from './volumes/storage-view.ts'

export interface NodeOptions {
  readonly allocatable?: Record<string, string>
  readonly labels?: Record<string, string>
  readonly spec?: Node['spec']
  readonly images?: Record<string, number>
}

export function aNode(name: string, { allocatable, labels, spec, images }: NodeOptions = {}): Live<Node> {
  return {
    metadata: {
      name,
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { 'kubernetes.io/hostname': name, ...labels },
    },
    ...(spec === undefined ? {} : { spec }),
    status: {
      allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...allocatable },
      images: Object.entries(images ?? {}).map(([image, sizeBytes]) => ({ names: [image], sizeBytes })),
    },
  }
}

export interface PodOptions extends Omit<PodSpec, 'containers'> {
  readonly requests?: Record<string, string>
  readonly labels?: Record<string, string>
  readonly containers?: PodSpec['containers']
  readonly namespace?: string
}

export function aPod(name: string, options: PodOptions = {}): Live<Pod> {
  const { requests, labels, containers, namespace = 'default', ...spec } = options
  const container = { name: 'main', image: 'web:1', ...(requests === undefined ? {} : { resources: { requests } }) }
  return {
    metadata: {
      name,
      namespace,
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { app: 'web', ...labels },
    },
    spec: { ...spec, containers: containers ?? [container] },
    status: { phase: 'Pending' },
  }
}

export function aCache(
  nodes: readonly Live<Node>[],
  pods: readonly Live<Pod>[] = [],
  siblingsOf: Snapshot['siblingsOf'] = () => undefined,
  storage: StorageView = noStorage,
  devices: DeviceView = noDevices,
): SchedulerCache {
  const labels: Record<string, Record<string, string>> = { default: {}, other: { team: 'red' } }
  const cache = new SchedulerCache(new VirtualClock(), {
    siblingsOf,
    storage,
    devices,
    labelsOfNamespace: (name) => labels[name],
    namespaces: () => Object.keys(labels),
  })
  for (const node of nodes) cache.setNode(node)
  for (const pod of pods) cache.setPod(pod)
  return cache
}
