import type { Live } from '../api/meta/object.ts'
import type { Node, Pod } from '../api/types/core-v1.ts'
import type { Client } from '../client/client.ts'
import type { Facts, Probe } from '../glass/probe.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import type { ConfigSource } from './environment.ts'
import type { Images } from './images.ts'
import type { PodFiles } from './pod-files.ts'
import type { Checker } from './probes/check.ts'
import type { PodNetwork } from './pod-network.ts'
import type { RuntimeView } from './runtime-view.ts'
import type { ContainerRuntime, EntryRole } from './runtime/runtime.ts'
import type { StartTurns } from './start-turns.ts'
import type { VolumeDigests } from './volume-digests.ts'
import type { ClusterDns } from './sandbox-config.ts'

/** Reports something about a pod, or about one of its containers when `container` names it. */
export type TellPod = (
  pod: Pod,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
  container?: { readonly name: string; readonly role: EntryRole },
) => void

/** What all pods of one node share. */
export interface KubeletContext {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly probe: Probe
  readonly nodeName: string
  readonly address: string
  readonly cpus: number
  readonly memoryBytes: number
  readonly runtime: ContainerRuntime
  readonly view: RuntimeView
  readonly network: PodNetwork
  readonly images: Images
  readonly files: PodFiles
  readonly checker: Checker
  readonly digests: VolumeDigests
  readonly config: ConfigSource
  readonly dns: ClusterDns
  readonly turns: StartTurns
  readonly tell: TellPod
  /** The pods of the node, as the API has them. */
  readonly neighbours: () => Iterable<Live<Pod>>
  /** The node as the API has it; undefined until it is known. */
  readonly node: () => Node | undefined
}

/** What ties a span to a pod's timeline, and to one of its containers. */
export function podFacts({ nodeName }: KubeletContext, { metadata }: Live<Pod>, container?: string): Facts {
  return {
    'k8s.object.kind': 'Pod',
    'k8s.namespace.name': metadata.namespace,
    'k8s.object.name': metadata.name,
    'k8s.object.uid': metadata.uid,
    'k8s.node.name': nodeName,
    ...(container === undefined ? {} : { 'k8s.container.name': container }),
  }
}
