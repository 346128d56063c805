import type { Live } from '../../api/meta/object.ts'
import type { Lease } from '../../api/types/coordination-v1.ts'
import type { Node } from '../../api/types/core-v1.ts'

interface Sign {
  readonly text: string
  readonly seenMs: number
}

/**
 * When each kubelet last gave a sign of life, by our own clock: a change of its lease or of its status. What the lease
 * says does not count, for after a pause of ours every lease is old, and clocks differ.
 */
export class SignsOfLife {
  private readonly signs = new Map<string, Sign>()

  /** How long the node has been silent, in milliseconds. */
  silentForMs(node: Live<Node>, lease: Live<Lease> | undefined, monotonicMs: number): number {
    const heartbeat = node.status?.conditions?.find(({ type }) => type === 'Ready')?.lastHeartbeatTime ?? ''
    const text = `${node.metadata.uid} ${lease?.spec?.renewTime ?? ''} ${heartbeat}`
    const known = this.signs.get(node.metadata.name)
    if (known?.text === text) return monotonicMs - known.seenMs
    this.signs.set(node.metadata.name, { text, seenMs: monotonicMs })
    return 0
  }

  forget(nodeName: string): void {
    this.signs.delete(nodeName)
  }
}
