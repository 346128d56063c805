import type { NodeInfo } from './node-info.ts'

/** Nodes by name and as one list, which is copied only when it is given out and then changed. */
export class NodeList {
  private readonly places = new Map<string, number>()
  private list: NodeInfo[] = []
  private isShared = false

  get(name: string): NodeInfo | undefined {
    const place = this.places.get(name)
    return place === undefined ? undefined : this.list[place]
  }

  /** Stays as it is, whatever changes later. */
  all(): readonly NodeInfo[] {
    this.isShared = true
    return this.list
  }

  set(info: NodeInfo): void {
    this.own()
    const place = this.places.get(info.name) ?? this.list.length
    this.list[place] = info
    this.places.set(info.name, place)
  }

  delete(name: string): void {
    const place = this.places.get(name)
    if (place === undefined) return
    this.own()
    this.places.delete(name)
    const last = this.list.pop()
    if (last === undefined || place === this.list.length) return
    this.list[place] = last
    this.places.set(last.name, place)
  }

  private own(): void {
    if (this.isShared) this.list = this.list.slice()
    this.isShared = false
  }
}
