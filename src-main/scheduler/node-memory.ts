import type { NodeInfo } from './node-info.ts'

/**
 * What was found out about nodes, each for as long as it stays what it is. Pods of one make ask the same of thousands
 * of nodes, of which hardly any changed since the last pod.
 */
export class NodeMemory<T> {
  private readonly versions: number[] = []
  private readonly found: T[] = []

  /** Nodes that are only supposed are looked at every time. */
  of(node: NodeInfo, find: (node: NodeInfo) => T): T {
    const { place, version } = node
    if (place < 0) return find(node)
    if (this.versions[place] === version) return this.found[place] as T
    const value = find(node)
    // No holes, so that the engine keeps these as plain arrays.
    while (this.versions.length <= place) {
      this.versions.push(-1)
      this.found.push(value)
    }
    this.versions[place] = version
    this.found[place] = value
    return value
  }
}

/** Memories of one owner; the one that was asked for longest ago goes first. */
const memoriesLimit = 64

/** Memories by who found something out, and by all that it depends on beside the node. */
export class NodeMemories {
  private readonly owners = new WeakMap<object, Map<string, NodeMemory<unknown>>>()

  /** A key of an owner stands for things of one type. */
  of<T>(owner: object, key: string): NodeMemory<T> {
    const own = this.owners.get(owner) ?? new Map<string, NodeMemory<unknown>>()
    this.owners.set(owner, own)
    const memory = own.get(key) ?? new NodeMemory<unknown>()
    own.delete(key)
    own.set(key, memory)
    for (const oldest of own.keys()) {
      if (own.size <= memoriesLimit) break
      own.delete(oldest)
    }
    return memory as NodeMemory<T>
  }
}
