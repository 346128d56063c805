import type { Live } from '../api/meta/object.ts'
import { isTerminated } from '../api/meta/pod.ts'
import type { Pod } from '../api/types/core-v1.ts'

/** Pods without a node for which room is being made on one. Others of lower priority must not take it meanwhile. */
export class NominatedPods {
  readonly byNode = new Map<string, Live<Pod>[]>()
  private readonly nodes = new Map<string, string>()
  private readonly changed: (nodeName: string) => void

  /** `changed` is told the name of every node whose pods are others now. */
  constructor(changed: (nodeName: string) => void) {
    this.changed = changed
  }

  nodeOf(uid: string): string | undefined {
    return this.nodes.get(uid)
  }

  /** Follows what the pod's status says. */
  set(pod: Live<Pod>): void {
    const { uid } = pod.metadata
    const node = pod.status?.nominatedNodeName ?? ''
    if (node === '' && !this.nodes.has(uid)) return
    this.delete(uid)
    if (node !== '' && (pod.spec?.nodeName ?? '') === '' && !isTerminated(pod)) this.nominate(pod, node)
  }

  nominate(pod: Live<Pod>, nodeName: string): void {
    this.delete(pod.metadata.uid)
    this.nodes.set(pod.metadata.uid, nodeName)
    this.byNode.set(nodeName, [...(this.byNode.get(nodeName) ?? []), pod])
    this.changed(nodeName)
  }

  delete(uid: string): void {
    const node = this.nodes.get(uid)
    if (node === undefined) return
    this.nodes.delete(uid)
    const others = (this.byNode.get(node) ?? []).filter(({ metadata }) => metadata.uid !== uid)
    if (others.length === 0) this.byNode.delete(node)
    else this.byNode.set(node, others)
    this.changed(node)
  }
}
