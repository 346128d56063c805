import type { Pod } from '../api/types/core-v1.ts'
import type { Client } from '../client/client.ts'
import type { Probe } from '../glass/probe.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import type { ConfigSource } from './environment.ts'
import type { Images } from './images.ts'
import type { PodFiles } from './pod-files.ts'
import type { Checker } from './probes/check.ts'
import type { PodNetwork } from './pod-network.ts'
import type { RuntimeView } from './runtime-view.ts'
import type { ContainerRuntime } from './runtime/runtime.ts'
import type { VolumeDigests } from './volume-digests.ts'
import type { ClusterDns } from './sandbox-config.ts'

/** Reports something about a pod, or about one of its containers when `container` names it. */
export type TellPod = (
  pod: Pod,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
  container?: { readonly name: string; readonly role: 'init' | 'app' },
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
  readonly tell: TellPod
}
