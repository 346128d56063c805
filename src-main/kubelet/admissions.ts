import { node as nodeKind } from '../api/kinds/core/node.ts'
import { isTerminated } from '../api/meta/pod.ts'
import type { Live } from '../api/meta/object.ts'
import type { Node, Pod } from '../api/types/core-v1.ts'
import { admit } from './admission.ts'
import type { KubeletContext } from './context.ts'
import { noContainers } from './pod-containers.ts'
import type { Refusal } from './refusal.ts'

export type Taken = (pod: Live<Pod>, refusal: Refusal | undefined) => void

/**
 * Lets pods in, one after the other. Before one is refused the node is read anew: its labels and taints come by another
 * watch than its pods, and may be behind them.
 */
export class Admissions {
  /** Pods for which the node is being read, in their newest state. */
  private readonly waiting = new Map<string, Live<Pod>>()
  private readonly refused = new Set<string>()
  private readonly admitted = new Set<string>()
  private readonly context: KubeletContext
  private readonly taken: Taken

  constructor(context: KubeletContext, taken: Taken) {
    this.context = context
    this.taken = taken
  }

  /** `taken` is called with the pod, at once or soon. */
  ask(pod: Live<Pod>): void {
    const { uid } = pod.metadata
    if (this.waiting.has(uid)) return void this.waiting.set(uid, pod)
    if (this.wasTaken(pod)) return this.letIn(pod)
    const node = this.context.node()
    if (node !== undefined && this.decide(pod, node) === undefined) return this.letIn(pod)
    this.waiting.set(uid, pod)
    void this.readNode(node).then((fresh) => this.decideAgain(uid, fresh))
  }

  dispose(): void {
    this.waiting.clear()
  }

  /** The pod is gone: nothing is to be decided any more, and its room is free. */
  forget(uid: string): void {
    this.waiting.delete(uid)
    this.refused.delete(uid)
    this.admitted.delete(uid)
  }

  private decideAgain(uid: string, node: Node | undefined): void {
    const pod = this.waiting.get(uid)
    if (pod === undefined) return
    this.waiting.delete(uid)
    const refusal = this.decide(pod, node)
    if (refusal === undefined) return this.letIn(pod)
    this.refused.add(uid)
    this.taken(pod, refusal)
  }

  private letIn(pod: Live<Pod>): void {
    this.admitted.add(pod.metadata.uid)
    this.taken(pod, undefined)
  }

  private decide(pod: Live<Pod>, node: Node | undefined): Refusal | undefined {
    const others = [...this.context.neighbours()].filter((other) => this.takesRoom(other, pod.metadata.uid))
    return admit(pod, others, node)
  }

  private takesRoom(other: Live<Pod>, uid: string): boolean {
    const { uid: own } = other.metadata
    if (own === uid || isTerminated(other) || this.refused.has(own)) return false
    return this.admitted.has(own) || this.wasTaken(other)
  }

  /** Taken before the app was started again, or on its way out: nothing is left to be decided. */
  private wasTaken(pod: Live<Pod>): boolean {
    const { metadata, status } = pod
    return (
      isTerminated(pod) ||
      status?.startTime !== undefined ||
      metadata.deletionTimestamp !== undefined ||
      this.context.view.of(metadata.uid) !== noContainers
    )
  }

  private async readNode(known: Node | undefined): Promise<Node | undefined> {
    try {
      return await this.context.client.get(nodeKind, { name: this.context.nodeName })
    } catch {
      // Without an answer, what was known last decides.
      return known
    }
  }
}
