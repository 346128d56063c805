import type { Disposable } from '../lib/disposable.ts'

/** A sandbox that runs, and the address that its pod was given. */
export interface WiredSandbox {
  readonly podUid: string
  readonly address: string
  /** The sandbox's process on the worker. */
  readonly pid: number
}

/** What the kubelet asks of the node's network. Implemented by `network/node-network.ts`. */
export interface PodNetwork {
  /** Why pods cannot be connected now, in words; undefined when they can. */
  problem(): string | undefined
  /** Told when `problem` may have changed. */
  onChange(listener: () => void): Disposable
  /** The pod's address: the same as before when it has one. Throws when none is left. */
  reserve(podUid: string): string
  /** Connects a sandbox; what is connected already stays as it is. */
  setUp(sandbox: WiredSandbox): Promise<void>
  /** Gives the address back; the link went with the sandbox's network namespace. */
  tearDown(podUid: string): void
  /** What runs on the node, after a start or a lost connection: keeps its addresses and connects what is not connected. */
  adopt(sandboxes: readonly WiredSandbox[]): Promise<void>
}
