/** What the kubelet asks of the thing that runs containers. A pod is a sandbox container and the containers that join it. */
import type { Readable } from 'node:stream'
import type { ProcessStreams } from '../../apiserver/node-agent.ts'
import type { Disposable } from '../../lib/disposable.ts'

/** Of the containers that a pod's spec lists. */
export type EntryRole = 'init' | 'app' | 'ephemeral'
export type ContainerRole = 'sandbox' | EntryRole

/** Which container of which pod this is. Kept in labels, so that a restarted kubelet knows its containers again. */
export interface ContainerIdentity {
  readonly podUid: string
  readonly podNamespace: string
  readonly podName: string
  readonly role: ContainerRole
  /** The container's name in the pod spec; empty for a sandbox. */
  readonly container: string
  /** 0 for the first container of this name, one more for each that replaces it. */
  readonly attempt: number
}

export interface Mount {
  /** A path on the worker. */
  readonly source: string
  readonly target: string
  readonly readOnly: boolean
  readonly propagation?: 'private' | 'rslave' | 'rshared'
}

export interface ContainerResources {
  readonly cpuShares?: number
  /** CPU time in microseconds for each period of 100 ms. */
  readonly cpuQuotaMicros?: number
  readonly memoryBytes?: number
  readonly oomScoreAdjust?: number
}

export interface ContainerSecurity {
  /** `uid`, or `uid:gid`. */
  readonly user?: string
  readonly supplementalGroups?: readonly string[]
  readonly privileged?: boolean
  readonly readOnlyRootFilesystem?: boolean
  readonly addCapabilities?: readonly string[]
  readonly dropCapabilities?: readonly string[]
  readonly noNewPrivileges?: boolean
  /** False when the container asks to run without a system call filter, which is the default of pods. */
  readonly confined?: boolean
  readonly sysctls?: Readonly<Record<string, string>>
}

export type NetworkMode =
  | { readonly type: 'none' }
  | { readonly type: 'host' }
  /** Joins the network, IPC and host name of a sandbox, and its process ids when `sharePids` is set, or a container's. */
  | { readonly type: 'sandbox'; readonly sandboxId: string; readonly sharePids: boolean; readonly pidsOf?: string }

export interface ContainerConfig {
  readonly identity: ContainerIdentity
  /** Whatever the kubelet wants to find again on the container. */
  readonly notes: Readonly<Record<string, string>>
  readonly image: string
  /** Replaces the image's entry point. */
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env: readonly string[]
  readonly workingDirectory?: string
  readonly network: NetworkMode
  readonly hostName?: string
  readonly hostPid?: boolean
  readonly hostIpc?: boolean
  readonly dns?: {
    readonly servers: readonly string[]
    readonly searches: readonly string[]
    readonly options: readonly string[]
  }
  readonly mounts: readonly Mount[]
  readonly resources: ContainerResources
  /** The pod's group of limits on the worker. */
  readonly cgroupParent?: string
  readonly security: ContainerSecurity
  readonly stdin: boolean
  readonly stdinOnce: boolean
  readonly tty: boolean
  readonly stopSignal?: string
}

export type ContainerState = 'created' | 'running' | 'exited'

/** A container as it is now. Times are Unix milliseconds. */
export interface ObservedContainer {
  readonly id: string
  readonly identity: ContainerIdentity
  readonly notes: Readonly<Record<string, string>>
  readonly image: string
  readonly imageId: string
  readonly state: ContainerState
  readonly createdAt: number
  readonly startedAt: number | undefined
  readonly finishedAt: number | undefined
  readonly exitCode: number
  readonly outOfMemory: boolean
  /** Why it could not be started; empty when it could. */
  readonly error: string
  /** The main process on the worker; 0 when it does not run. */
  readonly pid: number
  /** What it may use now; absent: not known. */
  readonly resources?: ContainerResources
}

export interface RuntimeInfo {
  /** `docker`, `simulated`. */
  readonly name: string
  readonly version: string
  readonly kernelVersion: string
  readonly osImage: string
  /** In the words of Kubernetes: `amd64`, `arm64`. */
  readonly architecture: string
  readonly machineId: string
}

export interface ImageInfo {
  readonly id: string
  readonly names: readonly string[]
  readonly sizeBytes: number
  /** As whom its containers run unless told otherwise: a name or number, with or without a group; empty: root. */
  readonly user?: string
}

export type RuntimeEvent =
  /** Events arrive from now on; whatever happened before has to be listed. */
  | { readonly type: 'connected' }
  | { readonly type: 'disconnected'; readonly reason: string }
  | { readonly type: 'container'; readonly id: string; readonly action: string }

export interface RuntimeLogOptions {
  readonly follow: boolean
  readonly timestamps: boolean
  readonly tailLines?: number
  /** Only lines after this Unix time in milliseconds. */
  readonly since?: number
}

/** What a container has used by a moment. */
export interface UsageSample {
  /** Unix milliseconds. */
  readonly atMs: number
  /** CPU time since its start, of all its processes. */
  readonly cpuNanoseconds: number
  /** Memory that cannot be taken back without harm: the working set. */
  readonly memoryBytes: number
}

/** Every method rejects with a RuntimeError. */
export interface ContainerRuntime extends Disposable {
  info(): Promise<RuntimeInfo>
  /** All containers that carry an identity, running or not. */
  list(): Promise<ObservedContainer[]>
  /** Undefined when there is no such container, or it is not one of ours. */
  inspect(id: string): Promise<ObservedContainer | undefined>
  /** The image must be there. Returns the id. */
  create(config: ContainerConfig): Promise<string>
  /** Starting a running container changes nothing. */
  start(id: string): Promise<void>
  /** Asks it to end, and ends it after the grace period. Resolves when it has ended; also when it is not there. */
  stop(id: string, graceSeconds: number): Promise<void>
  /** Gives a running container other resources; those that are not named stay as they are. */
  resize(id: string, resources: ContainerResources): Promise<void>
  /** Ends and removes it; does nothing when it is not there. */
  remove(id: string): Promise<void>
  images(): Promise<ImageInfo[]>
  findImage(name: string): Promise<ImageInfo | undefined>
  /** Fetches an image from its registry; `ImageUnavailable` carries the registry's words. */
  pull(name: string, signal: AbortSignal): Promise<void>
  /** Loads an archive as `docker save` writes it. */
  loadImage(archive: Uint8Array | Readable): Promise<void>
  /** The log as plain bytes; ends with the container, or at once without `follow`. */
  logs(id: string, options: RuntimeLogOptions, signal: AbortSignal): Promise<Readable>
  exec(id: string, command: readonly string[], streams: ProcessStreams, signal: AbortSignal): Promise<number>
  /** Resolves when the container ends or the streams are closed. */
  attach(id: string, streams: ProcessStreams, signal: AbortSignal): Promise<void>
  /** Samples of a running container, about one a second, until it ends or this is disposed. */
  usage(id: string, listener: (sample: UsageSample) => void): Disposable
  /** Connects now and after every loss, until disposed. */
  watch(listener: (event: RuntimeEvent) => void): Disposable
}

export type RuntimeErrorCode =
  'Unavailable' | 'NotFound' | 'ImageNotFound' | 'ImageUnavailable' | 'Conflict' | 'Invalid' | 'Failed'

export class RuntimeError extends Error {
  override readonly name = 'RuntimeError'
  readonly code: RuntimeErrorCode

  constructor(code: RuntimeErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

export function isRuntimeError(error: unknown, ...codes: RuntimeErrorCode[]): error is RuntimeError {
  return error instanceof RuntimeError && codes.includes(error.code)
}
