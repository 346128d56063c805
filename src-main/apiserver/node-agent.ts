/** What the API server asks of a node: logs, exec, attach, port-forward, and a way to its pods. The kubelet implements it. */
import type { Duplex, Readable, Writable } from 'node:stream'

export interface ContainerAddress {
  readonly namespace: string
  readonly pod: string
  readonly uid: string
  readonly container: string
}

export interface LogOptions {
  readonly follow: boolean
  readonly timestamps: boolean
  readonly previous: boolean
  readonly tailLines?: number
  readonly sinceSeconds?: number
  readonly sinceTime?: string
  readonly limitBytes?: number
}

export interface ProcessStreams {
  readonly stdin?: Readable
  readonly stdout?: Writable
  /** Absent when `tty` is set: a terminal has one stream. */
  readonly stderr?: Writable
  readonly tty: boolean
  /** Each value is the terminal's new size. */
  readonly resize?: AsyncIterable<{ readonly columns: number; readonly rows: number }>
}

/** What a container uses, on average over the window that ends at `atMs`. */
export interface ContainerUsage extends ContainerAddress {
  /** Unix milliseconds. */
  readonly atMs: number
  readonly windowMs: number
  readonly cpuNanoCores: number
  readonly memoryBytes: number
}

export interface NodeAgent {
  /** The log as bytes, line by line; ends when the container does or the signal aborts. */
  logs(container: ContainerAddress, options: LogOptions, signal: AbortSignal): Promise<Readable>
  /** Runs a command in a container to its end; resolves with the exit code. */
  exec(
    container: ContainerAddress,
    command: readonly string[],
    streams: ProcessStreams,
    signal: AbortSignal,
  ): Promise<number>
  attach(container: ContainerAddress, streams: ProcessStreams, signal: AbortSignal): Promise<void>
  /** A connection to a port inside the pod. */
  portForward(pod: Omit<ContainerAddress, 'container'>, port: number): Promise<Duplex>
  /** A connection to an address that the node reaches: of its own pods, of other nodes and theirs. */
  dial(host: string, port: number): Promise<Duplex>
  /** What the node's running containers use; those that have not been measured yet are left out. */
  usage(): Promise<readonly ContainerUsage[]>
}

/** Finds the agent of a node; undefined when the node has none or it cannot be reached. */
export type NodeAgents = (nodeName: string) => NodeAgent | undefined
